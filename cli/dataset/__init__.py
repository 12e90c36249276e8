"""``mfccclf dataset``: make and inspect data sets, a command per file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import typer

from .._lazy import LazyGroup

__all__ = ["dataset"]


class DatasetCommands(LazyGroup):
    """The commands of ``mfccclf dataset``."""

    lazy_subcommands: ClassVar[Mapping[str, str]] = {
        "mix": "dataset.mix:mix",
        "cut": "dataset.cut:cut",
        "build": "dataset.build:build",
        "schema": "dataset.build:schema",
        "render-notes": "dataset.render_notes:render_notes",
        "speak": "dataset.speak:speak",
        "noise": "dataset.noise:noise",
        "unpack": "dataset.unpack:unpack",
        "inspect": "dataset.inspect:inspect",
    }


dataset = typer.Typer(
    cls=DatasetCommands,
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="Make and inspect data sets.",
)


@dataset.callback()
def _group() -> None:
    """Make and inspect data sets."""
