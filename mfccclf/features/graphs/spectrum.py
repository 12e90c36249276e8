"""The short-time spectrum of a waveform in an ONNX graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from mfccclf.features.arrays import window_array
from mfccclf.features.graphs.fourier import add_fourier_transform
from mfccclf.features.graphs.places import add_end_padding, add_frames
from mfccclf.features.spectrum_parameters import SpectrumParameters

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder

__all__ = ["GraphSpectrum", "add_spectrum"]

Parameters = TypeVar("Parameters", bound=SpectrumParameters)


@dataclass(frozen=True)
class GraphSpectrum:
    """Short-time spectrum of a whole clip, as values of a graph.

    Attributes
    ----------
    builder : GraphBuilder
        The graph.
    power, magnitude : str
        Names of float32 values (n_frames, n_bins).
    """

    builder: GraphBuilder
    power: str
    magnitude: str
    _made: dict[Any, str] = field(default_factory=dict, init=False, repr=False)

    def once(
        self, add: Callable[[GraphSpectrum, Parameters], str], parameters: Parameters
    ) -> str:
        """Return the value that a function adds, added once for all blocks."""
        if add not in self._made:
            self._made[add] = add(self, parameters)
        return self._made[add]


def add_spectrum(
    builder: GraphBuilder, waveform: str, parameters: SpectrumParameters
) -> GraphSpectrum:
    """Add what `mfccclf.features.spectrum.short_time_spectrum` does with one clip.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    waveform : str
        Name of a float32 waveform (n_samples,), of at least ``n_fft`` samples.
    parameters : SpectrumParameters
        Frame, hop and window.
    """
    n_fft = parameters.n_fft
    if parameters.center:
        waveform = add_end_padding(builder, waveform, n_fft // 2, parameters.pad_mode)
    frames = add_frames(
        builder, waveform, frame_length=n_fft, hop_length=parameters.hop_length
    )
    window = window_array(parameters.window, parameters.win_length or n_fft, n_fft)
    windowed = builder.add_with("Mul", builder.cast(frames, "float64"), window)
    magnitude = _add_magnitude(
        builder, *add_fourier_transform(builder, windowed, n_fft)
    )
    power = builder.add("Mul", magnitude, magnitude)
    return GraphSpectrum(builder, power, magnitude)


def _add_magnitude(builder: GraphBuilder, real: str, imaginary: str) -> str:
    """Add the float32 magnitude, of parts rounded as `Spectrum`'s are."""
    squares = []
    for part in (real, imaginary):
        rounded = builder.cast(builder.cast(part, "float32"), "float64")
        squares.append(builder.add("Mul", rounded, rounded))
    return builder.cast(builder.add("Sqrt", builder.add("Add", *squares)), "float32")
