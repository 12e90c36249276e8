"""``mfccclf train``: from labelled clips to a model file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._options import Data, Jobs, Layout, Set, parse_settings
from ._progress import is_terminal, progress_bar

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
    validation: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="Clips to watch the training with."),
    ] = None,
    set_: Set = None,
    layout: Layout = "auto",
    jobs: Jobs = None,
) -> None:
    """Train a recogniser on labelled clips and save it as one file.

    Where DATA has official splits, the training split is learned from and the
    validation split is watched, unless --validation names other clips.
    """
    from mfccclf.workflows import check_output, load_training_data, train_recogniser

    check_output(output)
    overrides = parse_settings(set_)
    if epochs is not None:
        overrides["max_epochs"] = epochs
    clips, watched = load_training_data(data, validation=validation, layout=layout)
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
        )
    result.save(output)
    typer.echo(_summary(result, output))
    typer.echo(_predict_command(clips.paths[0], output))


def _summary(result: TrainingResult, output: Path) -> str:
    lines = [
        f"Trained {result.preset} on {result.n_clips} clips of "
        f"{len(result.classes)} labels: {', '.join(result.classes)}.",
        f"{result.n_epochs} epochs in {result.duration_s:.1f} s, "
        f"{result.n_parameters:,} parameters.",
    ]
    for part, scores in result.scores.items():
        lines.append(
            f"{part.capitalize()} accuracy {scores['accuracy']:.3f}, "
            f"loss {scores['loss']:.3f} ({scores['n_clips']} clips)."
        )
    size = output.stat().st_size / 1024
    lines.append(f"Saved {output} ({size:,.0f} KB).")
    return "\n".join(lines)


def _predict_command(clip: str, output: Path) -> str:
    command = f"mfccclf predict {shlex.quote(clip)} --model {shlex.quote(str(output))}"
    return f"Try it:\n  {command}"
