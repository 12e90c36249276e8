"""The notes that the model learns from, as features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mfccclf import Dataset, load_dataset, load_waveform, make_pipeline
from weights.recipes.features import Features, extract_parts
from weights.recipes.notes.variations import vary

__all__ = ["PRESET", "REAL_COPIES", "Notes", "load_notes", "plain_features"]

PRESET = "notes"
# Real notes are few, and they are what counts: each is learned in several variations.
REAL_COPIES = 8
_RATE = 16000
_NOTES_AT_ONCE = 128


@dataclass(frozen=True)
class Notes:
    """Varied notes as sequences, each with its label and instrument."""

    sequences: list[Features]
    labels: NDArray[np.str_]
    groups: NDArray[np.str_]

    def without(self, groups: Sequence[str]) -> Notes:
        """Return the notes of all other instruments."""
        kept = np.flatnonzero(~np.isin(self.groups, groups))
        sequences = [self.sequences[index] for index in kept]
        return Notes(sequences, self.labels[kept], self.groups[kept])


def load_notes(real: Dataset, rendered: Path, *, seed: int) -> Notes:
    """Vary real notes and rendered ones of all splits, and extract their features."""
    fonts = load_dataset(rendered)
    labels = real.labels * REAL_COPIES + fonts.labels
    groups = [*(real.groups or [])] * REAL_COPIES + [
        f"rendered {name}" for name in fonts.groups or []
    ]
    varied = _vary_in_parts(real.paths * REAL_COPIES + fonts.paths, seed)
    sequences = extract_parts(make_pipeline(PRESET)[0], varied)
    return Notes(sequences, np.array(labels), np.array(groups))


def plain_features(real: Dataset) -> Features:
    """Return the features of real notes without variation."""
    X: Features = make_pipeline(PRESET)[0].fit_transform(real.paths)
    return X


def _vary_in_parts(paths: Sequence[str], seed: int) -> Iterator[list[Features]]:
    rng = np.random.default_rng(seed)
    for start in range(0, len(paths), _NOTES_AT_ONCE):
        yield [
            vary(load_waveform(path, sample_rate=_RATE), _RATE, rng)
            for path in paths[start : start + _NOTES_AT_ONCE]
        ]
