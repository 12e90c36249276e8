"""MFCC: mel-frequency cepstral coefficients, the cosine transform of mel bands."""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._parameters import choice, parameter, parameter_group
from mfccclf._validation import argument_error, check_int, check_real
from mfccclf.features.arrays import Float64, frozen
from mfccclf.features.blocks.block import FeatureBlock, number_columns
from mfccclf.features.blocks.mel import (
    MelParameters,
    add_mel_decibels,
    caution_of_empty_filters,
    mel_decibels,
    needs_loudest_band,
    reference_mel_decibels,
)
from mfccclf.features.spectrum import Spectrum
from mfccclf.features.spectrum_parameters import SpectrumParameters

if TYPE_CHECKING:
    from mfccclf.features.graphs.spectrum import GraphSpectrum

__all__ = ["MFCC", "MFCCParameters"]

_LEAST_LIFTER = 0.001


def _check_lifter(name: str, value: Any, *, owner: object) -> float:
    lifter = check_real(name, value, minimum=0, owner=owner)
    if 0 < lifter < _LEAST_LIFTER:  # so near 0 that it cannot be divided by
        expected = f"0, or a float >= {_LEAST_LIFTER}"
        raise argument_error(name, value, expected, owner=owner)
    return lifter


@parameter_group
class CepstrumParameters(SpectrumParameters):
    """How mel bands become cepstral coefficients."""

    n_mfcc: int = parameter(
        13,
        "int",
        "Number of cepstral coefficients, at most ``n_mels``.",
        check=partial(check_int, minimum=1),
    )
    dct_type: int = choice(2, (1, 2, 3), "Type of the cosine transform.")
    norm: str | None = choice(
        "ortho", ("ortho", None), "Scaling of the cosine transform."
    )
    lifter: float = parameter(
        0,
        "float",
        "Liftering of the coefficients; 0 for none.",
        check=_check_lifter,
    )


@parameter_group
class MFCCParameters(MelParameters, CepstrumParameters):
    """The mel bands, and what is made of them."""

    @property
    def dct_arguments(self) -> tuple[Any, ...]:
        """What the cosine transform depends on, in the order that it takes it."""
        return (self.n_mels, self.n_mfcc, self.dct_type, self.norm, self.lifter)


class MFCC(FeatureBlock[MFCCParameters]):
    """Mel-frequency cepstral coefficients."""

    name = "mfcc"
    summary = "``n_mfcc`` columns"
    parameters = MFCCParameters

    def column_names(self, parameters: MFCCParameters) -> list[str]:
        """Return a name per coefficient."""
        return number_columns(self.name, parameters.n_mfcc)

    def check(self, parameters: MFCCParameters, *, owner: object) -> None:
        """Raise if there are too few mel bands."""
        n_mfcc, n_mels = parameters.n_mfcc, parameters.n_mels
        if n_mfcc > n_mels:
            expected = f"an int <= n_mels={n_mels}"
            raise argument_error("n_mfcc", n_mfcc, expected, owner=owner)
        if parameters.dct_type == 1 and n_mels < 2:
            expected = "an int >= 2 for dct_type=1"
            raise argument_error("n_mels", n_mels, expected, owner=owner)

    def caution(self, parameters: MFCCParameters) -> str | None:
        """Return what to say of mel filters that hold no bin."""
        return caution_of_empty_filters(parameters)

    def needs_whole_clip(self, parameters: MFCCParameters) -> bool:
        """Tell whether decibels depend on the clip's maximum."""
        return needs_loudest_band(parameters)

    def compute(
        self, spectrum: Spectrum, parameters: MFCCParameters
    ) -> NDArray[np.floating]:
        """Return the coefficients, of shape (n_kept, n_mfcc)."""
        return spectrum.product(
            spectrum.once(mel_decibels, parameters),
            _dct_matrix(*parameters.dct_arguments),
        )

    def add_to_graph(self, spectrum: GraphSpectrum, parameters: MFCCParameters) -> str:
        """Add the coefficients to a graph; as for `FeatureBlock`."""
        bands = spectrum.once(add_mel_decibels, parameters)
        matrix = _dct_matrix(*parameters.dct_arguments)
        return spectrum.builder.add_with("MatMul", bands, matrix)

    def reference(
        self, waveform: NDArray[np.float32], parameters: MFCCParameters
    ) -> NDArray[Any]:
        """Return librosa's MFCC, of shape (n_mfcc, n_frames)."""
        import librosa

        return librosa.feature.mfcc(
            S=reference_mel_decibels(waveform, parameters),
            n_mfcc=parameters.n_mfcc,
            dct_type=parameters.dct_type,
            norm=parameters.norm,
            lifter=parameters.lifter,
        )


@lru_cache(maxsize=32)
def _dct_matrix(
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
    return frozen(np.ascontiguousarray(matrix))


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
