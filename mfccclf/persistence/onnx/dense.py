"""The dense layers at the end of every net's ONNX graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mfccclf._graph_builder import GraphBuilder, to_numpy

__all__ = ["add_dense_layers", "add_frame_layer", "add_row_layer"]


def add_dense_layers(builder: GraphBuilder, net: Any, value: str) -> str:
    """Add a net's dense layers and its output; return the name of the logits.

    What goes into the output layer is marked "embedding".
    """
    activation = _ACTIVATIONS[type(net.dense_activation)]
    for dense in net.dense:
        value = activation(builder, _add_dense_layer(builder, dense, value))
    return _add_dense_layer(builder, net.output, builder.mark("embedding", value))


def _add_dense_layer(builder: GraphBuilder, dense: Any, value: str) -> str:
    return add_row_layer(builder, value, to_numpy(dense.weight), to_numpy(dense.bias))


def add_row_layer(
    builder: GraphBuilder, rows: str, weight: NDArray[Any], bias: NDArray[Any]
) -> str:
    """Add a linear layer of rows (n_clips, n); ``weight`` is (n_out, n)."""
    inputs = (builder.constant(value, "float32") for value in (weight, bias))
    return builder.add("Gemm", rows, *inputs, transB=1)


def add_frame_layer(
    builder: GraphBuilder, values: str, weight: NDArray[Any], bias: NDArray[Any]
) -> str:
    """Add a linear layer of values with any axes before the last, as by frame."""
    product = builder.add("MatMul", values, builder.constant(weight.T, "float32"))
    return builder.add("Add", product, builder.constant(bias, "float32"))


def _add_gelu(builder: GraphBuilder, value: str) -> str:
    """Add x / 2 (1 + erf(x / sqrt 2)): ONNX has no operator for it before opset 20."""
    half, one = builder.constant(0.5, "float32"), builder.constant(1.0, "float32")
    scaled = builder.add("Mul", value, builder.constant(np.sqrt(0.5), "float32"))
    gate = builder.add("Add", builder.add("Erf", scaled), one)
    return builder.add("Mul", builder.add("Mul", value, half), gate)


_ACTIVATIONS: dict[type[nn.Module], Callable[[GraphBuilder, str], str]] = {
    nn.ELU: lambda builder, value: builder.add("Elu", value, alpha=1.0),
    nn.GELU: _add_gelu,
    nn.Identity: lambda builder, value: value,
    nn.ReLU: lambda builder, value: builder.add("Relu", value),
    nn.Sigmoid: lambda builder, value: builder.add("Sigmoid", value),
    nn.Tanh: lambda builder, value: builder.add("Tanh", value),
}
