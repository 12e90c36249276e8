"""Mixup: clips of a batch are mixed while a net learns their labels.

Clips that are mixed anew in each epoch cannot be memorised, and a mixture has the
labels of both clips. This needs multilabel data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from mfccclf.estimators.training.batches import Batch
from mfccclf.modules.augmentation import Augmentation
from mfccclf.modules.band_augmentation import DECIBEL
from mfccclf.modules.pooling import frame_mask, greatest_values

__all__ = ["Mixup", "make_mixup"]


@dataclass(frozen=True)
class Mixup:
    """Adds the powers of neighbours in a batch, and unites their labels.

    Parameters
    ----------
    share : float
        Share of the clips that are mixed with another.
    level_db : float
        Largest difference between the peaks of the two, in dB.
    max_labels : int
        Largest number of labels of a mixture.
    """

    share: float
    level_db: float
    max_labels: int

    def __call__(self, batch: Batch) -> Batch:
        """Mix a batch of mel bands in dB; each clip keeps its weight."""
        inputs, (targets, weights) = batch
        X, lengths = inputs["X"], inputs["lengths"]
        partner = torch.arange(len(X)).roll(1)
        united = torch.maximum(targets, targets[partner])
        mixed = torch.rand(len(X)) < self.share
        mixed &= united.sum(dim=1) <= self.max_labels
        longer = torch.maximum(lengths, lengths[partner])
        mixtures = _mix(X, lengths, partner, self.level_db)
        inputs = {
            "X": torch.where(mixed[:, None, None], mixtures, X),
            "lengths": torch.where(mixed, longer, lengths),
        }
        return inputs, (torch.where(mixed[:, None], united, targets), weights)


def make_mixup(
    augmentation: Augmentation | None, targets: NDArray[Any]
) -> Mixup | None:
    """Make the mixup that an augmentation asks for.

    Parameters
    ----------
    augmentation : Augmentation or None
        How clips are varied.
    targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
        What is learned. No mixture has more labels than any of these clips.

    Returns
    -------
    mixup : Mixup or None
        None if no clips are to be mixed, or each has one label: a mixture has two.
    """
    if augmentation is None or augmentation.mix == 0 or targets.ndim == 1:
        return None
    most = int(targets.sum(axis=1).max())
    return Mixup(augmentation.mix, augmentation.mix_db, most)


def _mix(X: Tensor, lengths: Tensor, partner: Tensor, level_db: float) -> Tensor:
    """Add to each clip its partner, which starts anywhere and is repeated."""
    mask = frame_mask(lengths, X.shape[1])
    start = (torch.rand(len(X)) * lengths[partner]).long()
    frames = torch.arange(X.shape[1]) + start[:, None]
    other = X[partner[:, None], frames % lengths[partner][:, None]]
    peaks = greatest_values(X, mask)
    level = peaks - peaks[partner] + level_db * (2 * torch.rand(len(X), 1, 1) - 1)
    silence = -torch.inf
    ours = (X * DECIBEL).masked_fill(~mask, silence)
    theirs = ((other + level) * DECIBEL).masked_fill(~mask[partner], silence)
    return (torch.logaddexp(ours, theirs) / DECIBEL).masked_fill(
        ~(mask | mask[partner]), 0.0
    )
