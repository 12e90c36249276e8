"""``mfccclf convert``: a Keras or PyTorch net as a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._echo import echo
from ._parsing import parse_features, split_commas

__all__ = ["convert"]

_TORCH_SUFFIXES = (".pt", ".pth")


def convert(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            help="Keras model: .json (with WEIGHTS), .keras or .h5; or PyTorch state "
            "dict: .pth or .pt.",
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
        typer.Argument(metavar="[WEIGHTS]", help="Weights for a .json: .h5."),
    ] = None,
    preset: Annotated[
        str, typer.Option(help="Preset whose features the net was trained on.")
    ] = "names-lstm",
    features: Annotated[
        str | None,
        typer.Option(
            help="Features instead of the preset's: 14, 33, or blocks such as "
            "mfcc,centroid."
        ),
    ] = None,
    pad_to: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Append columns of zeros up to this many, for weights trained on such "
            "columns.",
        ),
    ] = None,
) -> None:
    """Convert a Keras or PyTorch net of LSTM layers to a model file."""
    from mfccclf.persistence import convert_keras, convert_torch, save_model
    from mfccclf.workflows import check_output

    check_output(output)
    names = split_commas(labels)
    if model.suffix.casefold() in _TORCH_SUFFIXES:
        _check_torch_options(weights, features, pad_to)
        pipeline = convert_torch(model, labels=names, preset=preset)
    else:
        pipeline = convert_keras(
            model,
            weights,
            preset=preset,
            labels=names,
            features=None if features is None else parse_features(features),
            pad_to=pad_to,
        )
    save_model(pipeline, output, metadata={"preset": preset, "source": model.name})
    echo(f"Saved {output}. Show its layers: mfccclf describe {output}")


def _check_torch_options(
    weights: Path | None, features: str | None, pad_to: int | None
) -> None:
    if weights is not None or features is not None or pad_to is not None:
        raise typer.BadParameter(
            "WEIGHTS, --features and --pad-to are for Keras models. A PyTorch state "
            "dict needs only --labels and --preset, such as notes-lstm."
        )
