"""The options that decide when a model gives no label."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["MinConfidence", "MinFamiliarity"]

MinConfidence = Annotated[
    float | None,
    typer.Option(
        metavar="P",
        help="Give no label to a clip whose best score is below P. Default: the limit "
        "in the model file, else 0.",
    ),
]
MinFamiliarity = Annotated[
    float | None,
    typer.Option(
        metavar="F",
        help="Give no label to a clip less familiar than F: 0.01 leaves about one in a "
        "hundred known clips without a label. Default: the limit in the model file, "
        "else 0.",
    ),
]
