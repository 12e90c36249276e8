"""Nets as Keras 2 and 3 lay them out on disk, and what Keras computes with them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

Arrays = list[NDArray[np.float32]]

_ACTIVATIONS = {
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True),
    "tanh": np.tanh,
}


class FakeKeras:
    """A sequential net with random weights that can be written as Keras would.

    Layers are added in order; ``config`` and ``weights`` hold what Keras would save.
    """

    def __init__(self, n_frames: int | None, n_features: int) -> None:
        self.rng = np.random.default_rng(0)
        self.width = n_features
        self.layers: list[dict[str, Any]] = []
        self.weights: list[Arrays] = []
        shape = [None, n_frames, n_features]
        self.add("InputLayer", {"batch_input_shape": shape, "name": "input_7"}, [])

    def add(self, kind: str, config: dict[str, Any], weights: Arrays) -> FakeKeras:
        config = {"name": f"{kind.lower()}_{len(self.layers) + 3}", **config}
        self.layers.append({"class_name": kind, "config": config})
        self.weights.append(weights)
        return self

    def lstm(self, units: int, *, bidirectional: bool = False, **config: Any) -> Any:
        full = {
            "units": units,
            "activation": "tanh",
            "recurrent_activation": "sigmoid",
            "use_bias": True,
            "return_sequences": False,
            "go_backwards": False,
            "unit_forget_bias": True,
            **config,
        }
        weights: Arrays = []
        for _ in range(1 + bidirectional):
            weights += [self._draw(self.width, 4 * units), self._draw(units, 4 * units)]
            weights += [self._draw(4 * units)] if full["use_bias"] else []
        self.width = units * (1 + bidirectional)
        if not bidirectional:
            return self.add("LSTM", full, weights)
        inner = {"class_name": "LSTM", "config": {"name": "lstm", **full}}
        return self.add(
            "Bidirectional", {"layer": inner, "merge_mode": "concat"}, weights
        )

    def dense(self, units: int, activation: str = "linear", **config: Any) -> Any:
        full = {"units": units, "activation": activation, "use_bias": True, **config}
        weights = [self._draw(self.width, units)]
        weights += [self._draw(units)] if full["use_bias"] else []
        self.width = units
        return self.add("Dense", full, weights)

    def _draw(self, *shape: int) -> NDArray[np.float32]:
        return self.rng.normal(0, 0.4, shape).astype(np.float32)

    @property
    def config(self) -> dict[str, Any]:
        inner = {"name": "sequential_2", "layers": self.layers}
        return {"class_name": "Sequential", "config": inner, "keras_version": "2.9.0"}

    # Writing

    def write_json(self, path: Path) -> Path:
        path.write_text(json.dumps(self.config))
        return path

    def write_h5(self, path: Path, *, whole: bool = False) -> Path:
        """Write the layout of Keras 2's ``save_weights``, or of its ``save``."""
        with h5py.File(path, "w") as file:
            root = file.create_group("model_weights") if whole else file
            if whole:
                file.attrs["model_config"] = json.dumps(self.config)
            names = [layer["config"]["name"] for layer in self.layers[1:]]
            root.attrs["layer_names"] = np.array(names, dtype="S")
            for name, arrays in zip(names, self.weights[1:], strict=True):
                group = root.create_group(name)
                inner = [f"{name}/part_{i}/kernel:0" for i in range(len(arrays))]
                group.attrs["weight_names"] = np.array(inner, dtype="S")
                for key, array in zip(inner, arrays, strict=True):
                    group[key] = array
        return path

    def write_weights_h5(self, path: Path | io.BytesIO) -> Path | io.BytesIO:
        """Write the layout of Keras 3's ``save_weights``."""
        counts: dict[str, int] = {}
        with h5py.File(path, "w") as file:
            for layer, arrays in zip(self.layers, self.weights, strict=True):
                kind = {"InputLayer": "input_layer"}.get(
                    layer["class_name"], layer["class_name"].lower()
                )
                count = counts[kind] = counts.get(kind, -1) + 1
                key = f"layers/{kind}_{count}" if count else f"layers/{kind}"
                for part, some in _parts(layer["class_name"], arrays):
                    group = file.create_group(f"{key}/{part}")
                    for index, array in enumerate(some):
                        group[str(index)] = array
        return path

    def write_keras(self, path: Path) -> Path:
        weights = io.BytesIO()
        self.write_weights_h5(weights)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", "{}")
            archive.writestr("config.json", json.dumps(self.config))
            archive.writestr("model.weights.h5", weights.getvalue())
        return path

    # Computing

    def predict(self, X: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Compute the probabilities as Keras defines them, in plain numpy."""
        value = X.astype(np.float64)
        for layer, arrays in zip(self.layers, self.weights, strict=True):
            kind, config = layer["class_name"], layer["config"]
            if kind == "LSTM":
                value = _lstm(value, arrays, config)
            elif kind == "Bidirectional":
                value = _bidirectional(value, arrays, config["layer"]["config"])
            elif kind == "Dense":
                value = value @ arrays[0] + (arrays[1] if len(arrays) > 1 else 0)
                value = _ACTIVATIONS[config["activation"]](value)
            elif kind in ("Activation", "Softmax"):
                value = _ACTIVATIONS[config.get("activation", "softmax")](value)
        return value


def _parts(kind: str, arrays: Arrays) -> list[tuple[str, Arrays]]:
    if kind == "LSTM":
        return [("cell/vars", arrays)]
    if kind == "Bidirectional":
        half = len(arrays) // 2
        forward, backward = arrays[:half], arrays[half:]
        return [
            ("forward_layer/cell/vars", forward),
            ("backward_layer/cell/vars", backward),
        ]
    return [("vars", arrays)]


def _lstm(X: Any, arrays: Arrays, config: dict[str, Any]) -> Any:
    kernel, recurrent = arrays[:2]
    bias = arrays[2] if len(arrays) > 2 else 0
    sigmoid = _ACTIVATIONS["sigmoid"]
    h = c = np.zeros((len(X), config["units"]))
    outputs = []
    for frame in range(X.shape[1]):
        i, f, g, o = np.split(X[:, frame] @ kernel + h @ recurrent + bias, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, axis=1) if config["return_sequences"] else h


def _bidirectional(X: Any, arrays: Arrays, config: dict[str, Any]) -> Any:
    half = len(arrays) // 2
    forward = _lstm(X, arrays[:half], config)
    backward = _lstm(X[:, ::-1], arrays[half:], config)
    if config["return_sequences"]:
        backward = backward[:, ::-1]
    return np.concatenate([forward, backward], axis=-1)
