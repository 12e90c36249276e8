"""An equaliser, which makes a waveform sound as if played in another room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["EQUALISER_HZ", "equalise"]

# Where the gains are set; between them they follow the logarithm of the frequency.
EQUALISER_HZ = (50, 200, 600, 1800, 5000, 15000)


def equalise(
    wave: NDArray[np.float64], sample_rate: float, gains_db: Sequence[float]
) -> NDArray[np.float64]:
    """Pass a waveform through an equaliser.

    Parameters
    ----------
    wave : float64 ndarray of shape (n_samples,)
        One channel.
    sample_rate : float
        In Hz.
    gains_db : sequence of float
        Gain at each of `EQUALISER_HZ`; constant below the first and above the last.

    Returns
    -------
    wave : float64 ndarray of shape (n_samples,)
        Not shifted in time.
    """
    frequencies = np.fft.rfftfreq(len(wave), 1 / sample_rate)
    shape = np.interp(
        np.log(np.maximum(frequencies, 1)), np.log(EQUALISER_HZ), gains_db
    )
    return np.fft.irfft(np.fft.rfft(wave) * 10 ** (shape / 20), len(wave))
