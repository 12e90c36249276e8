"""The ONNX graph of `SequenceStatistics`.

It computes means and deviations in float64, as the transformer does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mfccclf._graph_builder import DOUBLE, FLOAT, GraphBuilder
from mfccclf.persistence.onnx.padding import LOWEST, add_clip_mask

__all__ = ["add_statistics"]


def add_statistics(
    builder: GraphBuilder, transformer: Any, X: str, lengths: str
) -> str:
    """Add a `SequenceStatistics` to a graph.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    transformer : SequenceStatistics
        Fitted.
    X, lengths : str
        Names of float32 sequences (n_clips, n_frames, n_features), NaN past a clip's
        end, and of their int64 lengths (n_clips,).

    Returns
    -------
    rows : str
        Name of the float32 rows (n_clips, n_statistics * n_features).
    """
    frames = _Frames(builder, X, lengths)
    rows = [_STATISTICS[name](frames) for name in transformer.statistics]
    return rows[0] if len(rows) == 1 else builder.add("Concat", *rows, axis=1)


class _Frames:
    """Sequences and the mask of their true frames, as names in a graph."""

    def __init__(self, builder: GraphBuilder, X: str, lengths: str) -> None:
        self.builder = builder
        self.X = X
        self.mask = add_clip_mask(builder, X, lengths)
        counts = builder.add("Cast", lengths, to=DOUBLE)
        self.counts = builder.add("Unsqueeze", counts, builder.constant([1], "int64"))

    def filled(self, values: str, value: float, dtype: str) -> str:
        """Return values with another one in place of those past a clip's end."""
        return self.builder.add(
            "Where", self.mask, values, self.builder.constant(value, dtype)
        )

    def mean_of(self, values: str) -> str:
        """Return the mean of float64 values over a clip's true frames."""
        axes = self.builder.constant([1], "int64")
        kept = self.filled(values, 0.0, "float64")
        total = self.builder.add("ReduceSum", kept, axes, keepdims=0)
        return self.builder.add("Div", total, self.counts)


def _add_mean(frames: _Frames) -> str:
    wide = frames.builder.add("Cast", frames.X, to=DOUBLE)
    return frames.builder.add("Cast", frames.mean_of(wide), to=FLOAT)


def _add_std(frames: _Frames) -> str:
    builder = frames.builder
    wide = builder.add("Cast", frames.X, to=DOUBLE)
    axes = builder.constant([1], "int64")
    mean = builder.add("Unsqueeze", frames.mean_of(wide), axes)
    deviation = builder.add("Sub", wide, mean)
    variance = frames.mean_of(builder.add("Mul", deviation, deviation))
    return builder.add("Cast", builder.add("Sqrt", variance), to=FLOAT)


def _add_max(frames: _Frames) -> str:
    kept = frames.filled(frames.X, LOWEST, "float32")
    return frames.builder.add("ReduceMax", kept, axes=[1], keepdims=0)


def _add_min(frames: _Frames) -> str:
    kept = frames.filled(frames.X, -LOWEST, "float32")
    return frames.builder.add("ReduceMin", kept, axes=[1], keepdims=0)


_STATISTICS: Mapping[str, Callable[[_Frames], str]] = {
    "mean": _add_mean,
    "std": _add_std,
    "max": _add_max,
    "min": _add_min,
}
