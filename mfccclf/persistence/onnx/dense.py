"""The dense layers at the end of every net's ONNX graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from mfccclf._graph_builder import GraphBuilder, to_numpy

__all__ = ["add_dense_layers"]


def add_dense_layers(builder: GraphBuilder, net: Any, value: str) -> str:
    """Add a net's dense layers and its output; return the name of the logits.

    What goes into the output layer is marked "embedding".
    """
    activation = _ACTIVATIONS[type(net.dense_activation)]
    for dense in net.dense:
        value = activation(builder, _add_dense_layer(builder, dense, value))
    return _add_dense_layer(builder, net.output, builder.mark("embedding", value))


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


_ACTIVATIONS: dict[type[nn.Module], Callable[[GraphBuilder, str], str]] = {
    nn.ELU: lambda builder, value: builder.add("Elu", value, alpha=1.0),
    nn.GELU: _add_gelu,
    nn.Identity: lambda builder, value: value,
    nn.ReLU: lambda builder, value: builder.add("Relu", value),
    nn.Sigmoid: lambda builder, value: builder.add("Sigmoid", value),
    nn.Tanh: lambda builder, value: builder.add("Tanh", value),
}
