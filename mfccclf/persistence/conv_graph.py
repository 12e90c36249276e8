"""The ONNX graph of a `ConvNet`: padded sequences in, logits out."""

from __future__ import annotations

from typing import Any

from mfccclf.persistence.graph_builder import FLOAT, GraphBuilder
from mfccclf.persistence.head_graph import (
    Sequences,
    add_dense_layers,
    add_mask,
    add_pooling,
    to_numpy,
)

__all__ = ["add_conv_net"]


def add_conv_net(builder: GraphBuilder, net: Any, X: str, lengths: str) -> str:
    """Add a `ConvNet` in evaluation mode to a graph.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    net : mfccclf.modules.ConvNet
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
    picture = builder.add("Unsqueeze", X, builder.constant([1], "int64"))
    for block in net.blocks:
        picture = _add_block(builder, block, picture, lengths)
        lengths = _add_half(builder, lengths)
    frames = _add_collapse(builder, net, picture)
    sequences = Sequences(frames, lengths, add_mask(builder, frames, lengths))
    return add_dense_layers(builder, net, add_pooling(builder, net, sequences))


def _add_block(builder: GraphBuilder, block: Any, picture: str, lengths: str) -> str:
    """Add a convolution that holds its normalisation, ReLU, mask and pooling."""
    norm, size = block.norm, block.conv.kernel_size[0]
    deviation = (to_numpy(norm.running_var) + norm.eps) ** 0.5
    scale = to_numpy(norm.weight) / deviation
    weight = to_numpy(block.conv.weight) * scale[:, None, None, None]
    bias = to_numpy(norm.bias) - to_numpy(norm.running_mean) * scale
    value = builder.add(
        "Conv",
        picture,
        builder.constant(weight, "float32"),
        builder.constant(bias, "float32"),
        pads=[size // 2] * 4,
    )
    mask = _add_picture_mask(builder, picture, lengths)
    kept = builder.add("Mul", builder.add("Relu", value), mask)
    return builder.add(
        "MaxPool", kept, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1
    )


def _add_picture_mask(builder: GraphBuilder, picture: str, lengths: str) -> str:
    """Add the float32 mask (n_clips, 1, n_frames, 1) of a picture's frames."""
    by_frame = builder.add("Transpose", picture, perm=[2, 0, 1, 3])
    mask = add_mask(builder, by_frame, lengths)  # (n_frames, n_clips, 1)
    by_clip = builder.add("Transpose", mask, perm=[1, 2, 0])
    number = builder.add("Cast", by_clip, to=FLOAT)
    return builder.add("Unsqueeze", number, builder.constant([3], "int64"))


def _add_half(builder: GraphBuilder, lengths: str) -> str:
    one, two = (builder.constant(value, "int64") for value in (1, 2))
    return builder.add("Div", builder.add("Add", lengths, one), two)


def _add_collapse(builder: GraphBuilder, net: Any, picture: str) -> str:
    """Turn a picture (clips, channels, frames, features) into (frames, clips, n)."""
    frames = builder.add("Transpose", picture, perm=[2, 0, 1, 3])
    if net.collapse == "mean":
        return builder.add("ReduceMean", frames, axes=[3], keepdims=0)
    return builder.add("Reshape", frames, builder.constant([0, 0, -1], "int64"))
