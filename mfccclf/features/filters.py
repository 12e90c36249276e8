"""Windows, filter banks and transforms: arrays that depend on parameters alone.

All are cached, because every clip of a run needs the same ones, and read-only, because
the cached array is shared.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Array = TypeVar("Array", bound=NDArray[Any])

WINDOWS = ("hann", "hamming", "blackman", "boxcar")
LIBROSA_CONTRAST_FMIN = 200.0

# Coefficients of the cosine sums that periodic windows are made of.
_COSINE_SUMS = {
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "boxcar": (1.0,),
}
_FILTERS_PER_BAND = 16


class MelBand(NamedTuple):
    """Neighbouring mel filters, cut to the frequency bins that they touch."""

    filters: slice
    bins: slice
    matrix: Float32


class ContrastBand(NamedTuple):
    """One octave of the spectral contrast: its bins, and how many make an extreme."""

    bins: slice
    n_extreme: int


@lru_cache(maxsize=32)
def window_array(window: str, win_length: int, n_fft: int) -> Float64:
    """Return a periodic window, centred in ``n_fft`` samples, of shape (n_fft,)."""
    phase = 2 * np.pi * np.arange(win_length) / win_length
    terms = enumerate(_COSINE_SUMS[window])
    values: Float64 = np.zeros(win_length)
    for k, weight in terms:
        values += (-1) ** k * weight * np.cos(k * phase)
    left = (n_fft - win_length) // 2
    padded: Float64 = np.pad(values, (left, n_fft - win_length - left))
    return _frozen(padded)


@lru_cache(maxsize=32)
def fft_frequencies(sample_rate: int, n_fft: int) -> Float64:
    """Return the frequency of each bin in Hz, of shape (1 + n_fft // 2,)."""
    frequencies: Float64 = np.fft.rfftfreq(n_fft, 1.0 / sample_rate).astype(np.float64)
    return _frozen(frequencies)


@lru_cache(maxsize=32)
def mel_matrix(
    sample_rate: int,
    n_fft: int,
    n_mels: int,
    fmin: float,
    fmax: float,
    htk: bool,
    mel_norm: str | float | None,
) -> Float32:
    """Return triangular mel filters of shape (n_mels, n_bins)."""
    edges = _mel_edges(n_mels, fmin, fmax, htk)
    widths = np.diff(edges)[:, np.newaxis]
    slopes = edges[:, np.newaxis] - fft_frequencies(sample_rate, n_fft)
    rising = -slopes[:-2] / widths[:-1]
    falling = slopes[2:] / widths[1:]
    weights = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    if mel_norm == "slaney":
        area = 2.0 / (edges[2:] - edges[:-2])
        weights *= area[:, np.newaxis]
    elif mel_norm is not None:
        weights = normalised(weights, float(mel_norm), axis=1)
    return _frozen(weights)


@lru_cache(maxsize=32)
def mel_bands(
    sample_rate: int,
    n_fft: int,
    n_mels: int,
    fmin: float,
    fmax: float,
    htk: bool,
    mel_norm: str | float | None,
) -> tuple[MelBand, ...]:
    """Return the mel filters as small dense matrices.

    A filter touches few bins, so multiplying by groups of neighbours leaves out most
    of the zeros of the full matrix.
    """
    matrix = mel_matrix(sample_rate, n_fft, n_mels, fmin, fmax, htk, mel_norm)
    bands = []
    for first in range(0, n_mels, _FILTERS_PER_BAND):
        filters = slice(first, min(first + _FILTERS_PER_BAND, n_mels))
        used = np.flatnonzero(matrix[filters].any(axis=0))
        bins = slice(used[0], used[-1] + 1) if used.size else slice(0, 1)
        weights = np.ascontiguousarray(matrix[filters, bins].T)
        bands.append(MelBand(filters, bins, _frozen(weights)))
    return tuple(bands)


@lru_cache(maxsize=32)
def dct_matrix(
    n_mels: int, n_mfcc: int, dct_type: int, norm: str | None, lifter: float
) -> Float64:
    """Return the matrix from mel bands in dB to (liftered) cepstral coefficients.

    Its shape is (n_mels, n_mfcc): ``mel_db @ matrix`` is the cosine transform.
    """
    transform = {1: _dct_1, 2: _dct_2, 3: _dct_3}[dct_type]
    matrix = transform(n_mels, norm == "ortho")[:, :n_mfcc]
    if lifter > 0:
        order = np.arange(1, n_mfcc + 1)
        matrix = matrix * (1 + lifter / 2 * np.sin(np.pi * order / lifter))
    return _frozen(np.ascontiguousarray(matrix))


@lru_cache(maxsize=256)
def chroma_matrix(
    sample_rate: int,
    n_fft: int,
    tuning: float,
    n_chroma: int,
    ctroct: float,
    octwidth: float | None,
    base_c: bool,
) -> Float32:
    """Return the filters from bins to pitch classes, of shape (n_chroma, n_bins)."""
    n_bins = 1 + n_fft // 2
    pitch, width = _bin_pitches(sample_rate, n_fft, tuning, n_chroma)
    pitch, width = pitch[:n_bins], width[:n_bins]
    half = np.round(n_chroma / 2)
    classes = np.arange(n_chroma)[:, np.newaxis]
    distance = np.remainder(pitch - classes + half + 10 * n_chroma, n_chroma) - half
    weights = normalised(np.exp(-0.5 * (2 * distance / width) ** 2), 2.0, axis=0)
    if octwidth is not None:
        octave = (pitch / n_chroma - ctroct) / octwidth
        weights *= np.exp(-0.5 * octave**2)
    if base_c:
        weights = np.roll(weights, -3 * (n_chroma // 12), axis=0)
    return _frozen(weights.astype(np.float32))


def default_contrast_fmin(sample_rate: int, n_bands: int) -> float:
    """Return librosa's 200 Hz, or less where its octaves would pass half the rate.

    The lower value makes the top octave end at half the rate, so that ``n_bands``
    whole octaves fit under it whatever the rate.
    """
    nyquist = sample_rate / 2
    if LIBROSA_CONTRAST_FMIN * 2 ** (n_bands - 1) < nyquist:
        return LIBROSA_CONTRAST_FMIN
    return float(nyquist / 2**n_bands)


@lru_cache(maxsize=32)
def contrast_bands(
    sample_rate: int, n_fft: int, fmin: float, n_bands: int, quantile: float
) -> tuple[ContrastBand, ...]:
    """Return the bins of each octave, from 0 Hz up; ``n_bands`` + 1 of them.

    Raises
    ------
    ValueError
        If an octave lies between two bins, so that it holds none.
    """
    frequencies = fft_frequencies(sample_rate, n_fft)
    edges = np.concatenate(([0.0], fmin * 2.0 ** np.arange(n_bands + 1)))
    first = np.searchsorted(frequencies, edges[:-1], side="left")
    stop = np.searchsorted(frequencies, edges[1:], side="right")
    stop[-1] = len(frequencies)
    if np.any(first >= stop) or stop[0] < 2:
        raise ValueError("an octave of the spectral contrast holds no frequency bin")
    first[1:] -= 1
    n_extreme = np.maximum(np.rint(quantile * (stop - first)), 1).astype(int)
    stop[:-1] -= 1
    return tuple(
        ContrastBand(slice(int(low), int(high)), int(count))
        for low, high, count in zip(first, stop, n_extreme, strict=True)
    )


@lru_cache(maxsize=32)
def delta_kernel(width: int, order: int) -> Float64:
    """Return the weights of the ``order``-th derivative of a least-squares polynomial.

    The polynomial has degree ``order`` and is fitted to ``width`` frames; the first
    weight belongs to the earliest frame [1]_.

    References
    ----------
    .. [1] A. Savitzky and M. J. E. Golay, "Smoothing and differentiation of data by
       simplified least squares procedures", Analytical Chemistry 36(8), 1964.
    """
    half = width // 2
    time = np.arange(-half, half + 1, dtype=float)
    fit = np.linalg.pinv(np.vander(time, order + 1, increasing=True))
    return _frozen(math.factorial(order) * fit[order])


def normalised(
    values: NDArray[np.floating], norm: float | None, *, axis: int
) -> NDArray[np.floating]:
    """Divide by the ``norm``-norm along ``axis``; what is all zero stays so."""
    if norm is None:
        return values
    size = np.abs(values)
    if math.isinf(norm):
        length = size.max(axis=axis, keepdims=True)
    else:
        powers = size.astype(np.float64) ** norm
        length = powers.sum(axis=axis, keepdims=True) ** (1.0 / norm)
    length[length < np.finfo(values.dtype).tiny] = 1.0
    scaled: NDArray[np.floating] = values / length
    return scaled.astype(values.dtype, copy=False)


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array


def _mel_edges(n_mels: int, fmin: float, fmax: float, htk: bool) -> Float64:
    """Return the corners of the triangles in Hz, of shape (n_mels + 2,)."""
    limits = _hz_to_mel(np.array([fmin, fmax]), htk)
    return _mel_to_hz(np.linspace(limits[0], limits[1], n_mels + 2), htk)


# Slaney's scale is linear up to 1000 Hz, then logarithmic: 27 steps make a factor 6.4.
_LINEAR_STEP = 200.0 / 3
_LOG_START_HZ = 1000.0
_LOG_START_MEL = _LOG_START_HZ / _LINEAR_STEP
_LOG_STEP = math.log(6.4) / 27.0


def _hz_to_mel(frequency: Float64, htk: bool) -> Float64:
    if htk:
        return np.asarray(2595.0 * np.log10(1.0 + frequency / 700.0))
    above = np.maximum(frequency, _LOG_START_HZ) / _LOG_START_HZ
    logarithmic = _LOG_START_MEL + np.log(above) / _LOG_STEP
    linear = frequency / _LINEAR_STEP
    return np.where(frequency >= _LOG_START_HZ, logarithmic, linear)


def _mel_to_hz(mel: Float64, htk: bool) -> Float64:
    if htk:
        return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
    logarithmic = _LOG_START_HZ * np.exp(_LOG_STEP * (mel - _LOG_START_MEL))
    return np.where(mel >= _LOG_START_MEL, logarithmic, mel * _LINEAR_STEP)


def _bin_pitches(
    sample_rate: int, n_fft: int, tuning: float, n_chroma: int
) -> tuple[Float64, Float64]:
    """Return each FFT bin's pitch in chroma steps above A0 / 16, and its width."""
    frequencies = np.linspace(0, sample_rate, n_fft, endpoint=False)[1:]
    reference = 440.0 * 2.0 ** (tuning / n_chroma) / 16
    pitch = n_chroma * np.log2(frequencies / reference)
    # 0 Hz has no pitch; librosa puts it one octave and a half below the first bin.
    pitch = np.concatenate(([pitch[0] - 1.5 * n_chroma], pitch))
    width = np.concatenate((np.maximum(np.diff(pitch), 1.0), [1.0]))
    return pitch, width


def _dct_1(n: int, ortho: bool) -> Float64:
    position, order = np.arange(n)[:, np.newaxis], np.arange(n)
    matrix = 2 * np.cos(np.pi * position * order / (n - 1))
    matrix[[0, -1]] /= 2
    if ortho:
        matrix[[0, -1]] *= math.sqrt(2)
        matrix *= math.sqrt(0.5 / (n - 1))
        matrix[:, [0, -1]] /= math.sqrt(2)
    return matrix


def _dct_2(n: int, ortho: bool) -> Float64:
    position, order = np.arange(n)[:, np.newaxis], np.arange(n)
    matrix = 2 * np.cos(np.pi * (2 * position + 1) * order / (2 * n))
    if ortho:
        matrix *= math.sqrt(0.5 / n)
        matrix[:, 0] /= math.sqrt(2)
    return matrix


def _dct_3(n: int, ortho: bool) -> Float64:
    # With norm="ortho" type 3 is the inverse, hence the transpose, of type 2.
    if ortho:
        return _dct_2(n, ortho=True).T
    position, order = np.arange(n)[:, np.newaxis], np.arange(n)
    matrix = 2 * np.cos(np.pi * position * (2 * order + 1) / (2 * n))
    matrix[0] /= 2
    return matrix
