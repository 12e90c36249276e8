"""Pooling over frames in the ONNX graph of a net.

Values before pooling are laid out frames first, (n_frames, n_clips, n).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mfccclf._graph_builder import FLOAT, GraphBuilder, to_numpy
from mfccclf.persistence.onnx.dense import add_frame_layer
from mfccclf.persistence.onnx.padding import LOWEST

__all__ = ["Sequences", "add_pooling", "pool_max", "pool_mean"]


@dataclass(frozen=True)
class Sequences:
    """What pooling may use: names of values of the layer before it.

    Attributes
    ----------
    output : str
        Name of the output (n_frames, n_clips, n).
    lengths : str
        Name of the true frames, int64 (n_clips,).
    mask : str
        Name of the bool mask (n_frames, n_clips, 1), true up to a clip's end.
    state : str
        Name of the final state (n_clips, n); empty if the layer has none.
    """

    output: str
    lengths: str
    mask: str
    state: str = ""

    def replace_output(self, output: str) -> Sequences:
        """Return the same with another output of the same frames."""
        return replace(self, output=output)


def add_pooling(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    """Add a net's pooling over frames; return the name of (n_clips, n)."""
    return _POOLINGS[net.pooling](builder, net, sequences)


def _pool_last(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    return sequences.state


def _pool_last_step(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    batch_first = builder.add("Transpose", sequences.output, perm=[1, 0, 2])
    last = builder.add("Sub", sequences.lengths, builder.constant(1, "int64"))
    index = builder.add("Unsqueeze", last, builder.constant([1], "int64"))
    return builder.add("GatherND", batch_first, index, batch_dims=1)


def pool_mean(builder: GraphBuilder, sequences: Sequences) -> str:
    """Add the mean over the true frames; return the name of (n_clips, n)."""
    zero = builder.constant(0.0, "float32")
    kept = builder.add("Where", sequences.mask, sequences.output, zero)
    lengths = builder.add("Cast", sequences.lengths, to=FLOAT)
    column = builder.add("Unsqueeze", lengths, builder.constant([1], "int64"))
    return builder.add("Div", _sum_frames(builder, kept), column)


def _pool_mean_max(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    mean = pool_mean(builder, sequences)
    return builder.add("Concat", mean, pool_max(builder, sequences), axis=1)


def pool_max(builder: GraphBuilder, sequences: Sequences) -> str:
    """Add the maximum over the true frames; return the name of (n_clips, n)."""
    lowest = builder.constant(LOWEST, "float32")
    kept = builder.add("Where", sequences.mask, sequences.output, lowest)
    return builder.add("ReduceMax", kept, axes=[0], keepdims=0)


def _pool_attention(builder: GraphBuilder, net: Any, sequences: Sequences) -> str:
    score = net.attention.score
    lowest = builder.constant(LOWEST, "float32")
    scores = add_frame_layer(
        builder, sequences.output, to_numpy(score.weight), to_numpy(score.bias)
    )
    kept = builder.add("Where", sequences.mask, scores, lowest)
    shares = builder.add("Softmax", kept, axis=0)
    return _sum_frames(builder, builder.add("Mul", shares, sequences.output))


def _sum_frames(builder: GraphBuilder, value: str) -> str:
    axes = builder.constant([0], "int64")
    return builder.add("ReduceSum", value, axes, keepdims=0)


_POOLINGS: dict[str, Callable[[GraphBuilder, Any, Sequences], str]] = {
    "attention": _pool_attention,
    "last": _pool_last,
    "last_step": _pool_last_step,
    "max": lambda builder, _, sequences: pool_max(builder, sequences),
    "mean": lambda builder, _, sequences: pool_mean(builder, sequences),
    "mean_max": _pool_mean_max,
}
