"""What is taken away of a model, as one file each, made by the commands themselves."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from mfccclf.persistence.limit_setting import write_with_limits
from mfccclf.prediction.decisions import Limits
from mfccclf.studio.models import Models, take_name
from mfccclf.studio.problems import StudioError

__all__ = ["KINDS", "take"]

KINDS = ("model", "onnx", "page")
_LONGEST_S = 300.0


def take(models: Models, number: int, kind: str, root: Path, folder: Path) -> Path:
    """Write a version of a model as it is taken away, with the limits chosen for it.

    Parameters
    ----------
    models : Models
        The versions.
    number : int
        Which one.
    kind : {"model", "onnx", "page"}
        The model file, the graph from samples on, or the page in a zip.
    root : Path
        Folder of the clips, which names the file.
    folder : Path
        Where to write.

    Returns
    -------
    path : Path
        The file.

    Raises
    ------
    StudioError
        If there is no such version, or its model cannot be exported.
    """
    name = take_name(root)
    model = folder / f"{name}.mfccclf"
    write_with_limits(models.path(number), model, Limits(**models.limits(number)))
    if kind == "model":
        return model
    if kind == "onnx":
        graph = folder / f"{name}.onnx"
        _export(model, "--from", "samples", "--onnx", str(graph))
        return graph
    page = folder / f"{name}-page"
    _export(model, "--web", str(page))
    packed = folder / f"{name}-page.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(page.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed


def _export(model: Path, *options: str) -> None:
    # In a process of its own, which brings what the server does not need itself.
    done = subprocess.run(
        [sys.executable, "-m", "mfccclf", "export", str(model), *options],
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["The export failed."]
        raise StudioError(lines[-1].removeprefix("Error: "))
