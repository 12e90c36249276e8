"""What every block of features says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mfccclf.errors import ExportError
from mfccclf.features.spectrum import Spectrum
from mfccclf.features.spectrum_parameters import SpectrumParameters

if TYPE_CHECKING:
    from mfccclf.features.graphs.spectrum import GraphSpectrum

__all__ = ["FeatureBlock", "number_columns"]

Parameters = TypeVar("Parameters", bound=SpectrumParameters)


class FeatureBlock(ABC, Generic[Parameters]):
    """Some columns of a sequence that come together, under one name.

    Attributes
    ----------
    name : str
        Stands for the block in ``features``.
    summary : str
        How many columns there are, and of what unit; for the docs of ``features``.
    parameters : type
        Dataclass of the parameters that the block depends on.
    needs_magnitude : bool
        Whether `compute` reads the magnitude of the spectrum besides its power.
    may_repeat : bool
        Whether ``features`` may name the block more than once.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    parameters: ClassVar[type[SpectrumParameters]] = SpectrumParameters
    needs_magnitude: ClassVar[bool] = False
    may_repeat: ClassVar[bool] = False

    def column_names(self, parameters: Parameters) -> list[str]:
        """Return the names of the columns; by default one, called as the block is."""
        return [self.name]

    def check(self, parameters: Parameters, *, owner: object) -> None:
        """Raise ValueError if parameters do not go together; called if selected."""

    def caution(self, parameters: Parameters) -> str | None:
        """Return what to warn of when an extractor is fitted; None for nothing."""
        return None

    def needs_whole_clip(self, parameters: Parameters) -> bool:
        """Tell whether a frame's numbers depend on frames that are cut off."""
        return False

    @abstractmethod
    def compute(
        self, spectrum: Spectrum, parameters: Parameters
    ) -> NDArray[np.floating]:
        """Return the columns of the frames to keep, of shape (n_kept, n_columns)."""

    def add_to_graph(self, spectrum: GraphSpectrum, parameters: Parameters) -> str:
        """Add what `compute` does to an ONNX graph, for all frames.

        Parameters
        ----------
        spectrum : GraphSpectrum
            The spectrum of a whole clip, and the graph that it is part of.
        parameters : SpectrumParameters
            As for `compute`.

        Returns
        -------
        columns : str
            Name of the float64 columns (n_frames, n_columns).

        Raises
        ------
        ExportError
            If the block has no graph.
        """
        raise ExportError(
            f"The features {self.name!r} have no ONNX graph. Export the graph that "
            "begins with features, or train without them."
        )

    @abstractmethod
    def reference(
        self, waveform: NDArray[np.float32], parameters: Parameters
    ) -> NDArray[Any]:
        """Return librosa's columns of all frames, of shape (n_columns, n_frames)."""


def number_columns(name: str, n_columns: int) -> list[str]:
    """Return "name_0", "name_1" and so on."""
    return [f"{name}_{index}" for index in range(n_columns)]
