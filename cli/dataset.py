"""``mfccclf dataset ...``: make and look into data sets."""

from __future__ import annotations

import typer

from .inspect import inspect
from .mix import mix
from .render_notes import render_notes

__all__ = ["dataset"]

dataset = typer.Typer(no_args_is_help=True, help="Make and look into data sets.")


@dataset.callback()
def _group() -> None:
    """Make and look into data sets."""


for _command in (mix, render_notes, inspect):
    dataset.command()(_command)
