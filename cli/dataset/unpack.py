"""``mfccclf dataset unpack``: NSynth's TFRecord files as sound files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mfccclf.display.progress import progress_bar

from .._echo import echo

__all__ = ["unpack"]


def unpack(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="TFRecord files of NSynth."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the data set.")
    ],
) -> None:
    """Unpack NSynth's TFRecord files into sound files and their JSON.

    Needs no TensorFlow. Every record's checksum is verified, and a damaged record is
    named by its place in the file.
    """
    from mfccclf.synthesis import unpack_notes

    with progress_bar("Bytes") as update:
        unpacked = unpack_notes(files, output, on_progress=update)
    for name, count in unpacked.counts.items():
        echo(f"Unpacked {count:,} notes into {unpacked.folder / name}.")
