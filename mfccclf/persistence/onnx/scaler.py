"""The ONNX graph of a `SequenceStandardScaler`.

It computes in float64, as the scaler does, from float32 and to float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mfccclf._graph_builder import DOUBLE, FLOAT, GraphBuilder
from mfccclf.persistence.onnx.padding import add_zeros_for_nan

__all__ = ["add_scaler"]


def add_scaler(builder: GraphBuilder, scaler: Any, X: str, lengths: str) -> str:
    """Add a fitted `SequenceStandardScaler` to a graph.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    scaler : SequenceStandardScaler
        Fitted, of either scope.
    X, lengths : str
        Names of float32 sequences (n_clips, n_frames, n_features), NaN past a clip's
        end, and of their int64 lengths (n_clips,).

    Returns
    -------
    scaled : str
        Name of the float32 sequences, standardised, NaN where they were.
    """
    wide = builder.add("Cast", X, to=DOUBLE)
    if scaler.scope == "clip":
        mean, scale = _add_clip_statistics(builder, wide, lengths)
    else:
        mean = builder.constant(scaler.mean_, "float64")
        scale = builder.constant(scaler.scale_, "float64")
    if scaler.with_mean:
        wide = builder.add("Sub", wide, mean)
    if scaler.with_std:
        wide = builder.add("Div", wide, scale)
    return builder.add("Cast", wide, to=FLOAT)


def _add_clip_statistics(
    builder: GraphBuilder, wide: str, lengths: str
) -> tuple[str, str]:
    axes = builder.constant([1, 2], "int64")
    counts = builder.add("Cast", lengths, to=DOUBLE)
    counts = builder.add("Unsqueeze", counts, axes)
    mean = _add_mean(builder, wide, counts)
    deviation = builder.add("Sub", wide, mean)
    square = builder.add("Mul", deviation, deviation)
    scale = builder.add("Sqrt", _add_mean(builder, square, counts))
    return mean, _add_one_for_constant(builder, scale, mean)


def _add_mean(builder: GraphBuilder, value: str, counts: str) -> str:
    kept = add_zeros_for_nan(builder, value, "float64")
    axes = builder.constant([1], "int64")
    total = builder.add("ReduceSum", kept, axes, keepdims=1)
    return builder.add("Div", total, counts)


def _add_one_for_constant(builder: GraphBuilder, scale: str, mean: str) -> str:
    """Add a scale of 1 for features that never change, by the scaler's own rule."""
    tolerance = builder.constant(10 * np.finfo(np.float64).eps, "float64")
    limit = builder.add("Mul", builder.add("Abs", mean), tolerance)
    is_constant = builder.add("LessOrEqual", scale, limit)
    return builder.add("Where", is_constant, builder.constant(1.0, "float64"), scale)
