"""How much a clip is like those that a net has learned from.

Two scores tell whether a clip is odd: the distance of its embedding from the nearest
class [1]_, and the energy of its logits [2]_, which for labels that do not exclude each
other is the joint energy [3]_. Nets of many classes show strange clips by the second,
nets of two by the first; the odder of the two counts. How odd known clips are then
turns oddness into a share of them.

References
----------
.. [1] K. Lee, K. Lee, H. Lee and J. Shin, "A Simple Unified Framework for Detecting
   Out-of-Distribution Samples and Adversarial Attacks", NeurIPS, 2018.
.. [2] W. Liu, X. Wang, J. Owens and Y. Li, "Energy-based Out-of-distribution
   Detection", NeurIPS, 2020.
.. [3] H. Wang, W. Liu, A. Bocchieri and Y. Li, "Can multi-label classification networks
   know what they don't know?", NeurIPS, 2021.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf.estimators.familiarity.gaussian import (
    ClassGaussians,
    held_out_distances,
    learn_gaussians,
)
from mfccclf.estimators.familiarity.survival import SurvivalCurve, learn_survival
from mfccclf.estimators.inference import Outputs

__all__ = ["Familiarity", "choose_clips", "learn_familiarity"]

# Clips that are enough to know a class or a data set by.
_MOST_CLIPS = 4096
# Part of a score's size below which known clips differ by nothing but rounding.
_LEAST_SPREAD = 1e-2
_FEWEST_RIGHT = 5
_ARRAYS = ("means", "whitening", "centres", "spreads", "knots", "bends")


@dataclass(frozen=True)
class Familiarity:
    """What turns a net's outputs for a clip into its familiarity.

    Attributes
    ----------
    gaussians : ClassGaussians
        Of the embeddings; one mean where clips may have several labels.
    centres, spreads : float64 ndarray of shape (2,)
        Median of distance and of minus energy over known clips, and how far above it
        nine in ten of them stay.
    curve : SurvivalCurve
        From oddness to the share of known clips that are at least as odd.
    """

    gaussians: ClassGaussians
    centres: NDArray[np.float64]
    spreads: NDArray[np.float64]
    curve: SurvivalCurve

    def measure(self, outputs: Outputs, *, multilabel: bool) -> NDArray[np.float64]:
        """Return the familiarity of each clip, above 0 and at most 1."""
        distances = self.gaussians.distances(outputs.embeddings)
        scores = _stack(distances, outputs.logits, multilabel=multilabel)
        return self.curve.survival(_oddness(scores, self.centres, self.spreads))

    def calibrated(
        self,
        logits: NDArray[Any],
        distances: NDArray[np.float64],
        targets: NDArray[Any],
    ) -> Familiarity:
        """Return the same, with shares of other clips.

        Parameters
        ----------
        logits : ndarray of shape (n_clips, n_outputs)
            For clips that the net has not learned from.
        distances : float64 ndarray of shape (n_clips,)
            Of their embeddings from the nearest mean.
        targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
            What they are; where they have one class each, those that the net takes for
            another do not count.
        """
        right = _right_clips(logits, targets)
        scores = _stack(distances[right], logits[right], multilabel=targets.ndim == 2)
        return _calibrate(self.gaussians, scores)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return all numbers by name."""
        return {
            "means": self.gaussians.means,
            "whitening": self.gaussians.whitening,
            "centres": self.centres,
            "spreads": self.spreads,
            "knots": self.curve.knots,
            "bends": self.curve.bends,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], *, n_values: int
    ) -> Familiarity:
        """Undo `to_arrays`; raise `KeyError` or `ValueError` where that cannot be."""
        means, whitening, centres, spreads, knots, bends = (arrays[n] for n in _ARRAYS)
        fits = (
            means.ndim == 2
            and means.shape[1:] == (n_values,)
            and whitening.shape == (n_values, n_values)
            and centres.shape == spreads.shape == (2,)
            and knots.ndim == 1
            and knots.shape == bends.shape
            and min(len(means), len(knots)) > 0
        )
        if not fits:
            raise ValueError("the arrays of familiarity do not fit the net")
        return cls(
            ClassGaussians(means, whitening),
            centres,
            spreads,
            SurvivalCurve(knots, bends),
        )


def learn_familiarity(outputs: Outputs, targets: NDArray[Any]) -> Familiarity:
    """Learn familiarity from known clips, each measured by Gaussians without it.

    Parameters
    ----------
    outputs : Outputs
        What the trained net gives for clips that it was trained on.
    targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
        Class of each; or 1 where a clip has a label.

    Returns
    -------
    familiarity : Familiarity
        To measure other clips with. The net has seen these clips, so that others seem
        odder than they are; see `Familiarity.calibrated`.
    """
    multilabel = targets.ndim == 2
    classes = np.zeros(len(targets), np.int64) if multilabel else targets
    gaussians = learn_gaussians(outputs.embeddings, classes)
    distances = held_out_distances(outputs.embeddings, classes)
    if not np.isfinite(distances).any():
        distances = gaussians.distances(outputs.embeddings)
    scores = _stack(distances, outputs.logits, multilabel=multilabel)
    return _calibrate(gaussians, scores[np.isfinite(distances)])


def choose_clips(targets: NDArray[Any]) -> NDArray[np.intp]:
    """Return the indices of clips to learn from: of each class the same number.

    Parameters
    ----------
    targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
        As for `learn_familiarity`; label sets are not looked at.

    Returns
    -------
    indices : ndarray of int
        Rising; all clips where there are few, and evenly spaced ones where not.
    """
    if targets.ndim == 2:
        return _evenly(np.arange(len(targets)), _MOST_CLIPS)
    classes = np.unique(targets)
    share = max(2, _MOST_CLIPS // len(classes))
    parts = [_evenly(np.flatnonzero(targets == c), share) for c in classes]
    return np.sort(np.concatenate(parts))


def _evenly(indices: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    if len(indices) <= most:
        return indices
    return indices[np.linspace(0, len(indices) - 1, most).round().astype(np.intp)]


def _stack(
    distances: NDArray[np.float64], logits: NDArray[Any], *, multilabel: bool
) -> NDArray[np.float64]:
    """Return distance and minus energy, the higher the odder, side by side."""
    logits = logits.astype(np.float64)
    if multilabel:
        energy = np.logaddexp(0.0, logits).sum(axis=1)
    else:
        energy = np.logaddexp.reduce(logits, axis=1)
    return np.column_stack([distances, -energy])


def _right_clips(logits: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which clips count: those with the right label, or all if hardly one has."""
    every = np.ones(len(targets), np.bool_)
    if targets.ndim == 2:
        return every
    right: NDArray[np.bool_] = logits.argmax(axis=1) == targets
    return right if right.sum() >= _FEWEST_RIGHT else every


def _calibrate(gaussians: ClassGaussians, scores: NDArray[np.float64]) -> Familiarity:
    centres, high = np.quantile(scores, (0.5, 0.9), axis=0)
    spreads = np.maximum(high - centres, _LEAST_SPREAD * (1 + np.abs(centres)))
    curve = learn_survival(_oddness(scores, centres, spreads))
    return Familiarity(gaussians, centres, spreads, curve)


def _oddness(
    scores: NDArray[np.float64],
    centres: NDArray[np.float64],
    spreads: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the larger of the two scores, each in units of its spread."""
    larger: NDArray[np.float64] = ((scores - centres) / spreads).max(axis=1)
    return larger
