"""``mfccclf train``: from labelled clips to a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mfccclf.display.progress import is_terminal, progress_bar

from ._cutting import Hop, Overlap, Tier, Unlabelled, Window, parse_cutting
from ._echo import echo
from ._imports import quick_imports
from ._options import (
    Data,
    Epochs,
    Exclude,
    Jobs,
    Layout,
    Log,
    ModelOutput,
    MultiLabel,
    Preset,
    Seed,
    Set,
    SkipBad,
    Target,
    Validation,
)
from ._parsing import parse_exclude, parse_limits, parse_overrides
from ._training_summary import predict_command, training_summary, usable_clip

__all__ = ["train"]


def train(
    data: Data,
    output: ModelOutput,
    preset: Preset = "default",
    epochs: Epochs = None,
    seed: Seed = 0,
    validation: Validation = None,
    set_: Set = None,
    layout: Layout = "auto",
    target: Target = None,
    exclude: Exclude = None,
    window: Window = None,
    hop: Hop = None,
    overlap: Overlap = None,
    unlabelled: Unlabelled = None,
    tier: Tier = None,
    jobs: Jobs = None,
    multi_label: MultiLabel = False,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Start from the layers of this model, with a new output layer. It "
            "must have the features and layers of the preset.",
        ),
    ] = None,
    freeze: Annotated[
        bool,
        typer.Option("--freeze", help="With --from: train the output layer only."),
    ] = False,
    more: Annotated[
        list[str] | None,
        typer.Option(
            "--also",
            metavar="DATA",
            help="Also learn from these clips of the same labels, such as those of "
            "'dataset speak', or from their features. They do not watch the training. "
            "May be repeated, except with features.",
        ),
    ] = None,
    ood: Annotated[
        list[str] | None,
        typer.Option(
            "--other",
            metavar="DATA",
            help="Learn to be unsure of out-of-distribution clips, which have none of "
            "the labels: noise, music, other words. A folder, a table or features "
            "from 'extract'. May be repeated, except with features.",
        ),
    ] = None,
    ood_unlabelled: Annotated[
        bool,
        typer.Option(
            "--other-unlabelled",
            help="Learn to be unsure of the time in which annotated recordings have no "
            "label, as of --other clips.",
        ),
    ] = False,
    ood_weight: Annotated[
        float,
        typer.Option(
            "--other-weight",
            help="Weight of all --other clips together, against 1 for all of DATA.",
        ),
    ] = 0.5,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="After training, calibrate probabilities and familiarity on the "
            "validation clips; without any, by training three more times.",
        ),
    ] = False,
    min_confidence: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            help="Clips whose best label scores less than P get no label. The model "
            "file keeps this limit.",
        ),
    ] = None,
    min_familiarity: Annotated[
        float | None,
        typer.Option(
            metavar="F",
            help="Clips less familiar than F get no label: 0.01 leaves out one in a "
            "hundred of the known clips. The model file keeps this limit. Needs "
            "validation clips or --calibrate.",
        ),
    ] = None,
    both_epochs: Annotated[
        bool,
        typer.Option(
            "--both-epochs",
            help="Save the best and the last epoch: the one that the preset does not "
            "keep goes to MODEL.other.mfccclf.",
        ),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume an interrupted training.")
    ] = False,
    skip_bad: SkipBad = False,
    log: Log = None,
) -> None:
    """Train a recogniser on labelled clips and save it as one file.

    If DATA has official splits, the model learns from the training split, and the
    validation split watches the training unless --validation names other clips.
    MODEL.checkpoint keeps the state of the training until the model is saved. DATA may
    also be a SOURCES.json as for 'dataset build': its clips are built in MODEL.clips
    first.
    """
    with quick_imports():
        from mfccclf.workflows import DataChoice, check_output, load_training_data

    check_output(output)
    if freeze and from_ is None:
        raise typer.BadParameter("--freeze needs --from MODEL.")
    choice = DataChoice(
        layout=layout,
        target=target,
        exclude=parse_exclude(exclude),
        cutting=parse_cutting(window, hop, overlap, unlabelled, tier),
    )
    overrides = parse_overrides(set_, epochs)
    limits = parse_limits(
        min_confidence=min_confidence, min_familiarity=min_familiarity
    )
    with progress_bar("Clips") as update:
        training_data = load_training_data(
            data,
            validation=validation,
            more=more or (),
            ood=ood or (),
            ood_unlabelled=ood_unlabelled,
            choice=choice,
            preset=preset,
            multilabel=multi_label,
            build_in=output.with_suffix(".clips"),
            on_progress=update,
        )
    with quick_imports():  # torch's takes seconds, and the data may be wrong
        from mfccclf.tracking import open_run_log
        from mfccclf.workflows import (
            RecogniserOptions,
            save_epoch_not_kept,
            train_recogniser,
        )

    options = RecogniserOptions(
        preset=preset,
        overrides=overrides,
        multilabel=multi_label,
        skip_bad=skip_bad,
        random_state=seed,
        start_from=from_,
        freeze=freeze,
        ood_weight=ood_weight,
        calibrate=calibrate,
        limits=limits,
    )
    checkpoint = _find_checkpoint(output, resume=resume)
    with open_run_log(log or (), name=output.stem) as run:
        with progress_bar("Features") as update:
            result = train_recogniser(
                training_data,
                options,
                checkpoint=checkpoint,
                n_jobs=jobs,
                verbose=1 if is_terminal() else 0,
                on_progress=update,
                on_epoch=run.log_epoch,
            )
        run.log_training(result, result.save(output))
    if both_epochs:
        _print_epoch_not_kept(save_epoch_not_kept(result, output))
    checkpoint.unlink(missing_ok=True)
    echo(training_summary(result, output))
    echo(predict_command(usable_clip(training_data, result), output))


def _find_checkpoint(output: Path, *, resume: bool) -> Path:
    """Return where the state of the training goes; say what becomes of an old one."""
    from mfccclf.workflows import find_checkpoint

    checkpoint, is_old = find_checkpoint(output, resume=resume)
    if is_old and resume:
        echo(f"Resumes from {checkpoint}.", err=True)
    elif resume:
        echo(f"No {checkpoint}: starts from the beginning.", err=True)
    elif is_old:
        echo(
            f"Starts from the beginning and discards {checkpoint}. Use --resume to "
            "resume such a training.",
            err=True,
        )
    return checkpoint


def _print_epoch_not_kept(path: Path | None) -> None:
    if path is None:
        echo(
            "There are no validation clips, so the last epoch is the only one.",
            err=True,
        )
    else:
        echo(f"Saved {path}, the epoch that the preset does not keep.")
