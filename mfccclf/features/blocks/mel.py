"""Mel: the power in bands of equal width for the ear, in dB."""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf._parameters import optional, parameter, parameter_group
from mfccclf._validation import argument_error, check_bool, check_int, check_real
from mfccclf.features.arrays import (
    Float32,
    Float64,
    check_norm,
    fft_frequencies,
    frozen,
    normalised,
)
from mfccclf.features.blocks.block import FeatureBlock, number_columns
from mfccclf.features.decibels import add_decibels, decibels
from mfccclf.features.spectrum import Spectrum
from mfccclf.features.spectrum_parameters import SpectrumParameters

if TYPE_CHECKING:
    from mfccclf.features.graphs.spectrum import GraphSpectrum

__all__ = [
    "Mel",
    "MelParameters",
    "add_mel_decibels",
    "caution_of_empty_filters",
    "check_mel_range",
    "mel_decibels",
    "needs_loudest_band",
    "reference_mel_decibels",
]

_FILTERS_PER_BAND = 16


def _check_ref(name: str, value: Any, *, owner: object) -> Any:
    if value == "max":
        return value
    if isinstance(value, str):
        raise argument_error(name, value, "a float > 0 or 'max'", owner=owner)
    return check_real(name, value, above=0, owner=owner)


@parameter_group
class MelParameters(SpectrumParameters):
    """Which mel bands there are, and how their power becomes dB."""

    n_mels: int = parameter(
        128, "int", "Number of mel bands.", check=partial(check_int, minimum=1)
    )
    fmin: float = parameter(
        0.0,
        "float",
        "Lowest frequency of the mel bands in Hz.",
        check=partial(check_real, minimum=0),
    )
    fmax: float | None = parameter(
        None,
        "float or None",
        "Highest frequency of the mel bands in Hz; None means half the rate.",
        check=optional(check_real, minimum=0.001),
    )
    htk: bool = parameter(
        False,
        "bool",
        "Whether the mel scale is HTK's instead of Slaney's.",
        check=check_bool,
    )
    mel_norm: str | float | None = parameter(
        "slaney",
        '{"slaney"}, float or None',
        "Scaling of the mel filters: equal area, a vector norm (inf allowed), or none.",
        check=partial(check_norm, also="slaney"),
    )
    ref: str | float = parameter(
        1.0,
        'float or "max"',
        'Power of 0 dB for the mel bands and MFCC; "max" is the clip\'s own maximum.',
        check=_check_ref,
    )
    amin: float = parameter(
        1e-10,
        "float",
        "Smallest power told apart from 0, for the mel bands and MFCC.",
        check=partial(check_real, above=0),
    )
    top_db: float | None = parameter(
        80.0,
        "float or None",
        "Mel bands are cut at this many dB below the clip's maximum; None for no cut.",
        check=optional(check_real, minimum=0),
    )

    @property
    def effective_fmax(self) -> float:
        """Highest frequency of the mel bands in Hz, with None resolved."""
        return self.sample_rate / 2 if self.fmax is None else self.fmax

    @property
    def mel_arguments(self) -> tuple[Any, ...]:
        """What the mel filters depend on, in the order that they take it."""
        return (
            self.sample_rate,
            self.n_fft,
            self.n_mels,
            self.fmin,
            self.effective_fmax,
            self.htk,
            self.mel_norm,
        )


class Mel(FeatureBlock[MelParameters]):
    """Mel bands in dB."""

    name = "mel"
    summary = "``n_mels``, in dB"
    parameters = MelParameters

    def column_names(self, parameters: MelParameters) -> list[str]:
        """Return a name per mel band."""
        return number_columns(self.name, parameters.n_mels)

    def caution(self, parameters: MelParameters) -> str | None:
        """Return what to say of filters that hold no bin."""
        return caution_of_empty_filters(parameters)

    def needs_whole_clip(self, parameters: MelParameters) -> bool:
        """Tell whether decibels depend on the clip's maximum."""
        return needs_loudest_band(parameters)

    def compute(
        self, spectrum: Spectrum, parameters: MelParameters
    ) -> NDArray[np.floating]:
        """Return mel bands in dB, of shape (n_kept, n_mels)."""
        return spectrum.once(mel_decibels, parameters)

    def add_to_graph(self, spectrum: GraphSpectrum, parameters: MelParameters) -> str:
        """Add mel bands in dB to a graph; as for `FeatureBlock`."""
        return spectrum.once(add_mel_decibels, parameters)

    def reference(
        self, waveform: NDArray[np.float32], parameters: MelParameters
    ) -> NDArray[Any]:
        """Return librosa's mel bands in dB, of shape (n_mels, n_frames)."""
        return reference_mel_decibels(waveform, parameters)


def check_mel_range(parameters: MelParameters, *, owner: object) -> None:
    """Raise if the mel bands do not lie between 0 Hz and half the rate."""
    nyquist, highest = parameters.sample_rate / 2, parameters.effective_fmax
    if highest > nyquist:
        expected = f"a float <= half the sample rate, {nyquist:g} Hz, or None"
        raise argument_error("fmax", parameters.fmax, expected, owner=owner)
    if parameters.fmin >= highest:
        expected = f"a float < fmax={highest:g}"
        raise argument_error("fmin", parameters.fmin, expected, owner=owner)


def caution_of_empty_filters(parameters: MelParameters) -> str | None:
    """Return what to say of filters that fall between two bins; None if none does."""
    matrix = _mel_matrix(*parameters.mel_arguments)
    n_empty = int(np.count_nonzero(~matrix.any(axis=1)))
    if not n_empty:
        return None
    return (
        f"{n_empty} of n_mels={parameters.n_mels} mel filters lie between two "
        f"frequency bins of n_fft={parameters.n_fft} at {parameters.sample_rate} Hz "
        "and stay empty. Lower n_mels, or raise n_fft."
    )


def needs_loudest_band(parameters: MelParameters) -> bool:
    """Tell whether decibels depend on the largest power of the whole clip."""
    return parameters.top_db is not None or parameters.ref == "max"


def mel_decibels(spectrum: Spectrum, parameters: MelParameters) -> Float64:
    """Return mel bands in dB, of shape (n_kept, n_mels)."""
    mel = _mel_power(spectrum, parameters)
    loudest = spectrum.largest(mel)
    ref = loudest if parameters.ref == "max" else abs(float(parameters.ref))
    return decibels(
        mel[: spectrum.n_kept],
        spectrum,
        loudest,
        ref=ref,
        amin=parameters.amin,
        top_db=parameters.top_db,
    )


def add_mel_decibels(spectrum: GraphSpectrum, parameters: MelParameters) -> str:
    """Add mel bands in dB to a graph, float64 of shape (n_frames, n_mels)."""
    builder, power = spectrum.builder, spectrum.power
    if parameters.power != 2:
        power = builder.add_with("Pow", power, parameters.power / 2, "float32")
    filters = _mel_matrix(*parameters.mel_arguments).T
    return add_decibels(
        builder,
        builder.add_with("MatMul", power, filters, "float32"),
        ref=None if parameters.ref == "max" else abs(float(parameters.ref)),
        amin=parameters.amin,
        top_db=parameters.top_db,
    )


def reference_mel_decibels(
    waveform: NDArray[np.float32], parameters: MelParameters
) -> NDArray[Any]:
    """Return librosa's mel bands in dB, of shape (n_mels, n_frames)."""
    import librosa

    mel = librosa.feature.melspectrogram(
        y=waveform,
        sr=parameters.sample_rate,
        power=parameters.power,
        n_mels=parameters.n_mels,
        fmin=parameters.fmin,
        fmax=parameters.fmax,
        htk=parameters.htk,
        norm=parameters.mel_norm,
        **parameters.librosa_frames(),
    )
    ref: Any = np.max if parameters.ref == "max" else parameters.ref
    level: NDArray[Any] = librosa.power_to_db(
        mel, ref=ref, amin=parameters.amin, top_db=parameters.top_db
    )
    return level


def _mel_power(spectrum: Spectrum, parameters: MelParameters) -> Float32:
    """Return the power in each mel band of all frames, of shape (n_frames, n_mels)."""
    power = spectrum.power
    if parameters.power != 2:
        power = power ** np.float32(parameters.power / 2)
    bands = _mel_bands(*parameters.mel_arguments)
    mel = np.empty((len(power), parameters.n_mels), np.float32)
    for rows in spectrum.clips:
        for band in bands:
            mel[rows, band.filters] = power[rows, band.bins] @ band.matrix
    return mel


class _MelBand(NamedTuple):
    """Neighbouring mel filters, cut to the frequency bins that they touch."""

    filters: slice
    bins: slice
    matrix: Float32


@lru_cache(maxsize=32)
def _mel_bands(*mel_arguments: Any) -> tuple[_MelBand, ...]:
    """Return the mel filters as small dense matrices.

    A filter touches few bins, so multiplying by groups of neighbours leaves out most
    of the zeros of the full matrix.
    """
    matrix = _mel_matrix(*mel_arguments)
    bands = []
    for first in range(0, len(matrix), _FILTERS_PER_BAND):
        filters = slice(first, min(first + _FILTERS_PER_BAND, len(matrix)))
        used = np.flatnonzero(matrix[filters].any(axis=0))
        bins = slice(used[0], used[-1] + 1) if used.size else slice(0, 1)
        weights = np.ascontiguousarray(matrix[filters, bins].T)
        bands.append(_MelBand(filters, bins, frozen(weights)))
    return tuple(bands)


@lru_cache(maxsize=32)
def _mel_matrix(
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
    return frozen(weights)


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
