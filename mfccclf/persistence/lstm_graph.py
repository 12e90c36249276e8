"""The ONNX graph of an `LSTMNet`: padded sequences in, logits out.

Inside, values are laid out frames first, (n_frames, n_clips, n), which is the one
layout of ONNX's LSTM that every runtime knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mfccclf.persistence.graph_builder import FLOAT, INT32, GraphBuilder

__all__ = ["add_lstm_net"]

_LOWEST = float(np.finfo(np.float32).min)


@dataclass(frozen=True)
class _Sequences:
    """What pooling may use: names of values of the last LSTM layer."""

    output: str  # (n_frames, n_clips, n)
    state: str  # (n_clips, n)
    lengths: str  # int64 (n_clips,)
    mask: str  # bool (n_frames, n_clips, 1), true up to a clip's end


def add_lstm_net(builder: GraphBuilder, net: Any, X: str, lengths: str) -> str:
    """Add an `LSTMNet` in evaluation mode to a graph.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    net : mfccclf.modules.LSTMNet
        The net, with its weights.
    X : str
        Name of the float32 sequences (n_clips, n_frames, n_features), padded with
        zeros.
    lengths : str
        Name of the int64 lengths (n_clips,).

    Returns
    -------
    logits : str
        Name of the float32 logits (n_clips, n_outputs).
    """
    output = builder.add("Transpose", X, perm=[1, 0, 2])
    short_lengths = builder.add("Cast", lengths, to=INT32)
    for layer in net.layers:
        output, state = _add_lstm(builder, layer, output, short_lengths)
    mask = _add_mask(builder, output, lengths)
    sequences = _Sequences(output, state, lengths, mask)
    pooled = _POOLINGS[net.pooling](builder, net, sequences)
    activation = _ACTIVATIONS[type(net.dense_activation)]
    for dense in net.dense:
        pooled = activation(builder, _add_dense(builder, dense, pooled))
    return _add_dense(builder, net.output, pooled)


def _add_lstm(
    builder: GraphBuilder, layer: Any, X: str, lengths: str
) -> tuple[str, str]:
    """Add a layer; return its output (frames, clips, n) and last state (clips, n)."""
    cells = [layer.forward_cell]
    if layer.backward_cell is not None:
        cells.append(layer.backward_cell)
    kernels = [_to_onnx_gates(_numpy(cell.weight_ih_l0)) for cell in cells]
    recurrent = [_to_onnx_gates(_numpy(cell.weight_hh_l0)) for cell in cells]
    output, state, _ = builder.add_many(
        "LSTM",
        X,
        builder.constant(np.stack(kernels), "float32"),
        builder.constant(np.stack(recurrent), "float32"),
        builder.constant(np.stack([_biases(cell) for cell in cells]), "float32"),
        lengths,
        n_outputs=3,
        hidden_size=int(cells[0].hidden_size),
        direction="forward" if len(cells) == 1 else "bidirectional",
    )
    return _join_directions(builder, output, 2), _join_directions(builder, state, 1)


def _biases(cell: Any) -> NDArray[np.float32]:
    biases = (_numpy(cell.bias_ih_l0), _numpy(cell.bias_hh_l0))
    return np.concatenate([_to_onnx_gates(bias) for bias in biases])


def _to_onnx_gates(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Reorder gates from torch's input, forget, cell, output to ONNX's i, o, f, c."""
    i, f, c, o = np.split(weights, 4)
    return np.concatenate([i, o, f, c])


def _join_directions(builder: GraphBuilder, value: str, n_leading: int) -> str:
    """Move the axis of directions to the last but one, and join the last two."""
    perm = [0, 2, 1, 3] if n_leading == 2 else [1, 0, 2]
    shape = builder.constant([0] * n_leading + [-1], "int64")
    return builder.add("Reshape", builder.add("Transpose", value, perm=perm), shape)


def _add_mask(builder: GraphBuilder, output: str, lengths: str) -> str:
    zero, one = builder.constant(0, "int64"), builder.constant(1, "int64")
    n_frames = builder.add("Gather", builder.add("Shape", output), zero)
    frames = builder.add("Range", zero, n_frames, one)
    axes = builder.constant([1, 2], "int64")
    lengths_last = builder.add("Unsqueeze", lengths, builder.constant([1], "int64"))
    return builder.add("Less", builder.add("Unsqueeze", frames, axes), lengths_last)


def _pool_last(builder: GraphBuilder, net: Any, sequences: _Sequences) -> str:
    return sequences.state


def _pool_last_step(builder: GraphBuilder, net: Any, sequences: _Sequences) -> str:
    batch_first = builder.add("Transpose", sequences.output, perm=[1, 0, 2])
    last = builder.add("Sub", sequences.lengths, builder.constant(1, "int64"))
    index = builder.add("Unsqueeze", last, builder.constant([1], "int64"))
    return builder.add("GatherND", batch_first, index, batch_dims=1)


def _pool_mean(builder: GraphBuilder, net: Any, sequences: _Sequences) -> str:
    zero = builder.constant(0.0, "float32")
    kept = builder.add("Where", sequences.mask, sequences.output, zero)
    lengths = builder.add("Cast", sequences.lengths, to=FLOAT)
    column = builder.add("Unsqueeze", lengths, builder.constant([1], "int64"))
    return builder.add("Div", _sum_frames(builder, kept), column)


def _pool_max(builder: GraphBuilder, net: Any, sequences: _Sequences) -> str:
    lowest = builder.constant(_LOWEST, "float32")
    kept = builder.add("Where", sequences.mask, sequences.output, lowest)
    return builder.add("ReduceMax", kept, axes=[0], keepdims=0)


def _pool_attention(builder: GraphBuilder, net: Any, sequences: _Sequences) -> str:
    score = net.attention.score
    weight = builder.constant(_numpy(score.weight).T, "float32")
    bias = builder.constant(_numpy(score.bias), "float32")
    lowest = builder.constant(_LOWEST, "float32")
    scores = builder.add("Add", builder.add("MatMul", sequences.output, weight), bias)
    kept = builder.add("Where", sequences.mask, scores, lowest)
    shares = builder.add("Softmax", kept, axis=0)
    return _sum_frames(builder, builder.add("Mul", shares, sequences.output))


def _sum_frames(builder: GraphBuilder, value: str) -> str:
    axes = builder.constant([0], "int64")
    return builder.add("ReduceSum", value, axes, keepdims=0)


def _add_dense(builder: GraphBuilder, dense: Any, value: str) -> str:
    weight = builder.constant(_numpy(dense.weight), "float32")
    bias = builder.constant(_numpy(dense.bias), "float32")
    return builder.add("Gemm", value, weight, bias, transB=1)


def _add_gelu(builder: GraphBuilder, value: str) -> str:
    """Add x / 2 (1 + erf(x / sqrt 2)): ONNX has no operator for it before opset 20."""
    half, one = builder.constant(0.5, "float32"), builder.constant(1.0, "float32")
    scaled = builder.add("Mul", value, builder.constant(np.sqrt(0.5), "float32"))
    gate = builder.add("Add", builder.add("Erf", scaled), one)
    return builder.add("Mul", builder.add("Mul", value, half), gate)


def _numpy(parameter: Any) -> NDArray[np.float32]:
    array: NDArray[np.float32] = parameter.detach().cpu().numpy()
    return array


_POOLINGS: dict[str, Callable[[GraphBuilder, Any, _Sequences], str]] = {
    "attention": _pool_attention,
    "last": _pool_last,
    "last_step": _pool_last_step,
    "max": _pool_max,
    "mean": _pool_mean,
}
_ACTIVATIONS: dict[type[nn.Module], Callable[[GraphBuilder, str], str]] = {
    nn.ELU: lambda builder, value: builder.add("Elu", value, alpha=1.0),
    nn.GELU: _add_gelu,
    nn.Identity: lambda builder, value: value,
    nn.ReLU: lambda builder, value: builder.add("Relu", value),
    nn.Sigmoid: lambda builder, value: builder.add("Sigmoid", value),
    nn.Tanh: lambda builder, value: builder.add("Tanh", value),
}
