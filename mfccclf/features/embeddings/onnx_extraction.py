"""From waveforms to the vectors of anybody's net, without scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.embeddings.foreign_net import NetFacts, OnnxGraph, run_windows
from mfccclf.features.embeddings.onnx_parameters import OnnxParameters
from mfccclf.features.waveform_problems import sample_problem, shape_problem

__all__ = ["NET_NAME", "OnnxExtraction", "make_onnx_extraction"]

# What model files call the net.
NET_NAME = "onnx"

Waveform = NDArray[np.floating]
Sequence2D = NDArray[np.float32]


@dataclass(frozen=True)
class OnnxExtraction:
    """Vectors of a net from an ONNX file; a `mfccclf.features.protocol.Extraction`.

    Attributes
    ----------
    parameters : OnnxParameters
        Checked.
    graph : OnnxGraph
        The net.
    """

    cache_kind: ClassVar[str] = "OnnxExtraction"

    parameters: OnnxParameters
    graph: OnnxGraph

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""
        return self.parameters.sample_rate

    @property
    def n_frames(self) -> int | None:
        """Vectors that are kept."""
        return self.parameters.n_frames

    @property
    def n_features(self) -> int:
        """Values of a vector."""
        return self.parameters.n_features

    @property
    def frame_step_s(self) -> float:
        """Seconds from one vector to the next."""
        hop_s = self.parameters.hop_length / self.sample_rate
        return hop_s / self.parameters.n_vectors

    def problem(self, waveform: Waveform) -> str | None:
        """Return what makes a waveform unfit, to follow its name; None if it is fit."""
        return shape_problem(waveform) or sample_problem(waveform)

    def compute_each(self, waveforms: Sequence[Waveform]) -> list[Sequence2D]:
        """Turn checked waveforms into their vectors, (n_frames, n_features) each."""
        if not waveforms:
            return []
        parts = [self._cut(waveform) for waveform in waveforms]
        vectors = run_windows(self.graph, np.concatenate(parts), self._facts())
        ends = np.cumsum([len(part) * self.parameters.n_vectors for part in parts])
        sequences = np.split(vectors, ends[:-1])
        return [sequence[: self.n_frames] for sequence in sequences]

    def _facts(self) -> NetFacts:
        return NetFacts(
            output=self.parameters.output or "",
            n_vectors=self.parameters.n_vectors,
            n_values=self.parameters.n_values,
        )

    def _cut(self, waveform: Waveform) -> NDArray[np.float32]:
        """Return the windows of a clip, (n_windows, window_length).

        A window that begins in the last half of a hop before the clip's end holds next
        to nothing, and is left out.
        """
        width, hop = self.parameters.window_length, self.parameters.hop_length
        sound = self._scaled(waveform)
        n_windows = 1 + max(0, round((len(sound) - width) / hop))
        missing = max(0, (n_windows - 1) * hop + width - len(sound))
        filled = np.pad(sound, (0, missing))
        view = np.lib.stride_tricks.sliding_window_view(filled, width)
        return view[: (n_windows - 1) * hop + 1 : hop]

    def _scaled(self, waveform: Waveform) -> NDArray[np.float32]:
        sound = np.asarray(waveform, np.float32)
        peak = float(np.abs(sound).max())
        if self.parameters.peak is None or peak == 0:
            return sound
        return sound * np.float32(self.parameters.peak / peak)


def make_onnx_extraction(
    parameters: Mapping[str, Any], graphs: Mapping[str, bytes]
) -> OnnxExtraction:
    """Make an extraction from what a model file holds.

    Parameters
    ----------
    parameters : mapping
        As `OnnxParameters.to_dict` gave them.
    graphs : mapping of str to bytes
        The net's graph, under "onnx".

    Returns
    -------
    extraction : OnnxExtraction
        Checked.

    Raises
    ------
    KeyError, TypeError, ValueError
        If a parameter is wrong, or the graph is missing or another one.
    """
    checked = OnnxParameters.from_dict(parameters).validate()
    graph = OnnxGraph(graphs[NET_NAME])
    if checked.net != graph.hash:
        raise ValueError("its net is not the one that its parameters name")
    return OnnxExtraction(checked, graph)
