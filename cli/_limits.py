"""The options that say when a model shall say nothing."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["MinConfidence", "MinFamiliarity"]

MinConfidence = Annotated[
    float | None,
    typer.Option(
        metavar="P",
        help="Give no label to a clip whose best label has a score below P. Without "
        "it: as the model file says, else 0.",
    ),
]
MinFamiliarity = Annotated[
    float | None,
    typer.Option(
        metavar="F",
        help="Give no label to a clip that is odder than all but this share of those "
        "that the model knows: 0.01 leaves out one in a hundred of them. Without it: "
        "as the model file says, else 0.",
    ),
]
