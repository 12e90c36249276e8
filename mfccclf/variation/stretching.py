"""Pitch, tempo and formants, each changed by itself, with a phase vocoder.

librosa's phase vocoder gives the same stretching, but compiles code for seconds when it
is first called, which is longer than a training takes here.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

__all__ = ["warp_waveform"]

Waveform = NDArray[np.float32]
Spectrum = NDArray[np.complexfloating]

_FRAME_S = 0.064
_OVERLAP = 4
# The envelope is what varies more slowly over frequency than this: 1.5 ms of cepstrum.
_LIFTER_S = 0.0015
_FLOOR = 1e-6
# A smaller change cannot be heard, and is not worth the vocoder's traces.
_UNHEARD = 0.003


def warp_waveform(
    waveform: Waveform,
    sample_rate: int,
    *,
    pitch: float = 0.0,
    formant: float = 0.0,
    tempo: float = 1.0,
) -> Waveform:
    """Change pitch, formants and tempo of a waveform independently.

    Parameters
    ----------
    waveform : float32 ndarray of shape (n_samples,)
        One channel.
    sample_rate : int
        In Hz.
    pitch, formant : float, default=0.0
        Semitones by which harmonics, and the envelope over them, move up.
    tempo : float, default=1.0
        How many times as fast.

    Returns
    -------
    waveform : float32 ndarray of shape (about n_samples / tempo,)
        Amplitudes may exceed 1.
    """
    speed = 2 ** (pitch / 12)
    ratio = 2 ** (formant / 12) / speed
    rate = tempo / speed
    if max(abs(np.log(ratio)), abs(np.log(rate))) > _UNHEARD:
        waveform = _vocode(waveform, sample_rate, rate=rate, envelope_ratio=ratio)
    if abs(np.log(speed)) > _UNHEARD:
        waveform = soxr.resample(waveform, sample_rate * speed, sample_rate)
    return np.asarray(waveform, np.float32)


def _vocode(
    waveform: Waveform, sample_rate: int, *, rate: float, envelope_ratio: float
) -> Waveform:
    """Play ``rate`` times as fast with the pitch kept, and warp the envelope."""
    size = 1 << round(np.log2(_FRAME_S * sample_rate))
    frames = _analyse(waveform, size)
    magnitudes = np.abs(frames)
    if abs(np.log(envelope_ratio)) > _UNHEARD:
        n_slow = max(2, round(_LIFTER_S * sample_rate))
        magnitudes = _warp_envelope(magnitudes, n_slow, envelope_ratio)
    stretched = _stretch(magnitudes, np.angle(frames), size // _OVERLAP, rate)
    return _synthesise(stretched, size, round(len(waveform) / rate))


def _analyse(waveform: Waveform, size: int) -> Spectrum:
    """Return the spectra of centred frames, and of one more past the end."""
    hop = size // _OVERLAP
    padded = np.pad(waveform, (size // 2, size + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    return np.fft.rfft(frames * _window(size), axis=1)


def _stretch(
    magnitudes: NDArray[np.floating],
    phases: NDArray[np.floating],
    hop: int,
    rate: float,
) -> Spectrum:
    """Read frames at another rate, with the phases advancing as they did."""
    places = np.arange(0, len(magnitudes) - 1, rate)
    first = places.astype(int)
    share = (places - first)[:, np.newaxis]
    blended = (1 - share) * magnitudes[first] + share * magnitudes[first + 1]
    expected = np.pi * hop * np.arange(magnitudes.shape[1]) / (magnitudes.shape[1] - 1)
    steps = phases[first + 1] - phases[first] - expected
    steps = expected + steps - 2 * np.pi * np.round(steps / (2 * np.pi))
    advanced = np.cumsum(steps, axis=0) - steps
    moved: Spectrum = blended * np.exp(1j * (phases[0] + advanced))
    return moved


def _synthesise(frames: Spectrum, size: int, n_samples: int) -> Waveform:
    """Overlap and add frames, and cut out what the waveform was padded with."""
    hop = size // _OVERLAP
    pieces = np.fft.irfft(frames, size, axis=1) * _window(size)
    total = np.zeros((len(pieces) + _OVERLAP - 1, hop))
    for part in range(_OVERLAP):
        total[part : part + len(pieces)] += pieces[:, part * hop : (part + 1) * hop]
    # Squared Hann windows that overlap by three quarters add up to 3/2.
    sound = total.ravel()[size // 2 :] / 1.5
    fitted = np.zeros(n_samples, np.float32)
    kept = sound[:n_samples]
    fitted[: len(kept)] = kept
    return fitted


def _warp_envelope(
    magnitudes: NDArray[np.floating], n_slow: int, ratio: float
) -> NDArray[np.floating]:
    """Move what varies slowly over frequency up by a ratio; leave the rest in place."""
    logs = np.log(np.maximum(magnitudes, _FLOOR))
    cepstrum = np.fft.irfft(logs, axis=1)
    cepstrum[:, n_slow : cepstrum.shape[1] - n_slow + 1] = 0
    envelope = np.fft.rfft(cepstrum, axis=1).real
    n_bins = magnitudes.shape[1]
    places = np.minimum(np.arange(n_bins) / ratio, n_bins - 1.001)
    first = places.astype(int)
    share = places - first
    moved = (1 - share) * envelope[:, first] + share * envelope[:, first + 1]
    warped: NDArray[np.floating] = magnitudes * np.exp(moved - envelope)
    return warped


def _window(size: int) -> NDArray[np.floating]:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
