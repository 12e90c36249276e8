"""Learn from clips that are none of the labels.

Their predictions are pulled towards equal probabilities, or towards no label where
labels do not exclude each other.

References
----------
D. Hendrycks, M. Mazeika and T. Dietterich, "Deep Anomaly Detection with Outlier
Exposure", ICLR, 2019.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mfccclf.estimators.training.batches import Batch, SequenceDataset

__all__ = ["NO_CLASS", "OutlierExposureLoss", "add_outliers", "outlier_exposure_loss"]

# In place of the index of a class.
NO_CLASS = -1


class OutlierExposureLoss(nn.Module):
    """Cross-entropy with the classes, and with equal shares of them for other clips.

    Parameters
    ----------
    known : torch.nn.Module
        Loss of the clips that have a class; called with logits, and classes with
        weights.
    """

    def __init__(self, known: nn.Module) -> None:
        super().__init__()
        self.known = known

    def forward(self, logits: Tensor, target: tuple[Tensor, Tensor]) -> Tensor:
        """Compute the loss of a batch; class -1 marks the other clips."""
        classes, weights = target
        is_other = classes == NO_CLASS
        known: Tensor = self.known(
            logits, (classes.clamp(min=0), weights.masked_fill(is_other, 0.0))
        )
        losses = -functional.log_softmax(logits, dim=1).mean(dim=1)
        return known + (losses * weights.masked_fill(~is_other, 0.0)).mean()


class ExposedSequences(SequenceDataset):
    """Known clips and other clips after them, each where it was in memory.

    Parameters
    ----------
    known, others : SequenceDataset
        The parts; their sequences may be of different lengths.
    targets : ndarray of shape (n_clips,) or (n_clips, n_outputs)
        Of both.
    weights : float32 ndarray of shape (n_clips,)
        Of both.
    """

    def __init__(
        self,
        known: SequenceDataset,
        others: SequenceDataset,
        targets: NDArray[Any],
        weights: NDArray[np.float32],
    ) -> None:
        self.parts = (known, others)
        self.lengths = np.concatenate([part.lengths for part in self.parts])
        self.targets = targets
        self.weights = weights

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, indices: NDArray[np.int64]) -> Batch:
        """Return some sequences, cut to the longest and padded with zeros."""
        known, others = self.parts
        lengths = self.lengths[indices]
        X = np.zeros((len(indices), int(lengths.max()), known.X.shape[2]), np.float32)
        is_known = indices < len(known)
        for part, rows, first in (
            (known, np.flatnonzero(is_known), 0),
            (others, np.flatnonzero(~is_known), len(known)),
        ):
            if len(rows):
                inputs, _ = part.batch(indices[rows] - first)
                found = inputs["X"].numpy()
                X[rows, : found.shape[1]] = found
        inputs = {"X": torch.from_numpy(X), "lengths": torch.from_numpy(lengths)}
        targets = torch.from_numpy(self.targets[indices])
        return inputs, (targets, torch.from_numpy(self.weights[indices]))


def add_outliers(
    known: SequenceDataset, others: SequenceDataset, weight: float
) -> ExposedSequences:
    """Join known clips and other clips to learn from.

    Parameters
    ----------
    known : SequenceDataset
        Clips with classes or label sets.
    others : SequenceDataset
        Clips without.
    weight : float
        How much all other clips together count, against 1 for all known clips.

    Returns
    -------
    joined : ExposedSequences
        With weights of mean 1.
    """
    fill = NO_CLASS if known.targets.ndim == 1 else 0
    none = np.full((len(others), *known.targets.shape[1:]), fill, known.targets.dtype)
    share = weight * float(known.weights.sum()) / len(others)
    weights = np.append(known.weights, np.full(len(others), share))
    weights *= len(weights) / weights.sum()
    return ExposedSequences(
        known,
        others,
        np.concatenate([known.targets, none]),
        weights.astype(np.float32),
    )


def outlier_exposure_loss(known: nn.Module, targets: NDArray[Any]) -> nn.Module:
    """Return the loss for known and other clips, given that of known ones."""
    # A clip without labels needs no loss of its own where labels are sets.
    return OutlierExposureLoss(known) if targets.ndim == 1 else known
