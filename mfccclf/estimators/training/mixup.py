"""Let clips sound together while a net learns which labels they have.

Clips that are mixed anew in each epoch cannot be learned by heart, and the labels of a
sum are known: those of both. It needs labels that do not exclude each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from mfccclf.estimators.training.batches import Batch
from mfccclf.modules.augmentation import DECIBEL, Augmentation
from mfccclf.modules.pooling import frame_mask, greatest_values

__all__ = ["Mixup", "make_mixup"]


@dataclass(frozen=True)
class Mixup:
    """Add the powers of neighbours in a batch, and unite their labels.

    Parameters
    ----------
    share : float
        Share of the clips that get company.
    level_db : float
        Largest difference between the peaks of both, in dB.
    max_labels : int
        Most labels that a mixture may have.
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
        together = _add(X, lengths, partner, self.level_db)
        inputs = {
            "X": torch.where(mixed[:, None, None], together, X),
            "lengths": torch.where(mixed, longer, lengths),
        }
        return inputs, (torch.where(mixed[:, None], united, targets), weights)


def make_mixup(
    augmentation: Augmentation | None, targets: NDArray[Any]
) -> Mixup | None:
    """Return what mixes the clips of a batch, if it is asked for.

    Parameters
    ----------
    augmentation : Augmentation or None
        How clips are varied.
    targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
        What is learned. No mixture gets more labels than a clip has here.

    Returns
    -------
    mixer : Mixup or None
        None where no clip is to be mixed, or each has one label: a mixture has two.
    """
    if augmentation is None or augmentation.mix == 0 or targets.ndim == 1:
        return None
    most = int(targets.sum(axis=1).max())
    return Mixup(augmentation.mix, augmentation.mix_db, most)


def _add(X: Tensor, lengths: Tensor, partner: Tensor, level_db: float) -> Tensor:
    """Add to each clip another, which begins anywhere and goes on from its start."""
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
