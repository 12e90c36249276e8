"""Features of many clips, extracted in parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf import make_pipeline
from mfccclf.sequences import sequence_lengths
from mfccclf.workflows import load_ood_clips

__all__ = ["extract_other_clips", "extract_parts", "mark_extractor_fitted"]

Features = NDArray[np.float32]


def extract_parts(
    extractor: Any, parts: Iterable[Sequence[Features]]
) -> list[Features]:
    """Extract the sequences of waveforms that are made part by part.

    All waveforms at once would fill 1 GB.
    """
    sequences: list[Features] = []
    for waveforms in parts:
        X = extractor.fit_transform(waveforms)
        lengths = sequence_lengths(X)
        sequences += [x[:n].copy() for x, n in zip(X, lengths, strict=True)]
    return sequences


def extract_other_clips(preset: str, folders: Sequence[Path]) -> Features:
    """Extract X of clips without what a preset's model knows."""
    paths = load_ood_clips(folders).paths
    X: Features = make_pipeline(preset)[0].fit_transform(paths)
    return X


def mark_extractor_fitted(pipeline: Pipeline) -> None:
    """Fit the extractor, which learns nothing, for a net that is fitted alone."""
    pipeline["extract"].fit(["clip.wav"])
