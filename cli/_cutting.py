"""The options that say how annotated recordings are cut into clips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from mfccclf.datasets import Cutting

__all__ = ["Hop", "Overlap", "Tier", "Unlabelled", "Window", "parse_cutting"]

Window = Annotated[
    float | None,
    typer.Option(
        "--window",
        metavar="SECONDS",
        help="Cut annotated recordings into windows of this length. Default: each "
        "annotation is a clip.",
    ),
]
Hop = Annotated[
    float | None,
    typer.Option(
        "--hop",
        metavar="SECONDS",
        help="Time from one window's start to the next. Default: windows touch.",
    ),
]
Overlap = Annotated[
    float | None,
    typer.Option(
        "--overlap",
        metavar="SHARE",
        help="Share of a clip that annotations of a label must cover to give it that "
        "label. Default: 0.5.",
    ),
]
Unlabelled = Annotated[
    str | None,
    typer.Option(
        "--unlabelled",
        metavar="LABEL",
        help="Label for the time in which nothing is annotated. Default: it is left "
        "out.",
    ),
]
Tier = Annotated[
    str | None,
    typer.Option(
        "--tier",
        metavar="NAME",
        help="Tier of TextGrids, or namespace of JAMS files, if there are several.",
    ),
]


def parse_cutting(
    window: float | None,
    hop: float | None,
    overlap: float | None,
    unlabelled: str | None,
    tier: str | None,
) -> Cutting | None:
    """Return how to cut; None if no option was given."""
    from mfccclf.datasets import Cutting

    given: dict[str, Any] = {
        "window": window,
        "hop": hop,
        "overlap": overlap,
        "unlabelled": unlabelled,
        "tier": tier,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    return Cutting(**chosen) if chosen else None
