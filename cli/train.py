"""``mfccclf train``: from labelled clips to a model file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._options import (
    Data,
    Exclude,
    Jobs,
    Layout,
    MultiLabel,
    Set,
    Target,
    Validation,
    parse_exclude,
    parse_settings,
)
from ._progress import is_terminal, progress_bar
from ._training import build_if_sources, predict_command, training_summary

if TYPE_CHECKING:
    from mfccclf.workflows import TrainingResult

__all__ = ["train"]


def train(
    data: Data,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Model file to write (.mfccclf).")
    ],
    preset: Annotated[
        str, typer.Option(help="Preset, or preset file (.yaml) of your own.")
    ] = "default",
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs, in place of the preset's.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Equal seeds give equal models.")
    ] = 0,
    validation: Validation = None,
    set_: Set = None,
    layout: Layout = "auto",
    target: Target = None,
    exclude: Exclude = None,
    jobs: Jobs = None,
    multi_label: MultiLabel = False,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Start from the layers of this model, with a new output; it must have "
            "the features and layers of the preset.",
        ),
    ] = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="With --from: train the output alone.")
    ] = False,
    also: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DATA",
            help="Also learn from these clips of the same labels, such as those of "
            "'dataset speak', or their features; they are not watched. May be "
            "repeated, but not with features.",
        ),
    ] = None,
    other: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DATA",
            help="Also learn from clips of none of the labels, to be unsure of such: "
            "noise, music, other words. A folder, a table or features "
            "of 'extract'. May be repeated, but not with features.",
        ),
    ] = None,
    other_weight: Annotated[
        float, typer.Option(help="How much they count, against 1 for all of DATA.")
    ] = 0.5,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="In the end, make probabilities and familiarity fit the validation "
            "clips; without any, by training three times more.",
        ),
    ] = False,
    min_confidence: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            help="Keep in the model file that it shall give no label to a clip whose "
            "best label has a score below P.",
        ),
    ] = None,
    min_familiarity: Annotated[
        float | None,
        typer.Option(
            metavar="F",
            help="Likewise for clips that are odder than all but this share of those "
            "that it knows, say 0.01. Needs validation clips or --calibrate.",
        ),
    ] = None,
    both_epochs: Annotated[
        bool,
        typer.Option(
            "--both-epochs",
            help="Save the best and the last epoch, the one that the preset does not "
            "keep as MODEL.other.mfccclf.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with a training that was broken off."),
    ] = False,
) -> None:
    """Train a recogniser on labelled clips and save it as one file.

    Where DATA has official splits, the training split is learned from and the
    validation split is watched, unless --validation names other clips. The state of
    the training is kept in MODEL.checkpoint until the model is saved. DATA may also be
    the SOURCES.json of 'dataset build': its clips are built in MODEL.clips first.
    """
    from mfccclf.workflows import (
        check_output,
        load_more_clips,
        load_other_clips,
        load_training_data,
        train_recogniser,
    )

    check_output(output)
    if freeze and from_ is None:
        raise typer.BadParameter("--freeze needs --from MODEL.")
    overrides = parse_settings(set_)
    if epochs is not None:
        overrides["max_epochs"] = epochs
    data = build_if_sources(data, output)
    checkpoint = _find_checkpoint(output, resume=resume)
    clips, watched = load_training_data(
        data,
        validation=validation,
        layout=layout,
        preset=preset,
        target=target,
        exclude=parse_exclude(exclude),
    )
    more = load_more_clips(also, clips, multilabel=multi_label) if also else None
    limits = {"min_confidence": min_confidence, "min_familiarity": min_familiarity}
    with progress_bar("Features") as update:
        result = train_recogniser(
            clips,
            preset=preset,
            overrides=overrides,
            validation=watched,
            random_state=seed,
            n_jobs=jobs,
            verbose=1 if is_terminal() else 0,
            on_progress=update,
            checkpoint=checkpoint,
            multilabel=multi_label,
            start_from=from_,
            freeze=freeze,
            more=more,
            others=load_other_clips(other) if other else None,
            other_weight=other_weight,
            calibrate=calibrate,
            limits={k: v for k, v in limits.items() if v is not None},
        )
    result.save(output)
    if both_epochs:
        _save_other_epoch(result, output)
    checkpoint.unlink(missing_ok=True)
    typer.echo(training_summary(result, output))
    typer.echo(predict_command(clips.paths[0], output))


def _save_other_epoch(result: TrainingResult, output: Path) -> None:
    other = result.other_epoch()
    if other is None:
        typer.echo(
            "There are no validation clips, so the last epoch is the only one.",
            err=True,
        )
        return
    path = output.with_suffix(f".other{output.suffix}")
    other.save(path)
    typer.echo(f"Saved {path}, the epoch that the preset does not keep.")


def _find_checkpoint(output: Path, *, resume: bool) -> Path:
    """Return where the state of the training goes; say what becomes of an old one."""
    checkpoint = output.with_suffix(".checkpoint")
    if resume and checkpoint.exists():
        typer.echo(f"Goes on from {checkpoint}.", err=True)
    elif resume:
        typer.echo(f"No {checkpoint}: starts from the beginning.", err=True)
    elif checkpoint.exists():
        typer.echo(
            f"Starts anew and drops {checkpoint}; --resume would go on from it.",
            err=True,
        )
        checkpoint.unlink()
    return checkpoint
