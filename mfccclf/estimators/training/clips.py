"""All clips that take part in a training."""

from __future__ import annotations

from dataclasses import dataclass

from mfccclf.estimators.training.batches import SequenceDataset
from mfccclf.estimators.training.outlier_exposure import Outliers

__all__ = ["TrainingClips"]


@dataclass(frozen=True)
class TrainingClips:
    """Clips to learn from, to validate on, and to expose the net to.

    Attributes
    ----------
    train : SequenceDataset
        Clips with labels.
    valid : SequenceDataset or None
        Held-out clips with labels, to choose the best epoch by.
    outliers : Outliers or None
        Clips that have none of the labels.
    """

    train: SequenceDataset
    valid: SequenceDataset | None = None
    outliers: Outliers | None = None
