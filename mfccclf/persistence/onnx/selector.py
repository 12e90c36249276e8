"""The ONNX graph of an `EmbeddingSelector`."""

from __future__ import annotations

from typing import Any

from mfccclf._graph_builder import GraphBuilder

__all__ = ["add_selector"]


def add_selector(builder: GraphBuilder, selector: Any, X: str, lengths: str) -> str:
    """Add a fitted `EmbeddingSelector` to a graph.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    selector : EmbeddingSelector
        Fitted.
    X, lengths : str
        Names of float32 sequences (n_clips, n_frames, n_features) and of their int64
        lengths (n_clips,), which stay as they are.

    Returns
    -------
    kept : str
        Name of the float32 sequences with the columns that are kept.
    """
    if selector.n_features_out_ == selector.n_features_in_:
        return X
    start, end, axes = (
        builder.constant([value], "int64") for value in (0, selector.n_features_out_, 2)
    )
    return builder.add("Slice", X, start, end, axes)
