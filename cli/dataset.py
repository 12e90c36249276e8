"""``mfccclf dataset ...``: make and look into data sets."""

from __future__ import annotations

import typer

from .build import build, schema
from .cut import cut
from .inspect_data import inspect
from .mix import mix
from .render_notes import render_notes
from .unpack import unpack

__all__ = ["dataset"]

dataset = typer.Typer(no_args_is_help=True, help="Make and look into data sets.")


@dataset.callback()
def _group() -> None:
    """Make and look into data sets."""


for _command in (mix, cut, build, schema, render_notes, unpack, inspect):
    dataset.command()(_command)
