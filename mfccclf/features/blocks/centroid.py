"""Centroid: the frequency around which a frame's magnitude lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.arrays import Float64, fft_frequencies
from mfccclf.features.blocks.block import FeatureBlock
from mfccclf.features.spectrum import Spectrum
from mfccclf.features.spectrum_parameters import SpectrumParameters

if TYPE_CHECKING:
    from mfccclf.features.graphs.spectrum import GraphSpectrum

__all__ = ["Centroid"]


class Centroid(FeatureBlock[SpectrumParameters]):
    """The magnitude's centre of gravity in Hz."""

    name = "centroid"
    summary = "1, in Hz"
    needs_magnitude = True

    def compute(
        self, spectrum: Spectrum, parameters: SpectrumParameters
    ) -> NDArray[np.floating]:
        """Return the centroid of each frame, of shape (n_kept, 1)."""
        frequencies = fft_frequencies(parameters.sample_rate, parameters.n_fft)
        magnitude = spectrum.magnitude.astype(np.float64)
        total = magnitude.sum(axis=1)
        total[total < np.finfo(np.float32).tiny] = 1.0
        centroid: Float64 = spectrum.product(magnitude, frequencies) / total
        return centroid[:, np.newaxis]

    def add_to_graph(
        self, spectrum: GraphSpectrum, parameters: SpectrumParameters
    ) -> str:
        """Add the centroid of each frame to a graph; as for `FeatureBlock`."""
        builder = spectrum.builder
        frequencies = fft_frequencies(parameters.sample_rate, parameters.n_fft)
        magnitude = builder.cast(spectrum.magnitude, "float64")
        total = builder.add_with("MatMul", magnitude, np.ones((len(frequencies), 1)))
        weighted = builder.add_with("MatMul", magnitude, frequencies[:, np.newaxis])
        tiny = builder.constant(np.finfo(np.float32).tiny, "float64")
        is_silent = builder.add("Less", total, tiny)
        one = builder.constant(1.0, "float64")
        return builder.add("Div", weighted, builder.add("Where", is_silent, one, total))

    def reference(
        self, waveform: NDArray[np.float32], parameters: SpectrumParameters
    ) -> NDArray[Any]:
        """Return librosa's spectral centroid, of shape (1, n_frames)."""
        import librosa

        return librosa.feature.spectral_centroid(
            y=waveform, sr=parameters.sample_rate, **parameters.librosa_frames()
        )
