"""Outlier exposure: learn from clips that have none of the labels.

Their predictions are pulled towards equal probabilities, or, with multilabel data,
towards no label.

References
----------
D. Hendrycks, M. Mazeika and T. Dietterich, "Deep Anomaly Detection with Outlier
Exposure", ICLR, 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mfccclf.estimators.training.batches import Batch, SequenceDataset

__all__ = [
    "NO_CLASS",
    "ExposedSequences",
    "OutlierExposureLoss",
    "Outliers",
    "add_outliers",
    "outlier_exposure_loss",
]

# Stands in for the index of a class.
NO_CLASS = -1


@dataclass(frozen=True)
class Outliers:
    """Clips that have none of the labels.

    Attributes
    ----------
    clips : SequenceDataset
        Their sequences.
    weight : float
        How much all of them count together in the loss, against 1 for all clips with
        labels.
    """

    clips: SequenceDataset
    weight: float


class OutlierExposureLoss(nn.Module):
    """Loss of clips with a class, and cross-entropy with equal shares for outliers.

    Parameters
    ----------
    inlier_loss : torch.nn.Module
        Loss of the clips that have a class; called with logits, and classes with
        weights.
    """

    def __init__(self, inlier_loss: nn.Module) -> None:
        super().__init__()
        self.inlier_loss = inlier_loss

    def forward(self, logits: Tensor, target: tuple[Tensor, Tensor]) -> Tensor:
        """Compute the loss of a batch; class -1 marks the outliers."""
        classes, weights = target
        is_outlier = classes == NO_CLASS
        loss: Tensor = self.inlier_loss(
            logits, (classes.clamp(min=0), weights.masked_fill(is_outlier, 0.0))
        )
        losses = -functional.log_softmax(logits, dim=1).mean(dim=1)
        return loss + (losses * weights.masked_fill(~is_outlier, 0.0)).mean()


class ExposedSequences(SequenceDataset):
    """Clips with labels and outliers after them, neither copied.

    Parameters
    ----------
    inliers, outliers : SequenceDataset
        The parts; their sequences may be of different lengths.
    targets : ndarray of shape (n_clips,) or (n_clips, n_outputs)
        Of both parts.
    weights : float32 ndarray of shape (n_clips,)
        Of both parts.
    """

    def __init__(
        self,
        inliers: SequenceDataset,
        outliers: SequenceDataset,
        targets: NDArray[Any],
        weights: NDArray[np.float32],
    ) -> None:
        self.inliers = inliers
        self.outliers = outliers
        self.lengths = np.concatenate([inliers.lengths, outliers.lengths])
        self.targets = targets
        self.weights = weights

    def __len__(self) -> int:
        """Return the number of sequences."""
        return len(self.lengths)

    def batch(self, indices: NDArray[np.int64]) -> Batch:
        """Return some sequences, cut to the longest and padded with zeros."""
        lengths = self.lengths[indices]
        n_features = self.inliers.shape[2]
        X = np.zeros((len(indices), int(lengths.max()), n_features), np.float32)
        n_inliers = len(self.inliers)
        is_inlier = indices < n_inliers
        _fill(X, np.flatnonzero(is_inlier), self.inliers, indices)
        _fill(X, np.flatnonzero(~is_inlier), self.outliers, indices - n_inliers)
        inputs = {"X": torch.from_numpy(X), "lengths": torch.from_numpy(lengths)}
        targets = torch.from_numpy(self.targets[indices])
        return inputs, (targets, torch.from_numpy(self.weights[indices]))


def add_outliers(inliers: SequenceDataset, outliers: Outliers) -> ExposedSequences:
    """Join clips with labels and outliers to learn from.

    Parameters
    ----------
    inliers : SequenceDataset
        Clips with labels.
    outliers : Outliers
        Clips without, and their weight.

    Returns
    -------
    joined : ExposedSequences
        With weights of mean 1.
    """
    n_outliers = len(outliers.clips)
    known = inliers.targets
    fill = NO_CLASS if known.ndim == 1 else 0
    none = np.full((n_outliers, *known.shape[1:]), fill, known.dtype)
    each = outliers.weight * float(inliers.weights.sum()) / n_outliers
    weights = np.append(inliers.weights, np.full(n_outliers, each))
    weights *= len(weights) / weights.sum()
    return ExposedSequences(
        inliers,
        outliers.clips,
        np.concatenate([known, none]),
        weights.astype(np.float32),
    )


def outlier_exposure_loss(loss: nn.Module, targets: NDArray[Any]) -> nn.Module:
    """Return the loss for inliers and outliers, given that for inliers.

    With multilabel data it is the same: outliers are clips without a label.
    """
    return OutlierExposureLoss(loss) if targets.ndim == 1 else loss


def _fill(
    X: NDArray[np.float32],
    rows: NDArray[np.intp],
    part: SequenceDataset,
    indices: NDArray[np.int64],
) -> None:
    """Write the sequences of one part into its rows of a batch of zeros."""
    if len(rows):
        inputs, _ = part.batch(indices[rows])
        found = inputs["X"].numpy()
        X[rows, : found.shape[1]] = found
