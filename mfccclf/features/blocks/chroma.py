"""Chroma: the energy of each pitch class, whatever its octave."""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfccclf._parameters import optional, parameter, parameter_group
from mfccclf._validation import check_bool, check_int, check_real
from mfccclf.features.arrays import Float32, Float64, check_norm, frozen, normalised
from mfccclf.features.blocks.block import FeatureBlock, number_columns
from mfccclf.features.spectrum import Spectrum, stacked
from mfccclf.features.spectrum_parameters import SpectrumParameters
from mfccclf.features.tuning import add_tuning, estimate_tunings

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder
    from mfccclf.features.graphs.spectrum import GraphSpectrum

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
        check=optional(check_real, minimum=-100, maximum=100),
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
        check=partial(check_real, minimum=-1000, maximum=1000),
    )
    octwidth: float | None = parameter(
        2.0,
        "float or None",
        "Width of that weight in octaves; None weighs all octaves equally.",
        check=optional(check_real, minimum=0.001),
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

    def add_to_graph(
        self, spectrum: GraphSpectrum, parameters: ChromaParameters
    ) -> str:
        """Add the energy of each pitch class to a graph; as for `FeatureBlock`."""
        builder = spectrum.builder
        if parameters.tuning is None:
            filters = _add_tuned_filters(spectrum, parameters)
        else:
            matrix = _matrix(parameters, float(parameters.tuning))
            filters = builder.constant(matrix.T, "float32")
        energy = builder.add("MatMul", spectrum.power, filters)
        return _add_normalised(
            builder, builder.cast(energy, "float64"), parameters.chroma_norm, axis=1
        )

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
    pitch, width = _bin_pitches(sample_rate, n_fft, tuning, n_chroma)
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
    """Return each bin's pitch in chroma steps above A0 / 16, and its width."""
    n_bins = 1 + n_fft // 2
    frequencies = np.linspace(0, sample_rate, n_fft, endpoint=False)[1:]
    reference = 440.0 * 2.0 ** (tuning / n_chroma) / 16
    pitch = n_chroma * np.log2(frequencies / reference)
    # 0 Hz has no pitch; librosa puts it one octave and a half below the first bin.
    pitch = np.concatenate(([pitch[0] - 1.5 * n_chroma], pitch))
    width = np.concatenate((np.maximum(np.diff(pitch), 1.0), [1.0]))
    return pitch[:n_bins], width[:n_bins]


def _add_tuned_filters(spectrum: GraphSpectrum, parameters: ChromaParameters) -> str:
    """Add what `_chroma_matrix` returns for the clip's own tuning, transposed.

    Another tuning moves the pitch of every bin alike, and changes no width.
    """
    builder, n_chroma = spectrum.builder, parameters.n_chroma
    rate, n_fft = parameters.sample_rate, parameters.n_fft
    pitch_in_tune, width = _bin_pitches(rate, n_fft, 0.0, n_chroma)
    tuning = add_tuning(
        builder,
        spectrum.power,
        sample_rate=rate,
        n_bins=len(width),
        bins_per_octave=n_chroma,
    )
    column = builder.constant(pitch_in_tune[:, np.newaxis], "float64")
    pitch = builder.add("Sub", column, tuning)
    distance = _add_distance(builder, pitch, parameters)
    weights = _add_bell(builder, distance, width[:, np.newaxis] / 2)
    weights = _add_normalised(builder, weights, 2.0, axis=1)
    if parameters.octwidth is not None:
        centre, spread = parameters.ctroct * n_chroma, parameters.octwidth * n_chroma
        octave = builder.add_with("Sub", pitch, centre)
        weights = builder.add("Mul", weights, _add_bell(builder, octave, spread))
    return builder.cast(weights, "float32")


def _add_distance(
    builder: GraphBuilder, pitch: str, parameters: ChromaParameters
) -> str:
    """Add how far bins are from pitch classes, (n_bins, n_chroma), the octave apart."""
    n_chroma = parameters.n_chroma
    half = np.round(n_chroma / 2)
    first = 3 * (n_chroma // 12) if parameters.base_c else 0
    classes = (np.arange(n_chroma) + first) % n_chroma
    above = builder.add_with("Sub", pitch, classes - half)
    octaves = builder.add("Floor", builder.add_with("Div", above, n_chroma))
    within = builder.add("Sub", above, builder.add_with("Mul", octaves, n_chroma))
    return builder.add_with("Sub", within, half)


def _add_bell(builder: GraphBuilder, value: str, spread: ArrayLike) -> str:
    """Add exp(-(value / spread) ** 2 / 2)."""
    scaled = builder.add_with("Div", value, spread)
    square = builder.add("Mul", scaled, scaled)
    return builder.add("Exp", builder.add_with("Mul", square, -0.5))


def _add_normalised(
    builder: GraphBuilder, values: str, norm: float | None, *, axis: int
) -> str:
    """Add what `normalised` does to float32 values, here float64, to a graph."""
    if norm is None:
        return values
    size = builder.add("Abs", values)
    if math.isinf(norm):
        length = builder.add("ReduceMax", size, axes=[axis], keepdims=1)
    else:
        powers = builder.add_with("Pow", size, norm)
        axes = builder.constant([axis], "int64")
        total = builder.add("ReduceSum", powers, axes, keepdims=1)
        length = builder.add_with("Pow", total, 1.0 / norm)
    is_tiny = builder.add_with("Less", length, np.finfo(np.float32).tiny)
    safe = builder.add("Where", is_tiny, builder.constant(1.0, "float64"), length)
    return builder.add("Div", values, safe)
