"""The same features by librosa's own functions: the reference, slower."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import ClassVar

import librosa
import numpy as np
from numpy.typing import NDArray

from mfccclf.features.blocks import BLOCKS
from mfccclf.features.extraction import FeatureExtraction
from mfccclf.features.parameters import FeatureParameters
from mfccclf.features.trimming import trimmed

# librosa warns so of silence and of narrow mel bands, once per clip.
_KNOWN_WARNINGS = ("Trying to estimate tuning", "Empty filters detected")


class LibrosaExtraction(FeatureExtraction):
    """Features computed by librosa."""

    cache_kind: ClassVar[str] = "LibrosaRecipe"

    def compute_each(
        self, waveforms: Sequence[NDArray[np.floating]]
    ) -> list[NDArray[np.float32]]:
        """Turn checked waveforms into their sequences."""
        return [_compute_sequence(waveform, self.parameters) for waveform in waveforms]


def _compute_sequence(
    waveform: NDArray[np.floating], parameters: FeatureParameters
) -> NDArray[np.float32]:
    """Turn a checked waveform into features of shape (n_frames, n_features)."""
    sound = trimmed(waveform, parameters)
    with warnings.catch_warnings():
        for text in _KNOWN_WARNINGS:
            warnings.filterwarnings("ignore", text)
        columns = np.concatenate(
            [BLOCKS[name].reference(sound, parameters) for name in parameters.blocks]
        )
    derivatives = [
        librosa.feature.delta(
            columns,
            order=order,
            width=parameters.delta_width,
            mode=parameters.delta_mode,
        )
        for order in range(1, parameters.delta + 1)
    ]
    sequence = np.concatenate([columns, *derivatives]).T
    return np.ascontiguousarray(sequence[: parameters.n_frames], dtype=np.float32)
