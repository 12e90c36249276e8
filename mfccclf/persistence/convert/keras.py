"""Convert nets saved by Keras to fitted pipelines."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf.errors import ModelFileError
from mfccclf.estimators import LSTMClassifier
from mfccclf.persistence.convert.keras_files import Arrays, KerasFile, read_keras
from mfccclf.persistence.convert.keras_front_end import make_front_end
from mfccclf.persistence.convert.keras_net import KerasNet, Layer, read_net
from mfccclf.persistence.convert.label_order import sort_labels

__all__ = ["convert_keras"]

State = dict[str, NDArray[np.float32]]


def convert_keras(
    architecture: str | PathLike[str],
    weights: str | PathLike[str] | None = None,
    *,
    labels: Sequence[str],
    preset: str | None = None,
    features: Any = None,
    pad_to: int | None = None,
    **extract: Any,
) -> Pipeline:
    """Convert a net saved by Keras to a fitted pipeline.

    The net must be a plain stack of LSTM or Bidirectional(LSTM) layers followed by
    dense ones, with dropout anywhere and softmax at the end. Files are read as data;
    neither Keras nor TensorFlow is needed. For clips of at least ``n_frames`` frames
    the pipeline gives the probabilities that Keras gives; shorter clips, which a net of
    fixed input shape cannot take, are read up to their end.

    Parameters
    ----------
    architecture : path-like
        Keras 2: the ``.json`` file of ``to_json``, or an ``.h5`` file of the whole
        model. Keras 3: a ``.keras`` file, or either of these.
    weights : path-like, optional
        The ``.h5`` file of ``save_weights``, if ``architecture`` holds no weights.
    labels : sequence of str
        Label of each output, in the net's order.
    preset : str, optional
        Preset whose front end to use, as for `mfccclf.make_pipeline`; an
        `MFCCExtractor` if None. The other arguments are for presets with that front
        end.
    features : {14, 33} or sequence of str, optional
        Columns that the net was trained on, as for `MFCCExtractor`; by default the
        preset's, else 14 or 33 if the net has that many inputs.
    pad_to : int, optional
        Number of columns to reach by appending columns of zeros, for weights that were
        trained on such columns.
    **extract
        Further parameters of `MFCCExtractor`, such as ``sample_rate=16000``.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Fitted; steps "extract" and "lstm". Its labels are sorted, and its scores are
        in that order.

    Raises
    ------
    ModelFileError
        If a file is missing or damaged, or the net cannot be converted.
    ValueError
        If the labels or the columns do not fit the net.
    MissingExtraError
        If h5py is not installed.

    Notes
    -----
    A Keras LSTM stores its gates in the order input, forget, cell, output [1]_, as
    torch does. Its matrices are transposed, and it has one bias where torch has two, of
    which the second becomes zero.

    References
    ----------
    .. [1] S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural
       Computation 9(8), 1997.

    Examples
    --------
    >>> from mfccclf.persistence import convert_keras
    >>> pipeline = convert_keras(
    ...     "lstm.json",
    ...     "lstm.h5",
    ...     labels=["James", "Jennifer", "Linda", "Maria", "Patricia"],
    ...     features=["mfcc"],
    ...     pad_to=14,
    ... )  # doctest: +SKIP
    """
    keras_file = read_keras(architecture, weights)
    net = _read_net(keras_file)
    classes, order = sort_labels(
        labels, n_outputs=net.dense[-1].units, net=net.name, owner="convert_keras"
    )
    front_end = make_front_end(net, preset, features, pad_to, extract)
    state = _state(net, keras_file, order)
    classifier = _make_classifier(net).restore(classes, net.n_features, state)
    return Pipeline([("extract", front_end), ("lstm", classifier)])


def _read_net(keras_file: KerasFile) -> KerasNet:
    try:
        return read_net(keras_file)
    except ModelFileError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(
            f"{keras_file.name} describes a net in a way that cannot be read "
            f"({type(error).__name__}: {error}). Save it again with Keras 2 or 3."
        ) from error


def _make_classifier(net: KerasNet) -> LSTMClassifier:
    return LSTMClassifier(
        hidden_sizes=tuple(layer.units for layer in net.lstm),
        bidirectional=net.bidirectional,
        input_dropout=net.input_dropout,
        recurrent_dropout=net.recurrent_dropout,
        dropout=_rates(net.lstm),
        dense_sizes=tuple(layer.units for layer in net.dense[:-1]),
        dense_activation=net.dense_activation,
        dense_dropout=_rates(net.dense[:-1]),
    )


def _rates(layers: list[Layer]) -> float | tuple[float, ...]:
    rates = tuple(layer.dropout for layer in layers)
    return rates if any(rates) else 0.0


def _state(
    net: KerasNet, keras_file: KerasFile, order: NDArray[np.intp]
) -> dict[str, torch.Tensor]:
    """Return the weights by their names in `LSTMNet`."""
    state = {
        **_lstm_state(net, keras_file),
        **_dense_state(net, keras_file),
    }
    for name in ("output.weight", "output.bias"):
        state[name] = state[name][order]
    return {
        name: torch.from_numpy(np.array(array, order="C"))
        for name, array in state.items()
    }


def _lstm_state(net: KerasNet, keras_file: KerasFile) -> State:
    state: State = {}
    directions = ["forward_cell", "backward_cell"][: 1 + net.bidirectional]
    width = net.n_features
    for number, layer in enumerate(net.lstm):
        arrays = keras_file.weights[layer.index]
        parts = _split(arrays, len(directions), 2, layer, keras_file)
        for direction, part in zip(directions, parts, strict=True):
            cell = _cell(part, width, layer, keras_file)
            prefix = f"layers.{number}.{direction}."
            state |= {prefix + key: array for key, array in cell.items()}
        width = layer.units * len(directions)
    return state


def _dense_state(net: KerasNet, keras_file: KerasFile) -> State:
    state: State = {}
    width = net.lstm[-1].units * (1 + net.bidirectional)
    for number, layer in enumerate(net.dense):
        dense = _dense(keras_file.weights[layer.index], width, layer, keras_file)
        is_last = number == len(net.dense) - 1
        prefix = "output." if is_last else f"dense.{number}."
        state |= {prefix + key: array for key, array in dense.items()}
        width = layer.units
    return state


def _split(
    arrays: Arrays, n_parts: int, n_kernels: int, layer: Layer, keras_file: KerasFile
) -> list[Arrays]:
    """Split a layer's arrays into parts: some kernels, and a bias if it has one."""
    size = n_kernels + layer.use_bias
    if len(arrays) != n_parts * size:
        problem = f"{len(arrays)} arrays instead of {n_parts * size}"
        raise _misfit(keras_file, layer, problem)
    return [arrays[start : start + size] for start in range(0, len(arrays), size)]


def _cell(arrays: Arrays, width: int, layer: Layer, keras_file: KerasFile) -> State:
    n_gates = 4 * layer.units
    zeros = np.zeros(n_gates, dtype=np.float32)
    kernel, recurrent, bias = (*arrays, zeros)[:3]
    shapes = [(width, n_gates), (layer.units, n_gates), (n_gates,)]
    _check_shapes([kernel, recurrent, bias], shapes, layer, keras_file)
    return {
        "weight_ih_l0": kernel.T,
        "weight_hh_l0": recurrent.T,
        "bias_ih_l0": bias,
        "bias_hh_l0": zeros,
    }


def _dense(arrays: Arrays, width: int, layer: Layer, keras_file: KerasFile) -> State:
    zeros = np.zeros(layer.units, dtype=np.float32)
    kernel, bias = (*_split(arrays, 1, 1, layer, keras_file)[0], zeros)[:2]
    shapes = [(width, layer.units), (layer.units,)]
    _check_shapes([kernel, bias], shapes, layer, keras_file)
    return {"weight": kernel.T, "bias": bias}


def _check_shapes(
    arrays: Arrays,
    shapes: Sequence[tuple[int, ...]],
    layer: Layer,
    keras_file: KerasFile,
) -> None:
    for array, shape in zip(arrays, shapes, strict=True):
        if array.shape != shape:
            problem = f"an array of shape {array.shape} instead of {shape}"
            raise _misfit(keras_file, layer, problem)


def _misfit(keras_file: KerasFile, layer: Layer, problem: str) -> ModelFileError:
    return ModelFileError(
        f"{keras_file.name} and its weights do not belong together: layer {layer.name} "
        f"has {problem}. Name the weights of this net."
    )
