"""``mfccclf export``: a model's net for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._echo import echo

__all__ = ["export"]


def export(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Shipped model or model file.")
    ],
    onnx: Annotated[Path, typer.Option("--onnx", help="ONNX file to write.")],
) -> None:
    """Export the net of a model as an ONNX file: features in, scores out.

    The metadata of the file hold the labels and the feature parameters.
    """
    from mfccclf.persistence import export_onnx
    from mfccclf.workflows import check_output

    check_output(onnx, suffix=".onnx")
    export_onnx(model, onnx)
    echo(f"Saved {onnx} ({onnx.stat().st_size / 1024:,.0f} KB).")
