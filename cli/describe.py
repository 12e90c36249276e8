"""``mfccclf describe``: the layers of a model or preset."""

from __future__ import annotations

from typing import Annotated

import typer

from ._echo import echo
from ._options import ModelOrPreset, Set
from ._parsing import parse_settings

__all__ = ["describe"]


def describe(
    name: ModelOrPreset,
    set_: Set = None,
    labels: Annotated[
        int | None,
        typer.Option(min=2, help="Number of labels for a preset's net."),
    ] = None,
) -> None:
    """Show the layers of a model or preset, with shapes and parameter counts."""
    from mfccclf.workflows import describe as describe_pipeline
    from mfccclf.workflows import format_description

    description = describe_pipeline(
        str(name), overrides=parse_settings(set_), n_classes=labels
    )
    echo(format_description(description))
