"""Understand a Keras net: a stack of LSTM layers, then dense ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from mfccclf.errors import ModelFileError
from mfccclf.persistence.convert.keras_files import KerasFile, layer_configs, layer_name

__all__ = ["KerasNet", "Layer", "read_net"]

_CONVERTIBLE = (
    "InputLayer",
    "LSTM",
    "Bidirectional",
    "Dense",
    "Dropout",
    "Activation",
    "Softmax",
)
# Keras's names of activations that our dense layers know.
_ACTIVATIONS = {
    "elu": "elu",
    "gelu": "gelu",
    "linear": "identity",
    "relu": "relu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
}
# More units, frames or columns than this are a damaged file.
_LARGEST = 2**17
_SAVE_AGAIN = "Only such nets can be converted: train one in mfccclf instead."


@dataclass(kw_only=True)
class Layer:
    """A layer with weights.

    Attributes
    ----------
    name : str
        Keras's name of it.
    units : int
        Its units, per direction.
    index : int
        Its place among all layers of the file.
    activation : str
        Keras's name of its activation.
    dropout : float
        Share of its output that is dropped in training.
    use_bias : bool
        Whether it has biases.
    """

    name: str
    units: int
    index: int
    activation: str
    use_bias: bool
    dropout: float = 0.0


@dataclass(kw_only=True)
class KerasNet:
    """A net that `mfccclf.LSTMClassifier` can be.

    Attributes
    ----------
    name : str
        The file it comes from.
    n_frames : int or None
        Frames of its input; None where any number will do.
    n_features : int
        Values per frame of its input.
    bidirectional : bool
        Whether the LSTM layers read in both directions.
    input_dropout, recurrent_dropout : float
        Of the first LSTM layer; they have no effect on predictions.
    lstm, dense : list of Layer
        Layers in order; the last dense one gives the scores.
    """

    name: str
    n_frames: int | None = None
    n_features: int = 0
    bidirectional: bool = False
    input_dropout: float = 0.0
    recurrent_dropout: float = 0.0
    lstm: list[Layer] = field(default_factory=list)
    dense: list[Layer] = field(default_factory=list)

    @property
    def dense_activation(self) -> str:
        """Activation of the dense layers before the last, by our name."""
        names = {layer.activation for layer in self.dense[:-1]} or {"relu"}
        known = [name for name in names if name in _ACTIVATIONS]
        if len(names) == 1 and known:
            return _ACTIVATIONS[known[0]]
        _refuse(
            self.name,
            f"has dense layers with the activations {', '.join(sorted(names))}",
            f"All but the last must share one of {', '.join(sorted(_ACTIVATIONS))}.",
        )


def read_net(keras_file: KerasFile) -> KerasNet:
    """Read the architecture of a net.

    Parameters
    ----------
    keras_file : KerasFile
        What Keras has saved.

    Returns
    -------
    net : KerasNet
        Its layers.

    Raises
    ------
    ModelFileError
        If the net is anything but a plain stack of the layers that can be converted,
        or one of them has settings that cannot.
    """
    name = keras_file.name
    layers = layer_configs(keras_file.config)
    _check_kinds(layers, name)
    if keras_file.config["class_name"] != "Sequential":
        _check_linear(layers, name)
    net = KerasNet(name=name)
    returns_sequences = True
    for index, layer in enumerate(layers):
        config = layer["config"]
        _read_input_shape(net, config)
        kind = layer["class_name"]
        if kind in ("LSTM", "Bidirectional"):
            if not returns_sequences or net.dense:
                problem = f"has the LSTM {layer_name(layer)} after a final state"
                _refuse(name, problem, "LSTM layers must come first.")
            returns_sequences = _add_lstm(net, layer, index)
        elif kind == "Dense":
            if not net.lstm or returns_sequences:
                problem = f"has the dense layer {layer_name(layer)} on each frame"
                advice = "The last LSTM layer before it must not return sequences."
                _refuse(name, problem, advice)
            net.dense.append(_dense(layer, index))
        else:
            _apply(net, layer)
    _check_ends(net)
    return net


def _check_kinds(layers: list[dict[str, Any]], name: str) -> None:
    foreign = [layer for layer in layers if not _is_convertible(layer)]
    if foreign:
        listed = [
            f"{layer_name(layer)} ({layer.get('class_name')})" for layer in foreign
        ]
        _refuse(
            name,
            f"has layers that cannot be converted: {', '.join(listed)}",
            f"Convertible are {', '.join(_CONVERTIBLE)}.",
        )


def _is_convertible(layer: Mapping[str, Any]) -> bool:
    module = str(layer.get("module") or "keras")
    return (
        layer.get("class_name") in _CONVERTIBLE
        and "keras" in module.split(".")
        and not layer.get("registered_name")
    )


def _check_linear(layers: list[dict[str, Any]], name: str) -> None:
    """Refuse a functional net in which a layer reads anything but the one before."""
    before: list[str] = []
    for layer in layers:
        if sorted(_sources(layer.get("inbound_nodes", []))) != before:
            problem = f"is no plain stack of layers: see {layer_name(layer)}"
            _refuse(name, problem, _SAVE_AGAIN)
        before = [layer_name(layer)]


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


def _read_input_shape(net: KerasNet, config: Mapping[str, Any]) -> None:
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    if shape is None:
        return
    if len(shape) != 3:
        problem = f"has an input of shape {tuple(shape[1:])}"
        _refuse(net.name, problem, "It must be (n_frames, n_features).")
    net.n_frames = None if shape[1] is None else _count(shape[1])
    net.n_features = _count(shape[2])


def _count(value: Any) -> int:
    """Return a number of units, frames or columns; ValueError if it is absurd."""
    if type(value) is not int or not 1 <= value <= _LARGEST:
        raise ValueError(f"{value!r} is no number of units, frames or columns")
    return value


def _rate(value: Any) -> float:
    """Return a share to drop; ValueError if it is none."""
    rate = float(value or 0.0)
    if not 0 <= rate < 1:
        raise ValueError(f"{value!r} is no share to drop")
    return rate


def _add_lstm(net: KerasNet, layer: Mapping[str, Any], index: int) -> bool:
    """Add an LSTM layer; return whether it returns sequences."""
    bidirectional = layer["class_name"] == "Bidirectional"
    if net.lstm and bidirectional != net.bidirectional:
        problem = "mixes LSTM layers of one and of two directions"
        _refuse(net.name, problem, _SAVE_AGAIN)
    where = f"{net.name}: layer {layer_name(layer)}"
    config = _bidirectional_config(layer, where) if bidirectional else layer["config"]
    _check_lstm(config, where)
    if not net.lstm:
        net.bidirectional = bidirectional
        net.input_dropout = _rate(config.get("dropout")) or net.input_dropout
        net.recurrent_dropout = _rate(config.get("recurrent_dropout"))
    net.lstm.append(
        Layer(
            name=layer_name(layer),
            units=_count(config["units"]),
            index=index,
            activation="tanh",
            use_bias=bool(config.get("use_bias", True)),
        )
    )
    return bool(config.get("return_sequences", False))


def _bidirectional_config(layer: Mapping[str, Any], where: str) -> dict[str, Any]:
    outer = layer["config"]
    inner = outer.get("layer") or {}
    if inner.get("class_name") != "LSTM":
        _refuse(where, f"wraps a {inner.get('class_name')}", "It must wrap an LSTM.")
    if outer.get("merge_mode", "concat") != "concat":
        problem = f"has merge_mode {outer['merge_mode']!r}"
        _refuse(where, problem, "It must be 'concat'.")
    config: dict[str, Any] = inner["config"]
    backward = (outer.get("backward_layer") or {}).get("config")
    if backward is not None:
        _check_lstm({**backward, "go_backwards": False}, where)
        if not backward.get("go_backwards") or backward["units"] != config["units"]:
            _refuse(where, "has a backward layer of its own kind", _SAVE_AGAIN)
    return config


def _check_lstm(config: Mapping[str, Any], where: str) -> None:
    wanted: dict[str, Any] = {
        "activation": "tanh",
        "recurrent_activation": "sigmoid",
        "go_backwards": False,
        "time_major": False,
        "return_state": False,
        "stateful": False,
    }
    for key, value in wanted.items():
        found = config.get(key, value)
        if key.endswith("activation"):
            found = _activation(found)
        if found != value:
            _refuse(where, f"has {key}={found!r}", f"It must be {value!r}.")


def _dense(layer: Mapping[str, Any], index: int) -> Layer:
    config = layer["config"]
    return Layer(
        name=layer_name(layer),
        units=_count(config["units"]),
        index=index,
        activation=_activation(config.get("activation", "linear")),
        use_bias=bool(config.get("use_bias", True)),
    )


def _apply(net: KerasNet, layer: Mapping[str, Any]) -> None:
    """Let a layer without weights change the layer before it."""
    config, kind = layer["config"], layer["class_name"]
    if kind == "Dropout":
        rate = _rate(config["rate"])
        if net.dense or net.lstm:
            (net.dense or net.lstm)[-1].dropout = rate
        else:
            net.input_dropout = rate
    elif kind in ("Activation", "Softmax"):
        activation = (
            "softmax" if kind == "Softmax" else _activation(config["activation"])
        )
        if not net.dense or net.dense[-1].activation != "linear":
            problem = f"has the activation {layer_name(layer)} after no linear layer"
            _refuse(net.name, problem, _SAVE_AGAIN)
        net.dense[-1].activation = activation


def _activation(value: Any) -> str:
    """Return an activation's name; newer files may spell it as an object."""
    if isinstance(value, dict):
        inner = value.get("config")
        value = inner if isinstance(inner, str) else value.get("class_name")
    return "linear" if value is None else str(value)


def _check_ends(net: KerasNet) -> None:
    if not net.lstm or not net.dense:
        problem = "is not a stack of LSTM layers with a dense layer at the end"
        _refuse(net.name, problem, _SAVE_AGAIN)
    last = net.dense[-1]
    if last.activation != "softmax" or last.units < 2:
        problem = f"ends in {last.units} units with {last.activation}"
        _refuse(net.name, problem, "It must end in softmax over the labels.")
    if not net.n_features:
        problem = "does not say the shape of its input"
        _refuse(net.name, problem, "Build the net in Keras, and save it again.")


def _refuse(name: str, problem: str, advice: str) -> NoReturn:
    raise ModelFileError(f"{name} {problem}. {advice}")
