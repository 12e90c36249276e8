"""Decibels of powers, cut below each clip's maximum as `librosa.power_to_db` does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.arrays import Float64
from mfccclf.features.spectrum import Spectrum

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder

__all__ = ["add_decibels", "decibels"]

# From a natural logarithm, the only one of ONNX.
_DB_PER_NEPER = 10.0 / math.log(10.0)


def decibels(
    power: NDArray[np.floating],
    spectrum: Spectrum,
    loudest: Float64,
    *,
    ref: float | Float64,
    amin: float,
    top_db: float | None,
) -> Float64:
    """Return 10 log10(power / ref), at most ``top_db`` below each clip's loudest.

    Parameters
    ----------
    power : floating ndarray of shape (n_kept, n_columns)
        Of the frames to keep.
    spectrum : Spectrum
        Tells which frame is which clip's.
    loudest : float64 ndarray of shape (n_clips,)
        Largest power of each whole clip.
    ref : float or float64 ndarray of shape (n_clips,)
        Power of 0 dB.
    amin : float
        Smallest power told apart from 0.
    top_db : float or None
        Range in dB; None for no cut.

    Returns
    -------
    decibels : float64 ndarray of shape (n_kept, n_columns)
        In dB.
    """
    level: Float64 = np.log10(np.maximum(power, amin, dtype=np.float64))
    level *= 10.0
    zero = 10.0 * np.log10(np.maximum(amin, ref))
    if top_db is not None:
        floor = 10.0 * np.log10(np.maximum(amin, loudest)) - top_db
        np.maximum(level, spectrum.by_frame(floor), out=level)
    level -= spectrum.by_frame(zero) if zero.ndim else zero
    return level


def add_decibels(
    builder: GraphBuilder,
    power: str,
    *,
    ref: float | None,
    amin: float,
    top_db: float | None,
) -> str:
    """Add what `decibels` does with one whole clip to a graph.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    power : str
        Name of float32 powers (n_frames, n_columns).
    ref : float or None
        Power of 0 dB; None for the largest.
    amin, top_db : float or None
        As for `decibels`.

    Returns
    -------
    decibels : str
        Name of the float64 decibels, of the same shape.
    """
    level = _add_level(builder, builder.cast(power, "float64"), amin)
    loudest = builder.add("ReduceMax", level, axes=[0, 1], keepdims=1)
    if top_db is not None:
        level = builder.add("Max", level, builder.add_with("Sub", loudest, top_db))
    if ref is None:
        return builder.add("Sub", level, loudest)
    return builder.add_with("Sub", level, 10.0 * math.log10(max(amin, ref)))


def _add_level(builder: GraphBuilder, power: str, amin: float) -> str:
    logarithm = builder.add("Log", builder.add_with("Max", power, amin))
    return builder.add_with("Mul", logarithm, _DB_PER_NEPER)
