"""Decibels of powers, cut below each clip's maximum as `librosa.power_to_db` does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.arrays import Float64
from mfccclf.features.spectrum import Spectrum

__all__ = ["decibels"]


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
