"""Contrast: how far the peaks of each octave stand above its valleys."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf._parameters import optional, parameter, parameter_group
from mfccclf._validation import argument_error, check_bool, check_int, check_real
from mfccclf.features.arrays import Float32, Float64, fft_frequencies
from mfccclf.features.blocks.block import FeatureBlock, number_columns
from mfccclf.features.decibels import add_decibels, decibels
from mfccclf.features.graphs.places import add_slice
from mfccclf.features.spectrum import Spectrum
from mfccclf.features.spectrum_parameters import SpectrumParameters

if TYPE_CHECKING:
    from mfccclf.features.graphs.spectrum import GraphSpectrum

__all__ = ["Contrast", "ContrastParameters"]

_LIBROSA_FMIN = 200.0
# librosa's spectral contrast uses power_to_db's defaults, whatever the mel bands use.
_AMIN = 1e-10
_TOP_DB = 80.0


@parameter_group
class ContrastParameters(SpectrumParameters):
    """Which octaves are looked at, and what counts as their peak and valley."""

    n_bands: int = parameter(
        6,
        "int",
        "Number of octaves of the spectral contrast; one more column holds what lies "
        "below.",
        check=partial(check_int, minimum=1),
    )
    contrast_fmin: float | None = parameter(
        None,
        "float or None",
        "Lower edge of the first octave in Hz. None means librosa's 200 Hz where "
        "``n_bands`` octaves fit under half the rate, else half the rate divided by "
        "``2 ** n_bands`` (62.5 Hz at 8 kHz), so the number of columns is the same at "
        "any rate.",
        check=optional(check_real, above=0),
    )
    quantile: float = parameter(
        0.02,
        "float",
        "Fraction of an octave's bins that make its peak, and its valley.",
        check=partial(check_real, above=0, below=1),
    )
    linear: bool = parameter(
        False,
        "bool",
        "Whether contrast is a difference of magnitudes instead of one of dB.",
        check=check_bool,
    )

    @property
    def effective_contrast_fmin(self) -> float:
        """Lower edge of the first contrast octave in Hz, with None resolved."""
        if self.contrast_fmin is not None:
            return self.contrast_fmin
        nyquist = self.sample_rate / 2
        if _LIBROSA_FMIN * 2 ** (self.n_bands - 1) < nyquist:
            return _LIBROSA_FMIN
        return float(nyquist / 2**self.n_bands)


class Contrast(FeatureBlock[ContrastParameters]):
    """Peak over valley of each octave, in dB or as a difference of magnitudes [1]_.

    References
    ----------
    .. [1] D.-N. Jiang and others, "Music type classification by spectral contrast
       feature", ICME, 2002.
    """

    name = "contrast"
    summary = "``n_bands`` + 1"
    parameters = ContrastParameters
    needs_magnitude = True

    def column_names(self, parameters: ContrastParameters) -> list[str]:
        """Return a name per octave, after one for what lies below."""
        return number_columns(self.name, parameters.n_bands + 1)

    def check(self, parameters: ContrastParameters, *, owner: object) -> None:
        """Raise if the octaves do not fit under half the rate, or between the bins."""
        _check_highest_octave(parameters, owner)
        try:
            _octaves(parameters)
        except ValueError as exc:
            fmin, n_bands = parameters.effective_contrast_fmin, parameters.n_bands
            expected = f"larger: {exc} with contrast_fmin={fmin:g} and {n_bands=}"
            hint = "Raise n_fft or contrast_fmin, or lower n_bands."
            raise argument_error(
                "n_fft", parameters.n_fft, expected, owner=owner, hint=hint
            ) from exc

    def needs_whole_clip(self, parameters: ContrastParameters) -> bool:
        """Tell whether decibels are cut below the clip's maximum."""
        return not parameters.linear

    def compute(
        self, spectrum: Spectrum, parameters: ContrastParameters
    ) -> NDArray[np.floating]:
        """Return the contrast of each octave, of shape (n_kept, n_bands + 1)."""
        peak, valley = _apart(spectrum.of_each(_extremes, parameters))
        if parameters.linear:
            return peak - valley
        peak_top, valley_top = peak, valley
        if _cut_depends_on_the_rest(spectrum, valley):
            later = np.sqrt(spectrum.power[spectrum.n_kept :])
            rest = _apart(_extremes(later, parameters))
            peak_top, valley_top = (
                np.concatenate(pair) for pair in zip((peak, valley), rest, strict=True)
            )
        return _decibels(peak, spectrum, peak_top) - _decibels(
            valley, spectrum, valley_top
        )

    def add_to_graph(
        self, spectrum: GraphSpectrum, parameters: ContrastParameters
    ) -> str:
        """Add the contrast of each octave to a graph; as for `FeatureBlock`."""
        builder, octaves = spectrum.builder, _octaves(parameters)
        peak = _add_extremes(spectrum, octaves, highest=True)
        valley = _add_extremes(spectrum, octaves, highest=False)
        if parameters.linear:
            return builder.cast(builder.add("Sub", peak, valley), "float64")
        levels = (
            add_decibels(builder, extreme, ref=1.0, amin=_AMIN, top_db=_TOP_DB)
            for extreme in (peak, valley)
        )
        return builder.add("Sub", *levels)

    def reference(
        self, waveform: NDArray[np.float32], parameters: ContrastParameters
    ) -> NDArray[Any]:
        """Return librosa's spectral contrast, of shape (n_bands + 1, n_frames)."""
        import librosa

        return librosa.feature.spectral_contrast(
            y=waveform,
            sr=parameters.sample_rate,
            fmin=parameters.effective_contrast_fmin,
            n_bands=parameters.n_bands,
            quantile=parameters.quantile,
            linear=parameters.linear,
            **parameters.librosa_frames(),
        )


class _Octave(NamedTuple):
    """One octave: its bins, and how many of them make an extreme."""

    bins: slice
    n_extreme: int


def _check_highest_octave(parameters: ContrastParameters, owner: object) -> None:
    fmin, n_bands = parameters.effective_contrast_fmin, parameters.n_bands
    nyquist = parameters.sample_rate / 2
    if fmin * 2 ** (n_bands - 1) >= nyquist:
        expected = f"a float < {nyquist / 2 ** (n_bands - 1):g} Hz, or None"
        hint = (
            f"The lowest edge of octave {n_bands} must be under half the sample rate, "
            f"{nyquist:g} Hz. Lower contrast_fmin or n_bands."
        )
        raise argument_error("contrast_fmin", fmin, expected, owner=owner, hint=hint)


def _octaves(parameters: ContrastParameters) -> tuple[_Octave, ...]:
    return _make_octaves(
        parameters.sample_rate,
        parameters.n_fft,
        parameters.effective_contrast_fmin,
        parameters.n_bands,
        parameters.quantile,
    )


@lru_cache(maxsize=32)
def _make_octaves(
    sample_rate: int, n_fft: int, fmin: float, n_bands: int, quantile: float
) -> tuple[_Octave, ...]:
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
        _Octave(slice(int(low), int(high)), int(count))
        for low, high, count in zip(first, stop, n_extreme, strict=True)
    )


def _extremes(magnitude: Float32, parameters: ContrastParameters) -> Float32:
    """Return the means of each octave's largest and of its smallest magnitudes.

    Of shape (n_frames, 2, n_octaves).
    """
    octaves = _octaves(parameters)
    extremes = np.empty((len(magnitude), 2, len(octaves)), np.float32)
    peak, valley = _apart(extremes)
    for column, octave in enumerate(octaves):
        if octave.n_extreme == 1:
            np.minimum.reduce(magnitude[:, octave.bins], axis=1, out=valley[:, column])
            np.maximum.reduce(magnitude[:, octave.bins], axis=1, out=peak[:, column])
            continue
        ordered = np.sort(magnitude[:, octave.bins], axis=1)
        lowest = ordered[:, : octave.n_extreme]
        highest = ordered[:, -octave.n_extreme :]
        # Half the time of mean(), which counts when an extreme is one or two bins.
        valley[:, column] = lowest.sum(axis=1) / lowest.shape[1]
        peak[:, column] = highest.sum(axis=1) / highest.shape[1]
    return extremes


def _apart(extremes: Float32) -> tuple[Float32, Float32]:
    """Return the largest and the smallest, each of shape (n_frames, n_octaves)."""
    return extremes[:, 0], extremes[:, 1]


def _add_extremes(
    spectrum: GraphSpectrum, octaves: tuple[_Octave, ...], *, highest: bool
) -> str:
    """Add one of what `_extremes` returns, float32 (n_frames, n_octaves)."""
    columns = [_add_extreme(spectrum, octave, highest) for octave in octaves]
    return spectrum.builder.add("Concat", *columns, axis=1)


def _add_extreme(spectrum: GraphSpectrum, octave: _Octave, highest: bool) -> str:
    builder, bins = spectrum.builder, octave.bins
    values = add_slice(builder, spectrum.magnitude, bins.start, bins.stop, axis=1)
    if octave.n_extreme > 1:
        count = builder.constant([octave.n_extreme], "int64")
        values, _ = builder.add_many(
            "TopK", values, count, n_outputs=2, axis=1, largest=int(highest), sorted=0
        )
        return builder.add("ReduceMean", values, axes=[1], keepdims=1)
    operator = "ReduceMax" if highest else "ReduceMin"
    return builder.add(operator, values, axes=[1], keepdims=1)


def _cut_depends_on_the_rest(spectrum: Spectrum, valley: Float32) -> bool:
    """Tell whether later frames may raise the floor above a kept valley.

    Nothing in the clip exceeds its largest magnitude, so when the lowest valley is
    within ``top_db`` of that (as nearly always), the later frames need no sorting.
    """
    if len(spectrum.power) == spectrum.n_kept:
        return False
    lowest = max(_AMIN, float(valley.min()))
    reach = 0.999 * lowest * 10 ** (_TOP_DB / 10)
    return float(np.sqrt(spectrum.power.max())) > reach


def _decibels(magnitude: Float32, spectrum: Spectrum, whole: Float32) -> Float64:
    """Return what `librosa.power_to_db` gives for magnitudes of ``whole`` clips."""
    loudest = spectrum.largest(whole)
    return decibels(magnitude, spectrum, loudest, ref=1.0, amin=_AMIN, top_db=_TOP_DB)
