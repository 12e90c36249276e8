"""``mfccclf convert``: a Keras model as one of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._options import parse_features, split_commas

__all__ = ["convert"]


def convert(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="Keras model: .json (with WEIGHTS), .keras or .h5."
        ),
    ],
    labels: Annotated[
        str, typer.Option(help="Labels A,B,... in the order of the net's outputs.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Model file to write (.mfccclf).")
    ],
    weights: Annotated[
        Path | None,
        typer.Argument(metavar="[WEIGHTS]", help="The weights of a .json: .h5."),
    ] = None,
    preset: Annotated[
        str, typer.Option(help="Preset whose features the net was trained on.")
    ] = "names-lstm",
    features: Annotated[
        str | None,
        typer.Option(
            help="In place of the preset's: 14, 33, or blocks such as mfcc,centroid."
        ),
    ] = None,
    pad_to: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Fill up with all-zero columns to this many, for weights that were "
            "trained on such columns.",
        ),
    ] = None,
) -> None:
    """Turn a Keras model of LSTM layers into a model file."""
    from mfccclf.persistence import convert_keras, save_model
    from mfccclf.workflows import check_output

    check_output(output)
    pipeline = convert_keras(
        model,
        weights,
        preset=preset,
        labels=split_commas(labels),
        features=None if features is None else parse_features(features),
        pad_to=pad_to,
    )
    save_model(pipeline, output, metadata={"preset": preset, "source": model.name})
    typer.echo(f"Saved {output}. Look at it: mfccclf describe {output}")
