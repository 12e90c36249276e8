"""Class means with one covariance: where the embeddings of known clips lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf

__all__ = ["ClassGaussians", "held_out_distances", "learn_gaussians"]

_N_FOLDS = 5
# Share of the mean variance that every direction has, so that none has none.
_LEAST_VARIANCE = 1e-4
# What a net that gives all clips one embedding has at least.
_TINY = 1e-8


@dataclass(frozen=True)
class ClassGaussians:
    """Gaussians with means of their own and one covariance.

    Attributes
    ----------
    means : float32 ndarray of shape (n_means, n_values)
        Whitened mean of each class.
    whitening : float32 ndarray of shape (n_values, n_values)
        What turns the covariance within the classes into the identity.
    """

    means: NDArray[np.float32]
    whitening: NDArray[np.float32]

    def distances(self, embeddings: NDArray[Any]) -> NDArray[np.float64]:
        """Return the Mahalanobis distance of each embedding from the nearest mean."""
        white = embeddings.astype(np.float64) @ self.whitening.astype(np.float64)
        squares = [
            np.square(white - mean).sum(axis=1)
            for mean in self.means.astype(np.float64)
        ]
        nearest: NDArray[np.float64] = np.sqrt(np.min(squares, axis=0))
        return nearest


def learn_gaussians(
    embeddings: NDArray[Any], classes: NDArray[np.int64]
) -> ClassGaussians:
    """Learn the means, and a covariance that is shrunk by Ledoit and Wolf's rule.

    Parameters
    ----------
    embeddings : ndarray of shape (n_clips, n_values)
        Of the clips.
    classes : int64 ndarray of shape (n_clips,)
        The class of each.

    Returns
    -------
    gaussians : ClassGaussians
        One mean for each class that there is.
    """
    values = embeddings.astype(np.float64)
    present, classes = np.unique(classes, return_inverse=True)
    means = np.array([values[classes == c].mean(axis=0) for c in range(len(present))])
    covariance, _ = ledoit_wolf(values - means[classes], assume_centered=True)
    floor = _LEAST_VARIANCE * np.trace(covariance) / len(covariance) + _TINY
    covariance[np.diag_indices_from(covariance)] += floor
    inverse = np.linalg.inv(np.linalg.cholesky(covariance)).T
    # In rows, as safetensors takes an array's memory for.
    whitening = inverse.astype(np.float32, order="C")
    white = means @ whitening.astype(np.float64)
    return ClassGaussians(white.astype(np.float32), whitening)


def held_out_distances(
    embeddings: NDArray[Any], classes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return each clip's distance by Gaussians that were learned without it.

    Parameters
    ----------
    embeddings, classes
        As for `learn_gaussians`.

    Returns
    -------
    distances : float64 ndarray of shape (n_clips,)
        NaN for the only clip of a class.
    """
    folds = _deal_out(classes)
    distances = np.full(len(classes), np.nan)
    counts = np.bincount(classes)
    for fold in range(_N_FOLDS):
        away = (folds == fold) & (counts[classes] > 1)
        if away.any():
            gaussians = learn_gaussians(embeddings[~away], classes[~away])
            distances[away] = gaussians.distances(embeddings[away])
    return distances


def _deal_out(classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a fold for each clip: the clips of each class in turn."""
    folds = np.empty(len(classes), np.int64)
    for c in np.unique(classes):
        (indices,) = np.nonzero(classes == c)
        folds[indices] = np.arange(len(indices)) % _N_FOLDS
    return folds
