"""Gaussians with one covariance: where the embeddings of known clips lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf

__all__ = ["ClassGaussians", "held_out_distances", "learn_gaussians"]

_N_FOLDS = 5
# Share of the mean variance that is added in every direction.
_LEAST_VARIANCE = 1e-4
# Variance of a net that gives all clips the same embedding.
_TINY = 1e-8


@dataclass(frozen=True)
class ClassGaussians:
    """Gaussians that share one covariance.

    Attributes
    ----------
    means : float32 ndarray of shape (n_means, n_values)
        Whitened mean of each class.
    whitening : float32 ndarray of shape (n_values, n_values)
        Turns the covariance within the classes into the identity.
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
    """Estimate the class means, and a covariance with Ledoit-Wolf shrinkage.

    Parameters
    ----------
    embeddings : ndarray of shape (n_clips, n_values)
        Of the clips.
    classes : int64 ndarray of shape (n_clips,)
        The class of each.

    Returns
    -------
    gaussians : ClassGaussians
        One mean for each class that occurs.
    """
    values = embeddings.astype(np.float64)
    present, classes = np.unique(classes, return_inverse=True)
    means = np.array([values[classes == c].mean(axis=0) for c in range(len(present))])
    covariance, _ = ledoit_wolf(values - means[classes], assume_centered=True)
    floor = _LEAST_VARIANCE * np.trace(covariance) / len(covariance) + _TINY
    covariance[np.diag_indices_from(covariance)] += floor
    inverse = np.linalg.inv(np.linalg.cholesky(covariance)).T
    # Safetensors writes memory as it lies, and expects rows.
    whitening = inverse.astype(np.float32, order="C")
    white = means @ whitening.astype(np.float64)
    return ClassGaussians(white.astype(np.float32), whitening)


def held_out_distances(
    embeddings: NDArray[Any], classes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return each clip's distance from Gaussians that were learned without it.

    Parameters
    ----------
    embeddings, classes
        As for `learn_gaussians`.

    Returns
    -------
    distances : float64 ndarray of shape (n_clips,)
        NaN for a clip that is alone in its class.
    """
    folds = _stratified_folds(classes)
    distances = np.full(len(classes), np.nan)
    counts = np.bincount(classes)
    for fold in range(_N_FOLDS):
        held_out = (folds == fold) & (counts[classes] > 1)
        if held_out.any():
            gaussians = learn_gaussians(embeddings[~held_out], classes[~held_out])
            distances[held_out] = gaussians.distances(embeddings[held_out])
    return distances


def _stratified_folds(classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the fold of each clip: the clips of a class take turns."""
    folds = np.empty(len(classes), np.int64)
    for c in np.unique(classes):
        (indices,) = np.nonzero(classes == c)
        folds[indices] = np.arange(len(indices)) % _N_FOLDS
    return folds
