"""Options that several commands of ``dataset`` share, and what they print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["NewFolder", "Rate", "resumed"]

NewFolder = Annotated[
    Path, typer.Option("--output", "-o", help="New folder for the data set.")
]
Rate = Annotated[int, typer.Option(min=1000, help="Sample rate in Hz.")]


def resumed(n_all: int, n_written: int) -> str:
    """Return a note on the clips that an interrupted run had written before."""
    before = n_all - n_written
    return f" ({before} of them had been written before)" if before else ""
