"""From waveforms to the vectors of pre-trained nets, without scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfccclf._hashing import hash_bytes
from mfccclf.features.embeddings.nets import (
    FRAME_STEP_S,
    NETS,
    SAMPLE_RATE,
    shipped_graph,
)
from mfccclf.features.embeddings.parameters import EmbeddingParameters
from mfccclf.features.embeddings.session import run_graph
from mfccclf.features.embeddings.speech_sharing import share_speech
from mfccclf.features.trimming import trim_silence
from mfccclf.features.waveform_problems import sample_problem, shape_problem

__all__ = [
    "TRIM_FRAMES",
    "EmbeddingExtraction",
    "make_embedding_extraction",
    "shipped_graphs",
]

Waveform = NDArray[np.floating]
Sequence2D = NDArray[np.float32]

# Both nets look at pieces of this length.
_MIN_SAMPLES = 512
# How silence at the ends is looked for; as for `trim_silence`.
TRIM_FRAMES = {
    "frame_length": _MIN_SAMPLES,
    "hop_length": _MIN_SAMPLES // 2,
    "shortest": _MIN_SAMPLES,
}


@dataclass(frozen=True)
class EmbeddingExtraction:
    """Vectors of pre-trained nets; a `mfccclf.features.protocol.Extraction`.

    Attributes
    ----------
    parameters : EmbeddingParameters
        Checked.
    graphs : mapping of str to bytes
        The ONNX graph of each net, by name.
    level_step_db : float or None, default=None
        For windows of a recording: each is scaled to the peak of clips within half of
        this many dB, so that more neighbours share vectors. None scales it exactly.
    """

    cache_kind: ClassVar[str] = "EmbeddingExtraction"

    parameters: EmbeddingParameters
    graphs: Mapping[str, bytes]
    level_step_db: float | None = None

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""
        return SAMPLE_RATE

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
        return FRAME_STEP_S

    def with_level_step(self, step_db: float) -> EmbeddingExtraction | None:
        """Return the same with a step of levels; None if no net here heeds it."""
        if "speech" not in self.parameters.nets:
            return None
        return replace(self, level_step_db=step_db)

    def to_dict(self) -> dict[str, Any]:
        """Return all that decides the numbers of a clip, as plain values."""
        graphs = {net: hash_bytes(graph) for net, graph in self.graphs.items()}
        return {**self.parameters.to_dict(), "graphs": graphs}

    def problem(self, waveform: Waveform) -> str | None:
        """Return what makes a waveform unfit, to follow its name; None if it is fit."""
        problem = shape_problem(waveform)
        if problem:
            return problem
        if len(waveform) < _MIN_SAMPLES:
            return (
                f"has {len(waveform)} samples at {SAMPLE_RATE} Hz, fewer than the "
                f"{_MIN_SAMPLES} that the pre-trained nets look at. Pad it."
            )
        return sample_problem(waveform)

    def compute_each(self, waveforms: Sequence[Waveform]) -> list[Sequence2D]:
        """Turn checked waveforms into their vectors, (n_frames, n_features) each."""
        sounds = [self._trimmed(waveform) for waveform in waveforms]
        sides = [self._run(net, sounds) for net in self.parameters.nets]
        joined = (_join(parts) for parts in zip(*sides, strict=True))
        return [sequence[: self.n_frames] for sequence in joined]

    def _trimmed(self, waveform: Waveform) -> Waveform:
        top_db = self.parameters.trim_top_db
        if top_db is None:
            return waveform
        return trim_silence(
            np.asarray(waveform, np.float32), top_db=top_db, **TRIM_FRAMES
        )

    def _run(self, name: str, sounds: Sequence[Waveform]) -> list[tuple[int, Any]]:
        """Return for each sound where the first vector stands, and the vectors."""
        net = NETS[name]
        vectors = self._shared(name, sounds)
        if vectors is None:
            vectors = run_graph(self.graphs[name], net.to_bands(sounds), net.reach)
        return [
            (net.first_step(len(sound)), sequence)
            for sound, sequence in zip(sounds, vectors, strict=True)
        ]

    def _shared(self, name: str, sounds: Sequence[Waveform]) -> list[Sequence2D] | None:
        """Return the vectors of windows that share some; None if none can."""
        if name != "speech":
            return None
        stretches = share_speech(sounds, level_step_db=self.level_step_db)
        if stretches is None:
            return None
        bands = [stretch.bands for stretch in stretches]
        made = run_graph(self.graphs[name], bands, NETS[name].reach)
        by_window = {
            index: vectors[rows]
            for stretch, vectors in zip(stretches, made, strict=True)
            for index, rows in stretch.windows
        }
        return [by_window[index] for index in range(len(sounds))]


def _join(parts: Sequence[tuple[int, Sequence2D]]) -> Sequence2D:
    """Put sequences side by side in time; their first and last vectors reach out."""
    if len(parts) == 1:
        return parts[0][1]
    steps = np.arange(max(first + len(sequence) for first, sequence in parts))
    return np.concatenate(
        [
            sequence[np.clip(steps - first, 0, len(sequence) - 1)]
            for first, sequence in parts
        ],
        axis=1,
    )


def shipped_graphs(parameters: EmbeddingParameters) -> dict[str, bytes]:
    """Return the graphs of the nets with the weights that ship with the package."""
    return {net: shipped_graph(net) for net in parameters.nets}


def make_embedding_extraction(
    parameters: Mapping[str, Any], graphs: Mapping[str, bytes]
) -> EmbeddingExtraction:
    """Make an extraction from what a model file holds.

    Parameters
    ----------
    parameters : mapping
        As `EmbeddingParameters.to_dict` gave them.
    graphs : mapping of str to bytes
        The graph of each net.

    Returns
    -------
    extraction : EmbeddingExtraction
        Checked.

    Raises
    ------
    KeyError, TypeError, ValueError
        If a parameter is wrong or a graph is missing.
    """
    checked = EmbeddingParameters.from_dict(parameters).validate()
    return EmbeddingExtraction(checked, {net: graphs[net] for net in checked.nets})
