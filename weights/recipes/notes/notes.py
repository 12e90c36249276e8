"""The notes that the model learns from, as features, and how it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from variations import vary

from mfccclf import Dataset, load_dataset, load_waveform, make_pipeline, pad_sequences
from mfccclf.sequences import sequence_lengths
from mfccclf.workflows import load_ood_clips

__all__ = [
    "REAL_COPIES",
    "Notes",
    "fit_notes",
    "load_notes",
    "other_features",
    "plain_features",
]

# Real notes are few and what counts, so each is heard in several variations.
REAL_COPIES = 8
_RATE = 16000
_BLOCK = 128


@dataclass(frozen=True)
class Notes:
    """Varied notes as sequences, each with its label and instrument."""

    sequences: list[NDArray[np.float32]]
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
    paths = real.paths * REAL_COPIES + fonts.paths
    labels = real.labels * REAL_COPIES + fonts.labels
    groups = [*(real.groups or [])] * REAL_COPIES + [
        f"rendered {name}" for name in fonts.groups or []
    ]
    rng = np.random.default_rng(seed)
    extractor = make_pipeline("notes")[0]
    sequences: list[NDArray[np.float32]] = []
    for start in range(0, len(paths), _BLOCK):
        waveforms = [
            vary(load_waveform(path, sample_rate=_RATE), _RATE, rng)
            for path in paths[start : start + _BLOCK]
        ]
        X = extractor.fit_transform(waveforms)
        for rows, length in zip(X, sequence_lengths(X), strict=True):
            sequences.append(rows[:length].copy())
    return Notes(sequences, np.array(labels), np.array(groups))


def plain_features(real: Dataset) -> NDArray[np.float32]:
    """Return the features of real notes as they are."""
    X: NDArray[np.float32] = make_pipeline("notes")[0].fit_transform(real.paths)
    return X


def other_features(folders: Sequence[Path]) -> NDArray[np.float32]:
    """Return the features of clips that hold no note."""
    clips = load_ood_clips(folders)
    X: NDArray[np.float32] = make_pipeline("notes")[0].fit_transform(clips.paths)
    return X


def fit_notes(
    notes: Notes,
    others: NDArray[np.float32],
    *,
    max_epochs: int,
    seed: int,
    verbose: int = 0,
) -> Pipeline:
    """Train the preset on notes whose features are made already, and calibrate it.

    Probabilities and familiarity fit notes of instruments that three more nets, each
    trained without a third of them, had not heard.
    """
    pipeline = make_pipeline(
        "notes", max_epochs=max_epochs, random_state=seed, lstm__verbose=verbose
    )
    pipeline["extract"].fit(["clip.wav"])
    X = pipeline["scale"].fit_transform(pad_sequences(notes.sequences))
    none = {"X_other": pipeline["scale"].transform(others)}
    classifier = pipeline["lstm"].fit(X, notes.labels, **none)
    classifier.cross_calibrate(X, notes.labels, notes.groups, **none)
    return pipeline.set_params(lstm__verbose=0)
