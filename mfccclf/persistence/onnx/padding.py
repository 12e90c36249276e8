"""Which frames of a batch are true, and what to put in place of the others."""

from __future__ import annotations

import numpy as np

from mfccclf._graph_builder import FLOAT, INT64, GraphBuilder

__all__ = ["LOWEST", "add_clip_mask", "add_lengths", "add_mask", "add_zeros_for_nan"]

# Stands for minus infinity, which some operators turn into NaN.
LOWEST = float(np.finfo(np.float32).min)


def add_lengths(builder: GraphBuilder, X: str) -> str:
    """Add the count of each clip's true frames: those that are not all NaN.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    X : str
        Name of float32 sequences (n_clips, n_frames, n_features).

    Returns
    -------
    lengths : str
        Name of the int64 lengths (n_clips,).
    """
    is_nan = builder.add("Cast", builder.add("IsNaN", X), to=FLOAT)
    past_end = builder.add("ReduceMin", is_nan, axes=[2], keepdims=0)
    true = builder.add("Sub", builder.constant(1.0, "float32"), past_end)
    axes = builder.constant([1], "int64")
    counts = builder.add("ReduceSum", true, axes, keepdims=0)
    return builder.add("Cast", counts, to=INT64)


def add_zeros_for_nan(builder: GraphBuilder, X: str, dtype: str = "float32") -> str:
    """Add a copy of ``X`` with zeros in place of NaN."""
    zero = builder.constant(0.0, dtype)
    return builder.add("Where", builder.add("IsNaN", X), zero, X)


def add_mask(builder: GraphBuilder, output: str, lengths: str) -> str:
    """Add the mask of a value (n_frames, n_clips, n).

    Returns
    -------
    mask : str
        Name of the bool mask (n_frames, n_clips, 1), true up to a clip's end.
    """
    zero, one = builder.constant(0, "int64"), builder.constant(1, "int64")
    n_frames = builder.add("Gather", builder.add("Shape", output), zero)
    frames = builder.add("Range", zero, n_frames, one)
    axes = builder.constant([1, 2], "int64")
    lengths_last = builder.add("Unsqueeze", lengths, builder.constant([1], "int64"))
    return builder.add("Less", builder.add("Unsqueeze", frames, axes), lengths_last)


def add_clip_mask(builder: GraphBuilder, X: str, lengths: str) -> str:
    """Add the bool mask (n_clips, n_frames, 1) of sequences (n_clips, n_frames, n)."""
    by_frame = add_mask(builder, builder.add("Transpose", X, perm=[1, 0, 2]), lengths)
    return builder.add("Transpose", by_frame, perm=[1, 0, 2])
