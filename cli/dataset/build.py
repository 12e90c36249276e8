"""``mfccclf dataset build``: labelled clips out of recordings listed in JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .._progress import progress_bar

__all__ = ["build", "schema"]


def build(
    sources: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCES.json",
            help="Recordings with instruments over time; see 'mfccclf dataset schema'.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="New folder for the data set.")
    ],
) -> None:
    """Cut audio and video files into windows and label each by its instruments.

    Every fault of SOURCES.json is listed by its JSON pointer before anything is
    written. A run that was broken off is gone on with.
    """
    from mfccclf.synthesis import build_clips

    with progress_bar("Clips") as update:
        built = build_clips(sources, output, on_progress=update)
    there = built.n_clips - built.n_written
    again = f" ({there} were there already)" if there else ""
    typer.echo(f"Built {built.n_clips} clips{again}.")
    for label, count in built.n_clips_per_label.items():
        typer.echo(f"  {label}: {count}")
    if built.n_unlabelled:
        typer.echo(f"Left out {built.n_unlabelled} windows without an instrument.")
    typer.echo(f"Labels: {built.folder / 'labels.csv'}")


def schema() -> None:
    """Print the JSON Schema of SOURCES.json."""
    import json

    from mfccclf.synthesis import sources_schema

    typer.echo(json.dumps(sources_schema(), indent=2))
