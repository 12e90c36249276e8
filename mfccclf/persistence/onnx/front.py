"""The start of every net's ONNX graph: clips normalised, convolutional blocks."""

from __future__ import annotations

from typing import Any

from mfccclf.modules.conv_block import LOWEST_VALUE
from mfccclf.modules.input_norm import PEAK_UNIT_DB, SMALLEST_DEVIATION
from mfccclf.persistence.onnx.builder import FLOAT, GraphBuilder
from mfccclf.persistence.onnx.head import LOWEST, add_mask, to_numpy

__all__ = ["add_flat_frames", "add_front"]


def add_front(builder: GraphBuilder, net: Any, X: str, lengths: str) -> tuple[str, str]:
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
    X = _NORMS[net.input_norm](builder, X, lengths)
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


def _add_clip_mask(builder: GraphBuilder, X: str, lengths: str) -> str:
    """Add the bool mask (n_clips, n_frames, 1) of sequences (clips, frames, n)."""
    by_frame = add_mask(builder, builder.add("Transpose", X, perm=[1, 0, 2]), lengths)
    return builder.add("Transpose", by_frame, perm=[1, 0, 2])


def _add_no_norm(builder: GraphBuilder, X: str, lengths: str) -> str:
    return X


def _add_peak_norm(builder: GraphBuilder, X: str, lengths: str) -> str:
    mask = _add_clip_mask(builder, X, lengths)
    true = builder.add("Where", mask, X, builder.constant(LOWEST, "float32"))
    peak = builder.add("ReduceMax", true, axes=[1, 2], keepdims=1)
    unit = builder.constant(PEAK_UNIT_DB, "float32")
    below = builder.add("Div", builder.add("Sub", X, peak), unit)
    normal = builder.add("Add", below, builder.constant(1.0, "float32"))
    return builder.add("Where", mask, normal, builder.constant(0.0, "float32"))


def _add_level_norm(builder: GraphBuilder, X: str, lengths: str) -> str:
    return _add_deviations(builder, X, lengths, reduce="ReduceMean")


def _add_band_norm(builder: GraphBuilder, X: str, lengths: str) -> str:
    return _add_deviations(builder, X, lengths, reduce=None)


def _add_deviations(
    builder: GraphBuilder, X: str, lengths: str, *, reduce: str | None
) -> str:
    """Give each feature, or all together, mean 0 and deviation 1 over a clip."""
    mask = _add_clip_mask(builder, X, lengths)
    zero = builder.constant(0.0, "float32")
    axes = builder.constant([1, 2], "int64")
    count = builder.add("Unsqueeze", builder.add("Cast", lengths, to=FLOAT), axes)

    def mean(value: str) -> str:
        frames = builder.constant([1], "int64")
        total = builder.add("ReduceSum", value, frames, keepdims=1)
        by_band = builder.add("Div", total, count)
        return builder.add(reduce, by_band, axes=[2], keepdims=1) if reduce else by_band

    kept = builder.add("Where", mask, X, zero)
    centred = builder.add("Where", mask, builder.add("Sub", X, mean(kept)), zero)
    variance = mean(builder.add("Mul", centred, centred))
    least = builder.constant(SMALLEST_DEVIATION, "float32")
    deviation = builder.add("Max", builder.add("Sqrt", variance), least)
    return builder.add("Div", centred, deviation)


_NORMS = {
    None: _add_no_norm,
    "bands": _add_band_norm,
    "level": _add_level_norm,
    "peak": _add_peak_norm,
}
