"""Read single layers of a Keras architecture, and refuse what cannot be converted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mfccclf.persistence.convert.keras_files import layer_name
from mfccclf.prediction.model_config import fail

__all__ = [
    "TRAIN_INSTEAD",
    "check_kinds",
    "check_stack",
    "read_activation",
    "read_count",
    "read_lstm",
    "read_rate",
]

TRAIN_INSTEAD = "Only plain stacks of layers can be converted. Train it in mfccclf."

_CONVERTIBLE = (
    "InputLayer",
    "LSTM",
    "Bidirectional",
    "Dense",
    "Dropout",
    "Activation",
    "Softmax",
)
_LSTM_SETTINGS: Mapping[str, Any] = {
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "go_backwards": False,
    "time_major": False,
    "return_state": False,
    "stateful": False,
}
# More units, frames or columns than this mean a damaged file.
_LARGEST = 2**17


def check_kinds(layers: list[dict[str, Any]], name: str) -> None:
    """Refuse a net with layers of a kind that cannot be converted."""
    foreign = [layer for layer in layers if not _is_convertible(layer)]
    if foreign:
        listed = [
            f"{layer_name(layer)} ({layer.get('class_name')})" for layer in foreign
        ]
        fail(
            name,
            f"has layers that cannot be converted: {', '.join(listed)}",
            f"Convertible are {', '.join(_CONVERTIBLE)}.",
        )


def check_stack(layers: list[dict[str, Any]], name: str) -> None:
    """Refuse a functional net in which a layer reads anything but the one before."""
    before: list[str] = []
    for layer in layers:
        if sorted(_sources(layer.get("inbound_nodes", []))) != before:
            problem = f"is not a plain stack of layers: see {layer_name(layer)}"
            fail(name, problem, TRAIN_INSTEAD)
        before = [layer_name(layer)]


def read_count(value: Any) -> int:
    """Return a number of units, frames or columns; ValueError if it is absurd."""
    if type(value) is not int or not 1 <= value <= _LARGEST:
        raise ValueError(f"{value!r} is no number of units, frames or columns")
    return value


def read_rate(value: Any) -> float:
    """Return a dropout rate; ValueError if it is out of range."""
    rate = float(value or 0.0)
    if not 0 <= rate < 1:
        raise ValueError(f"{value!r} is no dropout rate")
    return rate


def read_activation(value: Any) -> str:
    """Return an activation's name; newer files may spell it as an object."""
    if isinstance(value, dict):
        inner = value.get("config")
        value = inner if isinstance(inner, str) else value.get("class_name")
    return "linear" if value is None else str(value)


def read_lstm(layer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the settings of an LSTM layer, whether or not it is bidirectional.

    Raises
    ------
    ModelFileError
        If they are settings that torch's LSTM does not have.
    """
    where = f"{name}: layer {layer_name(layer)}"
    config: Mapping[str, Any] = layer["config"]
    if layer["class_name"] == "Bidirectional":
        config = _forward_config(config, where)
    _check_settings(config, where)
    return config


def _is_convertible(layer: Mapping[str, Any]) -> bool:
    module = str(layer.get("module") or "keras")
    return (
        layer.get("class_name") in _CONVERTIBLE
        and "keras" in module.split(".")
        and not layer.get("registered_name")
    )


def _sources(nodes: Any) -> list[str]:
    """Return the names of the layers that inbound nodes of any Keras refer to."""
    if isinstance(nodes, dict):
        history = nodes.get("keras_history")
        if isinstance(history, list) and history:
            return [str(history[0])]
        return [source for value in nodes.values() for source in _sources(value)]
    if not isinstance(nodes, list):
        return []
    if nodes and isinstance(nodes[0], str):
        rest = [source for value in nodes[1:] for source in _sources(value)]
        return [nodes[0], *rest]
    return [source for node in nodes for source in _sources(node)]


def _forward_config(outer: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    inner = outer.get("layer") or {}
    if inner.get("class_name") != "LSTM":
        fail(where, f"wraps a {inner.get('class_name')}", "It must wrap an LSTM.")
    if outer.get("merge_mode", "concat") != "concat":
        problem = f"has merge_mode {outer['merge_mode']!r}"
        fail(where, problem, "It must be 'concat'.")
    config: Mapping[str, Any] = inner["config"]
    backward = (outer.get("backward_layer") or {}).get("config")
    if backward is not None:
        _check_settings({**backward, "go_backwards": False}, where)
        if not backward.get("go_backwards") or backward["units"] != config["units"]:
            fail(where, "has a backward layer of another kind", TRAIN_INSTEAD)
    return config


def _check_settings(config: Mapping[str, Any], where: str) -> None:
    for key, value in _LSTM_SETTINGS.items():
        found = config.get(key, value)
        if key.endswith("activation"):
            found = read_activation(found)
        if found != value:
            fail(where, f"has {key}={found!r}", f"It must be {value!r}.")
