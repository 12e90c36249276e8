"""The start of every net's ONNX graph: sequences to pictures, convolutional blocks.

A picture is laid out (n_clips, n_channels, n_frames, n_features). The first one has a
single channel, the sequences themselves; each block halves frames and features.
"""

from __future__ import annotations

from typing import Any

from mfccclf._graph_builder import GraphBuilder, to_numpy
from mfccclf.modules.conv_block import LOWEST_VALUE
from mfccclf.persistence.onnx.input_norm import add_input_norm
from mfccclf.persistence.onnx.padding import add_mask

__all__ = ["add_flat_frames", "add_pictures"]


def add_pictures(
    builder: GraphBuilder, net: Any, X: str, lengths: str
) -> tuple[str, str]:
    """Add what a `SequenceNet` does before its own layers, in evaluation mode.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    net : mfccclf.modules.sequence_net.SequenceNet
        The net, with its weights.
    X, lengths : str
        Names of float32 sequences (n_clips, n_frames, n_features), padded with zeros,
        and of their int64 lengths (n_clips,).

    Returns
    -------
    picture : str
        Name of the pictures (n_clips, n_channels, n_frames, n_features).
    lengths : str
        Name of the lengths that are left.
    """
    X = add_input_norm(builder, net.input_norm, X, lengths)
    picture = builder.add("Unsqueeze", X, builder.constant([1], "int64"))
    for block in net.blocks:
        picture = _add_block(builder, block, picture, lengths)
        lengths = _add_half(builder, lengths)
    return picture, lengths


def add_flat_frames(builder: GraphBuilder, picture: str) -> str:
    """Turn a picture (clips, channels, frames, features) into (frames, clips, n)."""
    frames = builder.add("Transpose", picture, perm=[2, 0, 1, 3])
    return builder.add("Reshape", frames, builder.constant([0, 0, -1], "int64"))


def _add_block(builder: GraphBuilder, block: Any, picture: str, lengths: str) -> str:
    """Add a convolution, pooling, normalisation, ReLU and mask."""
    size = block.conv.kernel_size[0]
    weight = builder.constant(to_numpy(block.conv.weight), "float32")
    value = builder.add("Conv", picture, weight, pads=[size // 2] * 4)
    lowest = builder.constant(LOWEST_VALUE, "float32")
    true = _add_picture_mask(builder, picture, lengths)
    value = builder.add("Where", true, value, lowest)
    pooled = builder.add(
        "MaxPool", value, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1
    )
    normal = builder.add("Relu", _add_batch_norm(builder, block.norm, pooled))
    mask = _add_picture_mask(builder, pooled, _add_half(builder, lengths))
    return builder.add("Where", mask, normal, builder.constant(0.0, "float32"))


def _add_batch_norm(builder: GraphBuilder, norm: Any, value: str) -> str:
    scale = to_numpy(norm.weight) / (to_numpy(norm.running_var) + norm.eps) ** 0.5
    shift = to_numpy(norm.bias) - to_numpy(norm.running_mean) * scale
    scaled = builder.add(
        "Mul", value, builder.constant(scale[:, None, None], "float32")
    )
    return builder.add("Add", scaled, builder.constant(shift[:, None, None], "float32"))


def _add_picture_mask(builder: GraphBuilder, picture: str, lengths: str) -> str:
    """Add the bool mask (n_clips, 1, n_frames, 1) of a picture's frames."""
    by_frame = builder.add("Transpose", picture, perm=[2, 0, 1, 3])
    mask = add_mask(builder, by_frame, lengths)  # (n_frames, n_clips, 1)
    by_clip = builder.add("Transpose", mask, perm=[1, 2, 0])
    return builder.add("Unsqueeze", by_clip, builder.constant([3], "int64"))


def _add_half(builder: GraphBuilder, lengths: str) -> str:
    one, two = (builder.constant(value, "int64") for value in (1, 2))
    return builder.add("Div", builder.add("Add", lengths, one), two)
