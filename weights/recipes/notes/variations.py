"""Vary notes as rooms, microphones and players do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["vary"]

# Standard deviation, in dB, of the slowest ripple of the response of microphone and
# room; the k-th ripple has 1/k of it.
_RESPONSE_DB = 4.0
_N_RIPPLES = 6
_LOWEST_HZ = 60.0
_CUT_SHARE = 0.4
_SHORTEST_S, _FADE_S = 0.4, 0.05


def vary(
    waveform: NDArray[np.float32], sample_rate: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return a note as another microphone hears it, sometimes ended early.

    Parameters
    ----------
    waveform : float32 ndarray of shape (n_samples,)
        The note.
    sample_rate : int
        Its rate in Hz.
    rng : numpy Generator
        Draws what happens to it.

    Returns
    -------
    waveform : float32 ndarray of shape (n_samples,)
        As long as before: silence follows a note that was cut.
    """
    varied = _filter(waveform, sample_rate, rng)
    if rng.random() < _CUT_SHARE:
        varied = _cut(varied, sample_rate, rng)
    return varied


def _filter(
    waveform: NDArray[np.float32], sample_rate: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Apply a smooth random response over the logarithm of the frequency."""
    spectrum = np.fft.rfft(waveform)
    frequencies = np.linspace(0, sample_rate / 2, len(spectrum))
    octaves = np.log2(np.maximum(frequencies, _LOWEST_HZ) / _LOWEST_HZ)
    place = np.pi * octaves / octaves[-1]
    gain_db = np.zeros(len(spectrum))
    for ripple in range(1, _N_RIPPLES + 1):
        gain_db += rng.normal(0, _RESPONSE_DB / ripple) * np.cos(ripple * place)
    filtered = np.fft.irfft(spectrum * 10 ** (gain_db / 20), len(waveform))
    return filtered.astype(np.float32)


def _cut(
    waveform: NDArray[np.float32], sample_rate: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    shortest = round(_SHORTEST_S * sample_rate)
    if len(waveform) <= shortest:
        return waveform
    end = int(rng.integers(shortest, len(waveform)))
    fade = round(_FADE_S * sample_rate)
    envelope = np.zeros(len(waveform), np.float32)
    envelope[:end] = 1
    envelope[end - fade : end] = np.linspace(1, 0, fade)
    return waveform * envelope
