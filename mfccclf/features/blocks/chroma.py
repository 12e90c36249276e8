"""Chroma: the energy of each pitch class, whatever its octave."""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._parameters import optional, parameter, parameter_group
from mfccclf._validation import check_bool, check_int, check_real
from mfccclf.features.arrays import Float32, Float64, check_norm, frozen, normalised
from mfccclf.features.blocks.block import FeatureBlock, number_columns
from mfccclf.features.spectrum import Spectrum, stacked
from mfccclf.features.spectrum_parameters import SpectrumParameters
from mfccclf.features.tuning import estimate_tunings

__all__ = ["Chroma", "ChromaParameters"]


@parameter_group
class ChromaParameters(SpectrumParameters):
    """How pitch classes are told apart and weighed."""

    n_chroma: int = parameter(
        12,
        "int",
        "Pitch classes per octave.",
        check=partial(check_int, minimum=1),
    )
    tuning: float | None = parameter(
        None,
        "float or None",
        "Deviation from A = 440 Hz in fractions of a chroma step; None estimates it "
        "from the whole clip.",
        check=optional(check_real),
    )
    chroma_norm: float | None = parameter(
        math.inf,
        "float or None",
        "Norm that each frame's chroma is divided by; None for none.",
        check=check_norm,
    )
    ctroct: float = parameter(
        5.0,
        "float",
        "Centre, in octaves, of the weight on the spectrum.",
        check=check_real,
    )
    octwidth: float | None = parameter(
        2.0,
        "float or None",
        "Width of that weight in octaves; None weighs all octaves equally.",
        check=optional(check_real, above=0),
    )
    base_c: bool = parameter(
        True,
        "bool",
        "Whether the first pitch class is C, otherwise A.",
        check=check_bool,
    )


class Chroma(FeatureBlock[ChromaParameters]):
    """The energy of each pitch class, by the clip's own tuning."""

    name = "chroma"
    summary = "``n_chroma``"
    parameters = ChromaParameters

    def column_names(self, parameters: ChromaParameters) -> list[str]:
        """Return a name per pitch class."""
        return number_columns(self.name, parameters.n_chroma)

    def needs_whole_clip(self, parameters: ChromaParameters) -> bool:
        """Tell whether the tuning is estimated."""
        return parameters.tuning is None

    def compute(
        self, spectrum: Spectrum, parameters: ChromaParameters
    ) -> NDArray[np.floating]:
        """Return the energy of each pitch class, of shape (n_kept, n_chroma)."""
        tunings = _tunings(spectrum, parameters)
        products = [
            spectrum.power[rows] @ _matrix(parameters, tuning).T
            for rows, tuning in zip(spectrum.kept, tunings, strict=True)
        ]
        return normalised(stacked(products), parameters.chroma_norm, axis=1)

    def reference(
        self, waveform: NDArray[np.float32], parameters: ChromaParameters
    ) -> NDArray[Any]:
        """Return librosa's chroma, of shape (n_chroma, n_frames)."""
        import librosa

        return librosa.feature.chroma_stft(
            y=waveform,
            sr=parameters.sample_rate,
            n_chroma=parameters.n_chroma,
            tuning=parameters.tuning,
            norm=parameters.chroma_norm,
            ctroct=parameters.ctroct,
            octwidth=parameters.octwidth,
            base_c=parameters.base_c,
            **parameters.librosa_frames(),
        )


def _tunings(spectrum: Spectrum, parameters: ChromaParameters) -> list[float]:
    """Return the deviation from A = 440 Hz of each clip, in chroma steps."""
    if parameters.tuning is not None:
        return [float(parameters.tuning)] * len(spectrum.starts)
    return estimate_tunings(
        spectrum.power, spectrum.starts, parameters.sample_rate, parameters.n_chroma
    )


def _matrix(parameters: ChromaParameters, tuning: float) -> Float32:
    return _chroma_matrix(
        parameters.sample_rate,
        parameters.n_fft,
        tuning,
        parameters.n_chroma,
        parameters.ctroct,
        parameters.octwidth,
        parameters.base_c,
    )


@lru_cache(maxsize=256)
def _chroma_matrix(
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
    return frozen(weights.astype(np.float32))


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
