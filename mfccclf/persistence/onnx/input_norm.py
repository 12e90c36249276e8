"""Normalising of single clips in the ONNX graph of a net."""

from __future__ import annotations

from mfccclf._graph_builder import FLOAT, GraphBuilder
from mfccclf.modules.input_norm import PEAK_UNIT_DB, SMALLEST_DEVIATION
from mfccclf.persistence.onnx.padding import LOWEST, add_clip_mask

__all__ = ["add_input_norm"]


def add_input_norm(
    builder: GraphBuilder, kind: str | None, X: str, lengths: str
) -> str:
    """Add what `mfccclf.modules.input_norm.normalise_clips` does.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    kind : {None, "bands", "level", "peak"}
        How each clip is normalised; None for not at all.
    X, lengths : str
        Names of float32 sequences (n_clips, n_frames, n_features), padded with zeros,
        and of their int64 lengths (n_clips,).

    Returns
    -------
    X : str
        Name of the normalised sequences, padded with zeros.
    """
    return _NORMS[kind](builder, X, lengths)


def _add_no_norm(builder: GraphBuilder, X: str, lengths: str) -> str:
    return X


def _add_peak_norm(builder: GraphBuilder, X: str, lengths: str) -> str:
    mask = add_clip_mask(builder, X, lengths)
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
    mask = add_clip_mask(builder, X, lengths)
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
