"""``mfccclf export``: a model for other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ._echo import echo
from ._options import TrainedModel

__all__ = ["export"]


class _Inputs(StrEnum):
    """What an ONNX file begins with."""

    features = "features"
    samples = "samples"


def export(
    model: TrainedModel,
    onnx: Annotated[Path, typer.Option("--onnx", help="ONNX file to write.")],
    inputs: Annotated[
        _Inputs,
        typer.Option(
            "--from",
            help="What the ONNX file begins with: features (the net alone), or the "
            "samples of one clip (the whole model).",
        ),
    ] = _Inputs.features,
) -> None:
    """Export a model as an ONNX file for other programs: scores come out.

    The metadata of the file hold the labels, the feature parameters and, from samples,
    the rate and all limits.
    """
    from mfccclf.persistence import export_onnx
    from mfccclf.workflows import check_output

    check_output(onnx, suffix=".onnx")
    export_onnx(model, onnx, inputs=inputs)
    echo(f"Saved {onnx} ({onnx.stat().st_size / 1024:,.0f} KB).")
