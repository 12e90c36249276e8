"""The ONNX graph of a `ConvNet`: padded sequences in, logits out."""

from __future__ import annotations

from typing import Any

from mfccclf._graph_builder import GraphBuilder
from mfccclf.persistence.onnx.conv_blocks import add_flat_frames, add_pictures
from mfccclf.persistence.onnx.dense import add_dense_layers
from mfccclf.persistence.onnx.padding import add_mask
from mfccclf.persistence.onnx.pooling import Sequences, add_pooling

__all__ = ["add_conv_net"]


def add_conv_net(builder: GraphBuilder, net: Any, X: str, lengths: str) -> str:
    """Add a `ConvNet` in evaluation mode to a graph; its logits are returned.

    Arguments and result are those of `mfccclf.persistence.onnx.lstm_net.add_lstm_net`.
    """
    picture, lengths = add_pictures(builder, net, X, lengths)
    frames = _add_collapse(builder, net, picture)
    sequences = Sequences(frames, lengths, add_mask(builder, frames, lengths))
    return add_dense_layers(builder, net, add_pooling(builder, net, sequences))


def _add_collapse(builder: GraphBuilder, net: Any, picture: str) -> str:
    """Turn a picture (clips, channels, frames, features) into (frames, clips, n)."""
    if net.collapse == "flatten":
        return add_flat_frames(builder, picture)
    frames = builder.add("Transpose", picture, perm=[2, 0, 1, 3])
    return builder.add("ReduceMean", frames, axes=[3], keepdims=0)
