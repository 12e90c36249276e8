"""Layers for frames of many values in the ONNX graph of an `LSTMNet`.

Values are laid out frames first, (n_frames, n_clips, n).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mfccclf._graph_builder import GraphBuilder, to_numpy
from mfccclf.modules.linear_branch import LEAST_NORM
from mfccclf.modules.wide_input import LEAST_VARIANCE, WIDE_LIMIT
from mfccclf.persistence.onnx.dense import add_frame_layer, add_row_layer
from mfccclf.persistence.onnx.pooling import Sequences, pool_max, pool_mean

__all__ = [
    "add_frame_statistics",
    "add_linear_branch",
    "add_projection",
    "add_statistics_branch",
    "add_wide_limits",
]


def add_wide_limits(builder: GraphBuilder, frames: str) -> str:
    """Limit frames to what the layers for many values are given."""
    limited = builder.add_with("Max", frames, -WIDE_LIMIT, "float32")
    return builder.add_with("Min", limited, WIDE_LIMIT, "float32")


def add_projection(builder: GraphBuilder, projection: Any, frames: str) -> str:
    """Add a `FrameProjection`; return the name of the projected frames.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    projection : mfccclf.modules.wide_input.FrameProjection or None
        The layer; None for none.
    frames : str
        Name of the frames (n_frames, n_clips, n).
    """
    if projection is None:
        return frames
    linear = projection.linear
    return add_frame_layer(
        builder, frames, to_numpy(linear.weight), to_numpy(linear.bias)
    )


def add_statistics_branch(
    builder: GraphBuilder, branch: Any, rows: str, pooled: str
) -> str:
    """Add a `StatisticsBranch`; return what is pooled, with its output behind.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    branch : mfccclf.modules.wide_input.StatisticsBranch or None
        The layer; None for none.
    rows : str
        Name of the statistics (n_clips, 3 n).
    pooled : str
        Name of the pooled output of the LSTM layers (n_clips, n).
    """
    if branch is None:
        return pooled
    units = add_row_layer(builder, rows, *_fold_norm(branch))
    return builder.add("Concat", pooled, builder.add("Relu", units), axis=1)


def add_linear_branch(
    builder: GraphBuilder, branch: Any, rows: str, logits: str
) -> str:
    """Add the logits of a `LinearBranch` to others; return the name of the sums.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    branch : mfccclf.modules.linear_branch.LinearBranch or None
        The linear classifier; None for none.
    rows : str
        Name of the statistics (n_clips, 3 n).
    logits : str
        Name of the other logits (n_clips, n_outputs).
    """
    if branch is None:
        return logits
    mean, scale = _read_norm(branch.norm)
    rows = builder.add("Sub", rows, builder.constant(mean, "float32"))
    rows = builder.add("Mul", rows, builder.constant(scale, "float32"))
    rows = builder.add("Div", rows, _add_lengths(builder, rows))
    linear = branch.linear
    own = add_row_layer(builder, rows, to_numpy(linear.weight), to_numpy(linear.bias))
    return builder.add("Add", logits, own)


def _add_lengths(builder: GraphBuilder, rows: str) -> str:
    """Add the Euclidean length of each row (n_clips, n); return them as a column."""
    axes = builder.constant([1], "int64")
    squares = builder.add("Mul", rows, rows)
    lengths = builder.add("Sqrt", builder.add("ReduceSum", squares, axes, keepdims=1))
    return builder.add_with("Max", lengths, LEAST_NORM, "float32")


def add_frame_statistics(builder: GraphBuilder, frames: Sequences) -> str:
    """Add what `describe_frames` computes; return the name of the rows."""
    mean = pool_mean(builder, frames)
    squares = _add_squares(builder, frames.output, mean)
    variance = pool_mean(builder, frames.replace_output(squares))
    variance = builder.add_with("Add", variance, LEAST_VARIANCE, "float32")
    deviation = builder.add("Sqrt", variance)
    return builder.add("Concat", mean, deviation, pool_max(builder, frames), axis=1)


def _add_squares(builder: GraphBuilder, frames: str, mean: str) -> str:
    axes = builder.constant([0], "int64")
    deviation = builder.add("Sub", frames, builder.add("Unsqueeze", mean, axes))
    return builder.add("Mul", deviation, deviation)


def _fold_norm(branch: Any) -> tuple[Any, Any]:
    """Return weight and bias of the dense layer on statistics as they come."""
    mean, scale = _read_norm(branch.norm)
    weight = to_numpy(branch.linear.weight).astype(np.float64) * scale
    return weight, to_numpy(branch.linear.bias) - weight @ mean


def _read_norm(norm: Any) -> tuple[Any, Any]:
    """Return what is taken from the statistics, and what they are multiplied by."""
    variance = to_numpy(norm.running_var).astype(np.float64)
    return to_numpy(norm.running_mean).astype(np.float64), (variance + norm.eps) ** -0.5
