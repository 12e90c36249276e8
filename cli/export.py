"""``mfccclf export``: a model for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ._output import echo
from ._parameters import Argument, Option

__all__ = ["export"]


def export(
    model: Annotated[
        str, Argument(metavar="MODEL", help="Shipped model or model file.")
    ],
    onnx: Annotated[Path, Option("--onnx", help="ONNX file to write.")],
) -> None:
    """Write the net of a model as an ONNX file: features in, scores out.

    The file's metadata hold the labels and the feature parameters.
    """
    from mfccclf.persistence import export_onnx
    from mfccclf.workflows import check_output

    check_output(onnx, suffix=".onnx")
    export_onnx(model, onnx)
    echo(f"Saved {onnx} ({onnx.stat().st_size / 1024:,.0f} KB).")
