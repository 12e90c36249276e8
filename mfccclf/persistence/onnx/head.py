"""The end of every net's ONNX graph: pooling over frames, dense layers, logits.

Values before pooling are laid out frames first, (n_frames, n_clips, n).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mfccclf.persistence.onnx.builder import FLOAT, GraphBuilder

__all__ = [
    "LOWEST",
    "Sequences",
    "add_dense_layers",
    "add_mask",
    "add_pooling",
    "to_numpy",
]

# Stands for minus infinity, which some operators turn into NaN.
LOWEST = float(np.finfo(np.float32).min)


@dataclass(frozen=True)
class Sequences:
    """What pooling may use: names of values of the last layer before it.

    Attributes
    ----------
    output : str
        Name of the output (n_frames, n_clips, n).
    lengths : str
        Name of the true frames, int64 (n_clips,).
    mask : str
        Name of the bool mask (n_frames, n_clips, 1), true up to a clip's end.
    state : str
        Name of the final state (n_clips, n); empty where the layer has none.
    """

    output: str
    lengths: str
    mask: str
    state: str = ""


def add_pooling(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    """Add a net's pooling over frames; return the name of (n_clips, n)."""
    return _POOLINGS[net.pooling](builder, net, sequences)


def add_dense_layers(builder: GraphBuilder, net: Any, value: str) -> str:
    """Add a net's dense layers and its output; return the name of the logits.

    What the output layer is given is marked "embedding".
    """
    activation = _ACTIVATIONS[type(net.dense_activation)]
    for dense in net.dense:
        value = activation(builder, _add_dense_layer(builder, dense, value))
    return _add_dense_layer(builder, net.output, builder.mark("embedding", value))


def add_mask(builder: GraphBuilder, output: str, lengths: str) -> str:
    """Add the mask of a value (n_frames, n_clips, n); see `Sequences`."""
    zero, one = builder.constant(0, "int64"), builder.constant(1, "int64")
    n_frames = builder.add("Gather", builder.add("Shape", output), zero)
    frames = builder.add("Range", zero, n_frames, one)
    axes = builder.constant([1, 2], "int64")
    lengths_last = builder.add("Unsqueeze", lengths, builder.constant([1], "int64"))
    return builder.add("Less", builder.add("Unsqueeze", frames, axes), lengths_last)


def _pool_last(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    return sequences.state


def _pool_last_step(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    batch_first = builder.add("Transpose", sequences.output, perm=[1, 0, 2])
    last = builder.add("Sub", sequences.lengths, builder.constant(1, "int64"))
    index = builder.add("Unsqueeze", last, builder.constant([1], "int64"))
    return builder.add("GatherND", batch_first, index, batch_dims=1)


def _pool_mean(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    zero = builder.constant(0.0, "float32")
    kept = builder.add("Where", sequences.mask, sequences.output, zero)
    lengths = builder.add("Cast", sequences.lengths, to=FLOAT)
    column = builder.add("Unsqueeze", lengths, builder.constant([1], "int64"))
    return builder.add("Div", _sum_frames(builder, kept), column)


def _pool_mean_max(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    mean = _pool_mean(builder, net, sequences)
    return builder.add("Concat", mean, _pool_max(builder, net, sequences), axis=1)


def _pool_max(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    lowest = builder.constant(LOWEST, "float32")
    kept = builder.add("Where", sequences.mask, sequences.output, lowest)
    return builder.add("ReduceMax", kept, axes=[0], keepdims=0)


def _pool_attention(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    score = net.attention.score
    weight = builder.constant(to_numpy(score.weight).T, "float32")
    bias = builder.constant(to_numpy(score.bias), "float32")
    lowest = builder.constant(LOWEST, "float32")
    scores = builder.add("Add", builder.add("MatMul", sequences.output, weight), bias)
    kept = builder.add("Where", sequences.mask, scores, lowest)
    shares = builder.add("Softmax", kept, axis=0)
    return _sum_frames(builder, builder.add("Mul", shares, sequences.output))


def _sum_frames(builder: GraphBuilder, value: str) -> str:
    axes = builder.constant([0], "int64")
    return builder.add("ReduceSum", value, axes, keepdims=0)


def _add_dense_layer(builder: GraphBuilder, dense: Any, value: str) -> str:
    weight = builder.constant(to_numpy(dense.weight), "float32")
    bias = builder.constant(to_numpy(dense.bias), "float32")
    return builder.add("Gemm", value, weight, bias, transB=1)


def _add_gelu(builder: GraphBuilder, value: str) -> str:
    """Add x / 2 (1 + erf(x / sqrt 2)): ONNX has no operator for it before opset 20."""
    half, one = builder.constant(0.5, "float32"), builder.constant(1.0, "float32")
    scaled = builder.add("Mul", value, builder.constant(np.sqrt(0.5), "float32"))
    gate = builder.add("Add", builder.add("Erf", scaled), one)
    return builder.add("Mul", builder.add("Mul", value, half), gate)


def to_numpy(parameter: Any) -> NDArray[np.float32]:
    """Return a torch parameter as an array."""
    array: NDArray[np.float32] = parameter.detach().cpu().numpy()
    return array


_POOLINGS: dict[str, Callable[[GraphBuilder, Any, Sequences], str]] = {
    "attention": _pool_attention,
    "last": _pool_last,
    "last_step": _pool_last_step,
    "max": _pool_max,
    "mean": _pool_mean,
    "mean_max": _pool_mean_max,
}
_ACTIVATIONS: dict[type[nn.Module], Callable[[GraphBuilder, str], str]] = {
    nn.ELU: lambda builder, value: builder.add("Elu", value, alpha=1.0),
    nn.GELU: _add_gelu,
    nn.Identity: lambda builder, value: value,
    nn.ReLU: lambda builder, value: builder.add("Relu", value),
    nn.Sigmoid: lambda builder, value: builder.add("Sigmoid", value),
    nn.Tanh: lambda builder, value: builder.add("Tanh", value),
}
