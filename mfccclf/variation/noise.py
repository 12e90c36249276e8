"""Noise of any colour."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

__all__ = ["coloured_noise"]

_RATE = 16000
_LOWEST_HZ = 40.0


def coloured_noise(
    n_samples: int, slope: float, rng: Generator, *, sample_rate: int = _RATE
) -> NDArray[np.float64]:
    """Draw noise whose power falls with frequency.

    Parameters
    ----------
    n_samples : int
        Length.
    slope : float
        Power is proportional to frequency to the minus ``slope``: 0 for white, 1 for
        pink, 2 for brown noise. Below 40 Hz the spectrum is flat.
    rng : numpy Generator
        To draw with.
    sample_rate : int, default=16000
        In Hz.

    Returns
    -------
    noise : float64 ndarray of shape (n_samples,)
        With a standard deviation of 1.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf.synthesis import coloured_noise
    >>> coloured_noise(16000, 1.0, np.random.default_rng(0)).shape
    (16000,)
    """
    size = 1 << (n_samples - 1).bit_length()
    bins = np.arange(size // 2 + 1)
    spectrum = rng.standard_normal(len(bins)) + 1j * rng.standard_normal(len(bins))
    frequency = np.maximum(bins, size * _LOWEST_HZ / sample_rate)
    noise = np.fft.irfft(spectrum * frequency ** (-slope / 2))[:n_samples]
    return np.asarray(noise / (noise.std() + 1e-12))
