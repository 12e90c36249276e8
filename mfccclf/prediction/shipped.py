"""Find a model, shipped or of one's own, by name or path."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from os import PathLike, fspath
from pathlib import Path

from mfccclf._validation import suggest
from mfccclf.errors import ModelFileError
from mfccclf.prediction.model_file import SUFFIX, ModelFile

__all__ = ["open_model", "shipped_models"]


def shipped_models() -> dict[str, Traversable]:
    """Return the models that ship with the package.

    Returns
    -------
    models : dict of str to Traversable
        File of each model by name, sorted. `Predictor` and `mfccclf.load_model` accept
        these names.

    Examples
    --------
    >>> from mfccclf.prediction import shipped_models
    >>> list(shipped_models()) == sorted(shipped_models())
    True
    """
    entries = [
        (Path(entry.name), entry) for entry in files("mfccclf.weights").iterdir()
    ]
    found = {path.stem: entry for path, entry in entries if path.suffix == SUFFIX}
    return dict(sorted(found.items()))


def open_model(model: str | PathLike[str]) -> ModelFile:
    """Read a model file, given the name of a shipped model or a path.

    Parameters
    ----------
    model : str or path-like
        A plain word such as ``"names"`` means a shipped model, even if there is a file
        or folder of that name (write ``"./names"`` for that); anything else is a path.

    Returns
    -------
    model_file : ModelFile
        Its content, checked.

    Raises
    ------
    ModelFileError
        If there is no such model, or its file cannot be used.

    Examples
    --------
    >>> from mfccclf.prediction import open_model
    >>> open_model("names").classes
    ['James', 'Jennifer', 'Linda', 'Maria', 'Patricia']
    """
    name = fspath(model)
    if not isinstance(model, str) or Path(name).name != name or Path(name).suffix:
        return ModelFile(model)
    shipped = shipped_models()
    if name in shipped:
        return ModelFile(shipped[name], name=name)
    if Path(name).is_file():
        return ModelFile(model)
    raise ModelFileError(_unknown_model(name, list(shipped)))


def _unknown_model(name: str, shipped: list[str]) -> str:
    nearby = [path.name for path in Path().glob(f"*{SUFFIX}")]
    if Path(name).is_dir():
        text = f"{name} is a folder, not a model. "
    else:
        text = f"There is no model {name!r}, neither shipped nor as a file. "
    text += f"Shipped models: {', '.join(shipped) or 'none'}. "
    advice = suggest(name, [*shipped, *nearby])
    return text + (advice or f"A model of your own is a path to a {SUFFIX} file.")
