"""Zero: a column of zeros, to give a net the width it was trained with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.blocks.block import FeatureBlock
from mfccclf.features.graphs.places import add_slice
from mfccclf.features.spectrum import Spectrum
from mfccclf.features.spectrum_parameters import SpectrumParameters

if TYPE_CHECKING:
    from mfccclf.features.graphs.spectrum import GraphSpectrum

__all__ = ["Zero"]


class Zero(FeatureBlock[SpectrumParameters]):
    """A column of zeros."""

    name = "zero"
    summary = "1, always 0; may repeat"
    may_repeat = True

    def compute(
        self, spectrum: Spectrum, parameters: SpectrumParameters
    ) -> NDArray[np.floating]:
        """Return zeros of shape (n_kept, 1)."""
        return np.zeros((spectrum.n_kept, 1))

    def add_to_graph(
        self, spectrum: GraphSpectrum, parameters: SpectrumParameters
    ) -> str:
        """Add zeros to a graph; as for `FeatureBlock`."""
        builder = spectrum.builder
        first = add_slice(builder, spectrum.power, 0, 1, axis=1)
        return builder.add_with("Mul", builder.cast(first, "float64"), 0.0)

    def reference(
        self, waveform: NDArray[np.float32], parameters: SpectrumParameters
    ) -> NDArray[Any]:
        """Return zeros of shape (1, n_frames)."""
        return np.zeros((1, parameters.count_frames(len(waveform))), np.float32)
