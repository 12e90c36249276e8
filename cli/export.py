"""``mfccclf export``: a model for other programs, or as a page for browsers."""

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
    onnx: Annotated[
        Path | None, typer.Option("--onnx", help="ONNX file to write.")
    ] = None,
    inputs: Annotated[
        _Inputs | None,
        typer.Option(
            "--from",
            help="What the ONNX file begins with: features (the net alone, by default) "
            "or the samples of one clip (the whole model).",
        ),
    ] = None,
    web: Annotated[
        Path | None,
        typer.Option(
            "--web",
            metavar="FOLDER",
            help="Folder to write a page to that runs the model in a browser.",
        ),
    ] = None,
    runtime: Annotated[
        Path | None,
        typer.Option(
            "--runtime",
            metavar="FOLDER",
            help="Unpacked npm package onnxruntime-web to copy beside the page; "
            "otherwise browsers fetch it from a public address.",
        ),
    ] = None,
) -> None:
    """Export a model as an ONNX file for other programs, or as a page for browsers.

    The metadata of the file hold the labels, the feature parameters and, from samples,
    the rate and all limits. The page listens to the microphone and takes files; it
    needs no server but one that hands out its files.
    """
    _check_options(onnx, inputs, web, runtime)
    if onnx is not None:
        _export_onnx(model, onnx, inputs or _Inputs.features)
    if web is not None:
        _export_web(model, web, runtime)


def _check_options(
    onnx: Path | None, inputs: _Inputs | None, web: Path | None, runtime: Path | None
) -> None:
    if onnx is None and web is None:
        raise typer.BadParameter(
            "Say what to write: --onnx FILE, --web FOLDER or both."
        )
    if inputs is not None and onnx is None:
        raise typer.BadParameter("--from goes with --onnx FILE.")
    if runtime is not None and web is None:
        raise typer.BadParameter("--runtime goes with --web FOLDER.")


def _export_onnx(model: str, path: Path, inputs: _Inputs) -> None:
    from mfccclf.persistence import export_onnx
    from mfccclf.workflows import check_output

    check_output(path, suffix=".onnx")
    export_onnx(model, path, inputs=inputs)
    echo(f"Saved {path} ({path.stat().st_size / 1024:,.0f} KB).")


def _export_web(model: str, folder: Path, runtime: Path | None) -> None:
    from mfccclf.web_page import export_web

    page = export_web(model, folder, runtime=runtime)
    echo(f"Saved {page}. Try it: python -m http.server --directory {folder}")
