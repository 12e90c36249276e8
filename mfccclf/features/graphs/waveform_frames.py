"""A waveform cut into frames of raw samples, in an ONNX graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf.features.frames import READ_FULL_SCALE, FrameParameters
from mfccclf.features.graphs.places import add_slice

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder

__all__ = ["add_waveform_frames"]


def add_waveform_frames(
    builder: GraphBuilder, extraction: FrameParameters, waveform: str
) -> str:
    """Add what `FrameParameters.compute` does with one waveform to a graph.

    Arguments and result are those of
    `mfccclf.features.graphs.extraction.add_feature_extraction`.
    """
    length = extraction.frame_length
    if extraction.n_frames is not None:
        waveform = add_slice(builder, waveform, 0, extraction.n_frames * length)
    scaled = builder.add_with("Mul", waveform, READ_FULL_SCALE, "float32")
    scaled = builder.add_with("Div", scaled, extraction.full_scale, "float32")
    return _pooled(builder, _whole_frames(builder, scaled, length), extraction)


def _whole_frames(builder: GraphBuilder, waveform: str, length: int) -> str:
    """Fill up the last frame with zeros."""
    rest = builder.add_with("Mod", builder.add("Shape", waveform), length, "int64")
    missing = builder.add("Sub", builder.constant([length], "int64"), rest)
    missing = builder.add_with("Mod", missing, length, "int64")
    widths = builder.add("Concat", builder.constant([0], "int64"), missing, axis=0)
    return builder.add("Pad", waveform, widths)


def _pooled(builder: GraphBuilder, waveform: str, extraction: FrameParameters) -> str:
    n_features, pooling = extraction.n_features, extraction.pooling
    shape = builder.constant([-1, n_features, pooling], "int64")
    values = builder.add("Reshape", waveform, shape)
    return builder.add("ReduceMean", values, axes=[2], keepdims=0)
