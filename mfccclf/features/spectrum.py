"""From a waveform to columns of features, frames first.

Some features of a frame depend on the whole clip: decibels are cut at ``top_db`` below
the clip's maximum, and chroma follows the clip's tuning. So the spectrum covers the
whole clip, while columns are computed for the frames that are kept only.

Short clips go through together, one below the other: what numpy does before and after
its work counts once for all. Only products of matrices are made clip by clip, since
BLAS rounds a row by the number of rows.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf.features import filters as _filters
from mfccclf.features.filters import ContrastBand, Float32, Float64
from mfccclf.features.tuning import estimate_tunings

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
    """Short-time spectrum of one clip, or of several of which all frames are kept.

    Attributes
    ----------
    power : float32 ndarray of shape (n_frames, n_bins)
        Squared magnitude of every frame, clip after clip.
    magnitude : float32 ndarray of shape (n_kept, n_bins)
        Magnitude of the frames to keep; empty when no feature needs it.
    n_kept : int
        Number of frames whose features are wanted.
    starts : tuple of int
        First frame of each clip.
    """

    power: Float32
    magnitude: Float32
    n_kept: int
    starts: tuple[int, ...]

    @cached_property
    def clips(self) -> list[slice]:
        """Which frames are each clip's."""
        return [slice(*pair) for pair in pairwise((*self.starts, len(self.power)))]

    @cached_property
    def kept(self) -> list[slice]:
        """Which of the frames to keep are each clip's."""
        return [slice(*pair) for pair in pairwise((*self.starts, self.n_kept))]

    def largest(self, values: NDArray[np.floating]) -> Float64:
        """Return each clip's largest value, of shape (n_clips,)."""
        by_frame = values.max(axis=1)
        return np.maximum.reduceat(by_frame, self.starts).astype(np.float64)

    def by_frame(self, values: Float64) -> Float64:
        """Repeat a value per clip for its frames to keep, (n_kept, 1); one as it is."""
        if len(values) == 1:
            return values
        counts = [rows.stop - rows.start for rows in self.kept]
        return np.repeat(values, counts)[:, np.newaxis]

    def product(
        self, values: NDArray[np.floating], matrix: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        """Multiply the frames to keep by a matrix, clip by clip."""
        return _stacked([values[rows] @ matrix for rows in self.kept])


def short_time_spectrum(
    waveforms: Sequence[Float32],
    parameters: FeatureParameters,
    *,
    n_kept: int | None,
    whole_clip: bool,
    with_magnitude: bool,
) -> Spectrum:
    """Transform frames of waveforms; float64 inside, float32 outside.

    Parameters
    ----------
    waveforms : sequence of float32 ndarray of shape (n_samples,)
        Each of at least ``n_fft`` samples; one, or several with ``n_kept`` frames at
        most.
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
    framed = [_framed(waveform, parameters) for waveform in waveforms]
    if not whole_clip:
        framed = [frames[:n_kept] for frames in framed]
    *starts, n_frames = accumulate(map(len, framed), initial=0)
    n_kept = n_frames if n_kept is None or len(framed) > 1 else min(n_kept, n_frames)
    n_bins = 1 + parameters.n_fft // 2
    power = np.empty((n_frames, n_bins), np.float32)
    magnitude = np.empty((n_kept if with_magnitude else 0, n_bins), np.float32)
    window = _filters.window_array(
        parameters.window,
        parameters.win_length or parameters.n_fft,
        parameters.n_fft,
    )
    for start, frames in zip(starts, framed, strict=True):
        for block, size in _magnitudes(frames, window, start):
            np.square(size, out=power[block])
            magnitude[block] = size[: max(len(magnitude) - block.start, 0)]
    return Spectrum(power, magnitude, n_kept, tuple(starts))


def mel_decibels(spectrum: Spectrum, parameters: FeatureParameters) -> Float64:
    """Return mel bands in dB, of shape (n_kept, n_mels)."""
    mel = _mel_power(spectrum, parameters)
    loudest = spectrum.largest(mel)
    ref = loudest if parameters.ref == "max" else abs(float(parameters.ref))
    return _decibels(
        mel[: spectrum.n_kept],
        spectrum,
        loudest,
        ref=ref,
        amin=parameters.amin,
        top_db=parameters.top_db,
    )


def cepstrum(
    mel_db: NDArray[np.floating], spectrum: Spectrum, parameters: FeatureParameters
) -> NDArray[np.floating]:
    """Return mel-frequency cepstral coefficients, of shape (n_kept, n_mfcc)."""
    matrix = _filters.dct_matrix(
        parameters.n_mels,
        parameters.n_mfcc,
        parameters.dct_type,
        parameters.norm,
        parameters.lifter,
    )
    return spectrum.product(mel_db, matrix)


def spectral_centroid(
    spectrum: Spectrum, parameters: FeatureParameters
) -> NDArray[np.floating]:
    """Return the magnitude's centre of gravity in Hz, of shape (n_kept, 1)."""
    frequencies = _filters.fft_frequencies(parameters.sample_rate, parameters.n_fft)
    magnitude = spectrum.magnitude.astype(np.float64)
    total = magnitude.sum(axis=1)
    total[total < np.finfo(np.float32).tiny] = 1.0
    centroid: Float64 = spectrum.product(magnitude, frequencies) / total
    return centroid[:, np.newaxis]


def chroma(spectrum: Spectrum, parameters: FeatureParameters) -> NDArray[np.floating]:
    """Return the energy of each pitch class, of shape (n_kept, n_chroma)."""
    products = [
        spectrum.power[rows] @ _chroma_matrix(parameters, tuning).T
        for rows, tuning in zip(
            spectrum.kept, _tunings(spectrum, parameters), strict=True
        )
    ]
    energy = _stacked(products)
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
    peak_top, valley_top = peak, valley
    if _cut_depends_on_the_rest(spectrum, valley):
        rest = _extremes(np.sqrt(spectrum.power[spectrum.n_kept :]), bands)
        peak_top, valley_top = (
            np.concatenate(pair) for pair in zip((peak, valley), rest, strict=True)
        )
    return _contrast_decibels(peak, spectrum, peak_top) - _contrast_decibels(
        valley, spectrum, valley_top
    )


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


def _stacked(parts: list[NDArray[np.floating]]) -> NDArray[np.floating]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


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


def _magnitudes(
    frames: Float32, window: Float64, first: int
) -> Iterator[tuple[slice, Float32]]:
    """Yield blocks of frames and their magnitudes, of shape (n_block, n_bins).

    Frames are counted from ``first``. The next block overwrites the magnitudes of this
    one.
    """
    space = _workspace(frames.shape[1], threading.get_ident())
    for start in range(0, len(frames), _BLOCK):
        stop = min(start + _BLOCK, len(frames))
        used = space.cut(stop - start)
        # Widened first: a product of both widths goes through small buffers.
        used.windowed[:] = frames[start:stop]
        np.multiply(used.windowed, window, out=used.windowed)
        np.fft.rfft(used.windowed, out=used.transformed)
        # Rounded before the magnitude is taken: librosa's numbers to the last bit.
        used.rounded[:] = used.transformed
        block = slice(first + start, first + stop)
        yield block, np.abs(used.rounded, out=used.magnitude)


def _mel_power(spectrum: Spectrum, parameters: FeatureParameters) -> Float32:
    bands = _filters.mel_bands(*parameters.mel_arguments)
    power = spectrum.power
    if parameters.power != 2:
        power = power ** np.float32(parameters.power / 2)
    mel = np.empty((len(power), parameters.n_mels), np.float32)
    for rows in spectrum.clips:
        for band in bands:
            mel[rows, band.filters] = power[rows, band.bins] @ band.matrix
    return mel


def _tunings(spectrum: Spectrum, parameters: FeatureParameters) -> list[float]:
    """Return the deviation from A = 440 Hz of each clip, in chroma steps."""
    if parameters.tuning is not None:
        return [float(parameters.tuning)] * len(spectrum.starts)
    return estimate_tunings(
        spectrum.power, spectrum.starts, parameters.sample_rate, parameters.n_chroma
    )


def _chroma_matrix(parameters: FeatureParameters, tuning: float) -> Float32:
    return _filters.chroma_matrix(
        parameters.sample_rate,
        parameters.n_fft,
        tuning,
        parameters.n_chroma,
        parameters.ctroct,
        parameters.octwidth,
        parameters.base_c,
    )


def _decibels(
    power: NDArray[np.floating],
    spectrum: Spectrum,
    loudest: Float64,
    *,
    ref: float | Float64,
    amin: float,
    top_db: float | None,
) -> Float64:
    """Return 10 log10(power / ref), at most ``top_db`` below each clip's ``loudest``.

    ``loudest``, and ``ref`` if it is no number, is of shape (n_clips,).
    """
    decibels: Float64 = np.log10(np.maximum(power, amin, dtype=np.float64))
    decibels *= 10.0
    level = 10.0 * np.log10(np.maximum(amin, ref))
    if top_db is not None:
        floor = 10.0 * np.log10(np.maximum(amin, loudest)) - top_db
        np.maximum(decibels, spectrum.by_frame(floor), out=decibels)
    decibels -= spectrum.by_frame(level) if level.ndim else level
    return decibels


def _contrast_decibels(
    magnitude: Float32, spectrum: Spectrum, whole: Float32
) -> Float64:
    """Return what `librosa.power_to_db` gives for magnitudes of ``whole`` clips."""
    return _decibels(
        magnitude,
        spectrum,
        spectrum.largest(whole),
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
