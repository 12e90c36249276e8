"""Read nets that Keras has saved: the architecture as JSON, the weights as HDF5.

Weights come in three layouts: the older HDF5 one with lists of names (``layer_names``
and ``weight_names``), the same within a file of a whole model, and the newer one of
``.weights.h5`` and ``.keras`` files, with numbered variables. No code in them is run.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._inert import first_line
from mfccclf.errors import ModelFileError
from mfccclf.persistence.convert.hdf5 import Room, find, open_hdf5, read_array
from mfccclf.prediction.model_config import fail

__all__ = ["Arrays", "KerasFile", "layer_configs", "layer_name", "read_keras"]

Arrays = list[NDArray[np.float32]]

_HDF5 = b"\x89HDF\r\n\x1a\n"
_ZIP = b"PK"
_CONFIG = "config.json"
_WEIGHTS = "model.weights.h5"
_SIZE_LIMIT = 2**30
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class KerasFile:
    """A net as Keras has saved it.

    Attributes
    ----------
    name : str
        The file of the architecture.
    config : dict
        The architecture.
    weights : list of list of ndarray
        Arrays of each layer: layers in the architecture's order, arrays in Keras's.
    """

    name: str
    config: dict[str, Any]
    weights: list[Arrays]


def read_keras(
    architecture: str | PathLike[str], weights: str | PathLike[str] | None
) -> KerasFile:
    """Read a net that Keras has saved.

    Parameters
    ----------
    architecture : path-like
        A ``.json`` file, a ``.keras`` file, or an ``.h5`` file of a whole model.
    weights : path-like or None
        The ``.h5`` file of the weights; None if ``architecture`` holds them.

    Returns
    -------
    keras_file : KerasFile
        Architecture and weights.

    Raises
    ------
    ModelFileError
        If a file is missing, damaged or not one that Keras saved.
    MissingExtraError
        If h5py is not installed.
    """
    name = str(architecture)
    content = _read_bytes(architecture)
    stored: bytes | None = None
    if content.startswith(_ZIP):
        text, stored = _unzip(content, name)
    elif content.startswith(_HDF5):
        text, stored = _stored_config(content, name), content
    else:
        text = content
    if weights is not None:
        stored = _read_bytes(weights)
    if stored is None:
        fail(name, "holds no weights", "Name the .h5 file of the weights, too.")
    config = _parse(text, name)
    source = name if weights is None else str(weights)
    return KerasFile(name, config, _read_weights(stored, layer_configs(config), source))


def layer_configs(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of the layers.

    Raises
    ------
    KeyError, TypeError, ValueError
        If they do not look like layers.
    """
    inner = config["config"]  # the oldest files list the layers here
    layers = inner if isinstance(inner, list) else inner["layers"]
    for layer in layers:
        if not isinstance(layer.get("config") if isinstance(layer, dict) else 0, dict):
            raise ValueError(f"{layer!r} is no layer")
    return list(layers)


def layer_name(layer: Mapping[str, Any]) -> str:
    """Return a layer's name in Keras."""
    return str(layer["config"].get("name", layer.get("name", "")))


def _read_bytes(path: str | PathLike[str]) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_SIZE_LIMIT + 1)
    except FileNotFoundError as error:
        raise ModelFileError(f"There is no file {path}. Check the name.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelFileError(f"{path} cannot be read ({reason}).") from error
    if len(content) > _SIZE_LIMIT:
        fail(str(path), f"has more than {_SIZE_LIMIT:,} bytes", "Name another file.")
    if not content:
        fail(str(path), "is empty", "Save the net again.")
    return content


def _unzip(content: bytes, name: str) -> tuple[bytes, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            config, weights = map(archive.getinfo, (_CONFIG, _WEIGHTS))
            for info in (config, weights):
                if info.file_size > _SIZE_LIMIT or info.compress_type not in _METHODS:
                    problem = f"has a {info.filename} of absurd size or packing"
                    fail(name, problem, "Save the net again.")
            return archive.read(config), archive.read(weights)
    except ModelFileError:
        raise
    except KeyError as error:
        fail(
            name,
            "is a zip file, but not one that Keras saved",
            "Name a .keras file.",
            error,
        )
    except Exception as error:  # damaged zips make zipfile raise many others
        fail(name, f"is damaged ({first_line(error)})", "Save the net again.", error)


def _stored_config(content: bytes, name: str) -> bytes:
    with open_hdf5(content, name) as file:
        config = file.attrs.get("model_config")
    if config is None:
        advice = "Name the .json file of the architecture first, then this file."
        fail(name, "holds weights, but no architecture", advice)
    return config if isinstance(config, bytes) else str(config).encode()


def _parse(text: bytes, name: str) -> dict[str, Any]:
    try:
        config = json.loads(text.decode("utf-8"))
        if not isinstance(config, dict) or "class_name" not in config:
            raise ValueError("no class_name")
        layer_configs(config)
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        advice = "Save it with to_json, or name a .keras or whole-model .h5 file."
        fail(name, "is not the architecture of a Keras net", advice, error)
    return config


def _read_weights(
    content: bytes, layers: Sequence[Mapping[str, Any]], name: str
) -> list[Arrays]:
    with open_hdf5(content, name) as file:
        try:
            root = find(file, "model_weights") or file
            if "layer_names" in root.attrs or "layer_names0" in root.attrs:
                room = Room()
                return [_named_arrays(root, layer_name(one), room) for one in layers]
            numbered = find(root, "layers")
            if numbered is not None:
                return _numbered_arrays(numbered, layers)
        except Exception as error:  # damaged files make h5py raise many kinds
            problem = f"lacks weights of the architecture ({first_line(error)})"
            fail(name, problem, "Name the weights of this net.", error)
    fail(
        name, "holds no weights in a layout that Keras uses", "Save the weights again."
    )


def _named_arrays(root: Any, layer: str, room: Room) -> Arrays:
    """Read a layer of the older layout, which may omit layers without weights."""
    group = find(root, layer)
    if group is None:
        return []
    names = group.attrs["weight_names"]
    return [read_array(group, _text(name), room) for name in names]


def _numbered_arrays(root: Any, layers: Sequence[Mapping[str, Any]]) -> list[Arrays]:
    """Read the newer layout, which names layers by class, counted from 0."""
    room = Room()
    counts: dict[str, int] = {}
    found = []
    for layer in layers:
        kind = _snake_case(str(layer["class_name"]))
        count = counts.get(kind, 0)
        counts[kind] = count + 1
        group = find(root, f"{kind}_{count}" if count else kind)
        found.append([] if group is None else _layer_arrays(group, room))
    return found


def _layer_arrays(group: Any, room: Room) -> Arrays:
    if find(group, "forward_layer") is not None:
        paths = ["forward_layer/cell/vars", "backward_layer/cell/vars"]
    elif find(group, "cell") is not None:
        paths = ["cell/vars"]
    else:
        paths = ["vars"]
    return [array for path in paths for array in _variables(group, path, room)]


def _variables(group: Any, path: str, room: Room) -> Arrays:
    part = find(group, path)
    if part is None:
        raise KeyError(path)
    return [read_array(part, key, room) for key in sorted(part, key=int)]


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _snake_case(name: str) -> str:
    """Return a class's name as in files: "input_layer" for "InputLayer"."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
