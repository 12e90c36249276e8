"""``mfccclf evaluate``: how often a model is right."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from ._errors import print_warning
from ._options import Data, Exclude, Layout, Target, parse_exclude
from ._progress import progress_bar

__all__ = ["evaluate"]


class Format(StrEnum):
    """How scores are printed."""

    text = "text"
    json = "json"


def evaluate(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Shipped model or model file.")
    ],
    data: Data,
    split: Annotated[
        str | None,
        typer.Option(
            help="Split of DATA to test on: train, validation, test or all. "
            "Without it: test where DATA has one, else all clips."
        ),
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.text,
    layout: Layout = "auto",
    target: Target = None,
    exclude: Exclude = None,
) -> None:
    """Print a model's scores on labelled clips."""
    from mfccclf.evaluation import format_scores
    from mfccclf.workflows import evaluate_model, load_test_data

    clips = load_test_data(
        data,
        split=split,
        layout=layout,
        model=model,
        target=target,
        exclude=parse_exclude(exclude),
    )
    with progress_bar("Clips") as update:
        result = evaluate_model(model, clips, on_progress=update)
    if result.seen_in_training:
        print_warning(
            "These are the very clips that the model was trained on. Its scores on "
            "new clips will be lower."
        )
    if format is Format.json:
        typer.echo(json.dumps(result.scores))
    else:
        typer.echo(format_scores(result.scores))
