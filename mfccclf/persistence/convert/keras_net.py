"""Understand a Keras net: a stack of LSTM layers, then dense ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mfccclf.persistence.convert.keras_files import KerasFile, layer_configs, layer_name
from mfccclf.persistence.convert.keras_layers import (
    TRAIN_INSTEAD,
    check_kinds,
    check_stack,
    read_activation,
    read_count,
    read_lstm,
    read_rate,
)
from mfccclf.prediction.model_config import fail

__all__ = ["KerasNet", "Layer", "read_net"]

# Keras's names of activations that our dense layers have, too.
_ACTIVATIONS = {
    "elu": "elu",
    "gelu": "gelu",
    "linear": "identity",
    "relu": "relu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
}


@dataclass(kw_only=True)
class Layer:
    """A layer with weights.

    Attributes
    ----------
    name : str
        Its name in Keras.
    units : int
        Its units, per direction.
    index : int
        Its place among all layers of the file.
    activation : str
        Keras's name of its activation.
    use_bias : bool
        Whether it has biases.
    dropout : float, default=0.0
        Share of its output that is dropped in training.
    returns_sequences : bool, default=False
        Whether it gives an output per frame.
    """

    name: str
    units: int
    index: int
    activation: str
    use_bias: bool
    dropout: float = 0.0
    returns_sequences: bool = False


@dataclass(kw_only=True)
class KerasNet:
    """A net that a `mfccclf.LSTMClassifier` can represent.

    Attributes
    ----------
    name : str
        The file that it comes from.
    n_frames : int or None
        Frames of its input; None for any number.
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
        fail(
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
        If the net is anything but a plain stack of convertible layers, or a layer has
        settings that cannot be converted.
    """
    name = keras_file.name
    layers = layer_configs(keras_file.config)
    check_kinds(layers, name)
    if keras_file.config["class_name"] != "Sequential":
        check_stack(layers, name)
    net = KerasNet(name=name)
    for index, layer in enumerate(layers):
        _read_input_shape(net, layer["config"])
        _READERS.get(layer["class_name"], _skip)(net, layer, index)
    _check_ends(net)
    return net


def _read_input_shape(net: KerasNet, config: Mapping[str, Any]) -> None:
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    if shape is None:
        return
    if len(shape) != 3:
        problem = f"has an input of shape {tuple(shape[1:])}"
        fail(net.name, problem, "It must be (n_frames, n_features).")
    net.n_frames = None if shape[1] is None else read_count(shape[1])
    net.n_features = read_count(shape[2])


def _add_lstm(net: KerasNet, layer: Mapping[str, Any], index: int) -> None:
    _check_place(net, layer)
    config = read_lstm(layer, net.name)
    if not net.lstm:
        net.bidirectional = _is_bidirectional(layer)
        net.input_dropout = read_rate(config.get("dropout")) or net.input_dropout
        net.recurrent_dropout = read_rate(config.get("recurrent_dropout"))
    net.lstm.append(
        Layer(
            name=layer_name(layer),
            units=read_count(config["units"]),
            index=index,
            activation="tanh",
            use_bias=bool(config.get("use_bias", True)),
            returns_sequences=bool(config.get("return_sequences", False)),
        )
    )


def _check_place(net: KerasNet, layer: Mapping[str, Any]) -> None:
    """Refuse an LSTM layer that cannot follow the layers before it."""
    if net.dense or (net.lstm and not net.lstm[-1].returns_sequences):
        problem = f"has the LSTM {layer_name(layer)} after a final state"
        fail(net.name, problem, "LSTM layers must come first.")
    if net.lstm and _is_bidirectional(layer) != net.bidirectional:
        problem = "mixes LSTM layers of one and of two directions"
        fail(net.name, problem, TRAIN_INSTEAD)


def _is_bidirectional(layer: Mapping[str, Any]) -> bool:
    return bool(layer["class_name"] == "Bidirectional")


def _add_dense(net: KerasNet, layer: Mapping[str, Any], index: int) -> None:
    if not net.lstm or net.lstm[-1].returns_sequences:
        problem = f"has the dense layer {layer_name(layer)} on each frame"
        advice = "The last LSTM layer before it must not return sequences."
        fail(net.name, problem, advice)
    config = layer["config"]
    net.dense.append(
        Layer(
            name=layer_name(layer),
            units=read_count(config["units"]),
            index=index,
            activation=read_activation(config.get("activation", "linear")),
            use_bias=bool(config.get("use_bias", True)),
        )
    )


def _add_dropout(net: KerasNet, layer: Mapping[str, Any], index: int) -> None:
    rate = read_rate(layer["config"]["rate"])
    if net.dense or net.lstm:
        (net.dense or net.lstm)[-1].dropout = rate
    else:
        net.input_dropout = rate


def _add_softmax(net: KerasNet, layer: Mapping[str, Any], index: int) -> None:
    _set_activation(net, layer, "softmax")


def _add_activation(net: KerasNet, layer: Mapping[str, Any], index: int) -> None:
    _set_activation(net, layer, read_activation(layer["config"]["activation"]))


def _set_activation(net: KerasNet, layer: Mapping[str, Any], activation: str) -> None:
    if not net.dense or net.dense[-1].activation != "linear":
        problem = f"has the activation {layer_name(layer)}, but no linear layer before"
        fail(net.name, problem, TRAIN_INSTEAD)
    net.dense[-1].activation = activation


def _skip(net: KerasNet, layer: Mapping[str, Any], index: int) -> None:
    """Read nothing else of an input layer but its shape."""


_READERS = {
    "Activation": _add_activation,
    "Bidirectional": _add_lstm,
    "Dense": _add_dense,
    "Dropout": _add_dropout,
    "LSTM": _add_lstm,
    "Softmax": _add_softmax,
}


def _check_ends(net: KerasNet) -> None:
    if not net.lstm or not net.dense:
        problem = "is not a stack of LSTM layers with a dense layer at the end"
        fail(net.name, problem, TRAIN_INSTEAD)
    last = net.dense[-1]
    if last.activation != "softmax" or last.units < 2:
        problem = f"ends in {last.units} units with {last.activation}"
        fail(net.name, problem, "It must end in softmax over the labels.")
    if not net.n_features:
        problem = "does not say the shape of its input"
        fail(net.name, problem, "Build the net in Keras, and save it again.")
