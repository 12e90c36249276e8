"""``mfccclf dataset ...``: make and look into data sets."""

from __future__ import annotations

import typer

from .render_notes import render_notes

__all__ = ["dataset"]

dataset = typer.Typer(no_args_is_help=True, help="Make and look into data sets.")


@dataset.callback()
def _group() -> None:
    """Make and look into data sets."""


for _command in (render_notes,):
    dataset.command()(_command)
