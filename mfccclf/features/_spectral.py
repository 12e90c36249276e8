"""From a waveform to columns of features, frames first.

Some features of a frame depend on the whole clip: decibels are cut at ``top_db`` below
the clip's maximum, and chroma follows the clip's tuning. So the spectrum covers the
whole clip, while columns are computed for the frames that are kept only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf.features import _filters
from mfccclf.features._filters import ContrastBand, Float32, Float64
from mfccclf.features._tuning import estimate_tuning

if TYPE_CHECKING:
    from mfccclf.features.parameters import FeatureParameters

# Frames transformed at a time: few enough to stay in the processor's cache.
_BLOCK = 32
# librosa's spectral contrast uses power_to_db's defaults, whatever the mel bands use.
_CONTRAST_AMIN = 1e-10
_CONTRAST_TOP_DB = 80.0
_PAD_MODES = {
    "nearest": "edge",
    "mirror": "reflect",
    "constant": "constant",
    "wrap": "wrap",
}


@dataclass(frozen=True)
class Spectrum:
    """Short-time spectrum of one clip.

    Attributes
    ----------
    power : float32 ndarray of shape (n_frames, n_bins)
        Squared magnitude of every frame.
    magnitude : float32 ndarray of shape (n_kept, n_bins)
        Magnitude of the frames to keep; empty when no feature needs it.
    n_kept : int
        Number of frames whose features are wanted.
    """

    power: Float32
    magnitude: Float32
    n_kept: int


def short_time_spectrum(
    waveform: Float32,
    parameters: FeatureParameters,
    *,
    n_kept: int | None,
    whole_clip: bool,
    with_magnitude: bool,
) -> Spectrum:
    """Transform frames of a waveform; float64 inside, float32 outside.

    Parameters
    ----------
    waveform : float32 ndarray of shape (n_samples,)
        At least ``n_fft`` samples.
    parameters : FeatureParameters
        Frame, hop and window.
    n_kept : int or None
        Frames whose features are wanted, None for all.
    whole_clip : bool
        Whether the frames after those are needed too.
    with_magnitude : bool
        Whether the magnitude is needed beside the power.

    Returns
    -------
    spectrum : Spectrum
        Power of all frames, magnitude of those to keep.
    """
    frames = _framed(waveform, parameters)
    n_kept = len(frames) if n_kept is None else min(n_kept, len(frames))
    if not whole_clip:
        frames = frames[:n_kept]
    n_bins = 1 + parameters.n_fft // 2
    power = np.empty((len(frames), n_bins), np.float32)
    magnitude = np.empty((n_kept if with_magnitude else 0, n_bins), np.float32)
    window = _filters.window_array(
        parameters.window,
        parameters.win_length or parameters.n_fft,
        parameters.n_fft,
    )
    for block, size in _magnitudes(frames, window):
        np.square(size, out=power[block])
        magnitude[block] = size[: max(len(magnitude) - block.start, 0)]
    return Spectrum(power, magnitude, n_kept)


def mel_decibels(spectrum: Spectrum, parameters: FeatureParameters) -> Float64:
    """Return mel bands in dB, of shape (n_kept, n_mels)."""
    mel = _mel_power(spectrum.power, parameters)
    loudest = float(mel.max())
    ref = loudest if parameters.ref == "max" else abs(float(parameters.ref))
    return _decibels(
        mel[: spectrum.n_kept],
        loudest,
        ref=ref,
        amin=parameters.amin,
        top_db=parameters.top_db,
    )


def cepstrum(
    mel_db: NDArray[np.floating], parameters: FeatureParameters
) -> NDArray[np.floating]:
    """Return mel-frequency cepstral coefficients, of shape (n_kept, n_mfcc)."""
    matrix = _filters.dct_matrix(
        parameters.n_mels,
        parameters.n_mfcc,
        parameters.dct_type,
        parameters.norm,
        parameters.lifter,
    )
    return mel_db @ matrix


def spectral_centroid(
    spectrum: Spectrum, parameters: FeatureParameters
) -> NDArray[np.floating]:
    """Return the magnitude's centre of gravity in Hz, of shape (n_kept, 1)."""
    frequencies = _filters.fft_frequencies(parameters.sample_rate, parameters.n_fft)
    magnitude = spectrum.magnitude.astype(np.float64)
    total = magnitude.sum(axis=1)
    total[total < np.finfo(np.float32).tiny] = 1.0
    centroid: Float64 = (magnitude @ frequencies) / total
    return centroid[:, np.newaxis]


def chroma(spectrum: Spectrum, parameters: FeatureParameters) -> NDArray[np.floating]:
    """Return the energy of each pitch class, of shape (n_kept, n_chroma)."""
    tuning = parameters.tuning
    if tuning is None:
        tuning = estimate_tuning(
            spectrum.power, parameters.sample_rate, parameters.n_chroma
        )
    matrix = _filters.chroma_matrix(
        parameters.sample_rate,
        parameters.n_fft,
        float(tuning),
        parameters.n_chroma,
        parameters.ctroct,
        parameters.octwidth,
        parameters.base_c,
    )
    energy = spectrum.power[: spectrum.n_kept] @ matrix.T
    return _filters.normalised(energy, parameters.chroma_norm, axis=1)


def spectral_contrast(
    spectrum: Spectrum, parameters: FeatureParameters
) -> NDArray[np.floating]:
    """Return peak over valley of each octave, of shape (n_kept, n_bands + 1).

    In dB, or as a difference of magnitudes with ``linear=True`` [1]_.

    References
    ----------
    .. [1] D.-N. Jiang and others, "Music type classification by spectral contrast
       feature", ICME, 2002.
    """
    bands = _filters.contrast_bands(
        parameters.sample_rate,
        parameters.n_fft,
        parameters.effective_contrast_fmin,
        parameters.n_bands,
        parameters.quantile,
    )
    peak, valley = _extremes(spectrum.magnitude, bands)
    if parameters.linear:
        return peak - valley
    peak_top, valley_top = peak.max(), valley.max()
    if _cut_depends_on_the_rest(spectrum, valley):
        rest = np.sqrt(spectrum.power[spectrum.n_kept :])
        later_peak, later_valley = _extremes(rest, bands)
        peak_top = max(peak_top, later_peak.max())
        valley_top = max(valley_top, later_valley.max())
    return _contrast_decibels(peak, peak_top) - _contrast_decibels(valley, valley_top)


def derivative(
    columns: NDArray[np.floating], *, order: int, width: int, mode: str
) -> NDArray[np.floating]:
    """Return the ``order``-th time derivative per frame, of the shape of ``columns``.

    A polynomial of degree ``order`` is fitted to ``width`` frames around each. Past
    the ends, frames are made up according to ``mode``, as in `librosa.feature.delta`.
    """
    kernel = _filters.delta_kernel(width, order)
    half = width // 2
    if mode == "interp":
        # The derivative of the first and last full fit is constant: repeat it.
        return np.pad(_correlate(columns, kernel), ((half, half), (0, 0)), "edge")
    padded = np.pad(columns, ((half, half), (0, 0)), _PAD_MODES[mode])  # type: ignore[call-overload]
    return _correlate(padded, kernel)


def _framed(waveform: Float32, parameters: FeatureParameters) -> Float32:
    """Return overlapping frames as a view, of shape (n_frames, n_fft)."""
    n_fft, hop_length = parameters.n_fft, parameters.hop_length
    if parameters.center:
        waveform = _padded(waveform, n_fft // 2, parameters.pad_mode)
    waveform = np.ascontiguousarray(waveform)
    shape = (1 + (len(waveform) - n_fft) // hop_length, n_fft)
    step = waveform.itemsize
    # Without the checks of numpy's own views, which count for a short clip.
    return np.ndarray(shape, np.float32, waveform, strides=(hop_length * step, step))


def _padded(waveform: Float32, n_more: int, mode: str) -> Float32:
    if mode != "constant":
        return np.pad(waveform, n_more, mode)  # type: ignore[call-overload,no-any-return]
    # For a short clip np.pad takes a fifth as long as the whole transform.
    padded = np.zeros(len(waveform) + 2 * n_more, np.float32)
    padded[n_more : n_more + len(waveform)] = waveform
    return padded


class _Workspace(NamedTuple):
    """Arrays for one block of frames, from windowed frames to their magnitudes."""

    windowed: Float64
    transformed: NDArray[np.complex128]
    rounded: NDArray[np.complex64]
    magnitude: Float32

    def cut(self, n_frames: int) -> _Workspace:
        """Return the same arrays for fewer frames."""
        return _Workspace(
            self.windowed[:n_frames],
            self.transformed[:n_frames],
            self.rounded[:n_frames],
            self.magnitude[:n_frames],
        )


# Kept from clip to clip: they stay in the processor's cache, and the system need not
# clear them anew, which takes as long as to transform a short clip. Threads do not
# share them.
@lru_cache(maxsize=8)
def _workspace(n_fft: int, thread: int) -> _Workspace:
    n_bins = 1 + n_fft // 2
    return _Workspace(
        np.empty((_BLOCK, n_fft)),
        np.empty((_BLOCK, n_bins), np.complex128),
        np.empty((_BLOCK, n_bins), np.complex64),
        np.empty((_BLOCK, n_bins), np.float32),
    )


def _magnitudes(frames: Float32, window: Float64) -> Iterator[tuple[slice, Float32]]:
    """Yield blocks of frames and their magnitudes, of shape (n_block, n_bins).

    The next block overwrites the magnitudes of this one.
    """
    space = _workspace(frames.shape[1], threading.get_ident())
    for start in range(0, len(frames), _BLOCK):
        block = slice(start, min(start + _BLOCK, len(frames)))
        used = space.cut(block.stop - start)
        # Widened first: a product of both widths goes through small buffers.
        used.windowed[:] = frames[block]
        np.multiply(used.windowed, window, out=used.windowed)
        np.fft.rfft(used.windowed, out=used.transformed)
        # Rounded before the magnitude is taken: librosa's numbers to the last bit.
        used.rounded[:] = used.transformed
        yield block, np.abs(used.rounded, out=used.magnitude)


def _mel_power(power: Float32, parameters: FeatureParameters) -> Float32:
    bands = _filters.mel_bands(*parameters.mel_arguments)
    if parameters.power != 2:
        power = power ** np.float32(parameters.power / 2)
    mel = np.empty((len(power), parameters.n_mels), np.float32)
    for band in bands:
        mel[:, band.filters] = power[:, band.bins] @ band.matrix
    return mel


def _decibels(
    power: NDArray[np.floating],
    loudest: float,
    *,
    ref: float,
    amin: float,
    top_db: float | None,
) -> Float64:
    """Return 10 log10(power / ref), at most ``top_db`` below the clip's ``loudest``."""
    decibels: Float64 = np.log10(np.maximum(power, amin, dtype=np.float64))
    decibels *= 10.0
    level = 10.0 * np.log10(max(amin, ref))
    if top_db is not None:
        floor = 10.0 * np.log10(max(amin, loudest)) - top_db
        np.maximum(decibels, floor, out=decibels)
    decibels -= level
    return decibels


def _contrast_decibels(magnitude: Float32, loudest: np.floating) -> Float64:
    return _decibels(
        magnitude,
        float(loudest),
        ref=1.0,
        amin=_CONTRAST_AMIN,
        top_db=_CONTRAST_TOP_DB,
    )


def _extremes(
    magnitude: Float32, bands: tuple[ContrastBand, ...]
) -> tuple[Float32, Float32]:
    """Return the mean of each band's largest and of its smallest magnitudes."""
    peak = np.empty((len(magnitude), len(bands)), np.float32)
    valley = np.empty_like(peak)
    for column, band in enumerate(bands):
        if band.n_extreme == 1:
            np.minimum.reduce(magnitude[:, band.bins], axis=1, out=valley[:, column])
            np.maximum.reduce(magnitude[:, band.bins], axis=1, out=peak[:, column])
            continue
        ordered = np.sort(magnitude[:, band.bins], axis=1)
        lowest, highest = ordered[:, : band.n_extreme], ordered[:, -band.n_extreme :]
        # Half the time of mean(), which counts when an extreme is one or two bins.
        valley[:, column] = lowest.sum(axis=1) / lowest.shape[1]
        peak[:, column] = highest.sum(axis=1) / highest.shape[1]
    return peak, valley


def _cut_depends_on_the_rest(spectrum: Spectrum, valley: Float32) -> bool:
    """Tell whether later frames may raise the floor above a kept valley.

    Nothing in the clip exceeds its largest magnitude, so when the lowest valley is
    within ``top_db`` of that (as nearly always), the later frames need no sorting.
    """
    if len(spectrum.power) == spectrum.n_kept:
        return False
    lowest = max(_CONTRAST_AMIN, float(valley.min()))
    reach = 0.999 * lowest * 10 ** (_CONTRAST_TOP_DB / 10)
    return float(np.sqrt(spectrum.power.max())) > reach


def _correlate(columns: NDArray[np.floating], kernel: Float64) -> Float64:
    n_out = max(len(columns) - len(kernel) + 1, 0)
    shifted = (columns[k : k + n_out] * weight for k, weight in enumerate(kernel))
    total: Float64 = sum(shifted, start=np.zeros((n_out, columns.shape[1])))
    return total
