"""``mfccclf dataset build``: labelled clips from recordings that a JSON file lists."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mfccclf.display.progress import progress_bar

from .._echo import echo
from ._options import NewFolder, resumed

__all__ = ["build", "schema"]


def build(
    sources: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCES.json",
            help="Recordings with instruments over time; see 'mfccclf dataset schema'.",
        ),
    ],
    output: NewFolder,
) -> None:
    """Cut audio and video files into windows, labelled by the instruments they hold.

    Every fault of SOURCES.json is listed by its JSON pointer before anything is
    written. Resumes an interrupted run.
    """
    from mfccclf.synthesis import build_clips

    with progress_bar("Clips") as update:
        built = build_clips(sources, output, on_progress=update)
    echo(f"Built {built.n_clips} clips{resumed(built.n_clips, built.n_written)}.")
    for label, count in built.n_clips_per_label.items():
        echo(f"  {label}: {count}")
    if built.n_unlabelled:
        echo(f"Left out {built.n_unlabelled} windows without an instrument.")
    echo(f"Labels: {built.table}")


def schema() -> None:
    """Print the JSON Schema of SOURCES.json."""
    import json

    from mfccclf.synthesis import sources_schema

    echo(json.dumps(sources_schema(), indent=2))
