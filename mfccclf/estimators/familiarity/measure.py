"""How familiar a clip is: how much it is like those that a net was trained on.

Two scores tell how unfamiliar a clip is: the distance of its embedding from the nearest
class [1]_, and the energy of its logits [2]_, or with multilabel data their joint
energy [3]_. Nets of many classes reveal out-of-distribution clips by the second, nets
of two by the first; so the worse of the two counts. A survival curve turns it into the
share of known clips that are at least as unfamiliar.

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

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mfccclf.estimators.familiarity.gaussian import (
    ClassGaussians,
    held_out_distances,
    learn_gaussians,
)
from mfccclf.estimators.familiarity.survival import SurvivalCurve, learn_survival
from mfccclf.estimators.training.batches import SequenceDataset
from mfccclf.estimators.training.inference import Outputs, run_net

__all__ = [
    "Familiarity",
    "choose_clips",
    "fit_familiarity",
    "learn_familiarity",
    "leave_out_familiarity",
]

# Clips beyond these add time, but hardly change the result.
_MOST_CLIPS = 4096
# Smallest spread of a score, relative to its size; below it, it is rounding.
_LEAST_SPREAD = 1e-2
_FEWEST_RIGHT = 5
_IS_LEFT_OUT: ContextVar[bool] = ContextVar("is_left_out", default=False)
_ARRAYS = ("means", "whitening", "centres", "spreads", "knots", "bends")


@dataclass(frozen=True)
class Familiarity:
    """Computes a clip's familiarity from the outputs of a net.

    Attributes
    ----------
    gaussians : ClassGaussians
        Of the embeddings; a single mean with multilabel data.
    centres, spreads : float64 ndarray of shape (2,)
        Median of distance and of negative energy over known clips, and how far their
        90th percentile is above it.
    curve : SurvivalCurve
        From unfamiliarity to the share of known clips that are at least as unfamiliar.
    """

    gaussians: ClassGaussians
    centres: NDArray[np.float64]
    spreads: NDArray[np.float64]
    curve: SurvivalCurve

    def measure(self, outputs: Outputs, *, multilabel: bool) -> NDArray[np.float64]:
        """Return the familiarity of each clip, above 0 and at most 1."""
        distances = self.gaussians.distances(outputs.embeddings)
        return self.share(distances, outputs.logits, multilabel=multilabel)

    def share(
        self,
        distances: NDArray[np.float64],
        logits: NDArray[Any],
        *,
        multilabel: bool,
    ) -> NDArray[np.float64]:
        """Return the familiarity of clips whose distances are known."""
        scores = _stack(distances, logits, multilabel=multilabel)
        unfamiliarity = _unfamiliarity(scores, self.centres, self.spreads)
        return self.curve.survival(unfamiliarity)

    def calibrated(
        self,
        logits: NDArray[Any],
        distances: NDArray[np.float64],
        targets: NDArray[Any],
    ) -> Familiarity:
        """Return the same, with held-out clips as the known ones.

        Parameters
        ----------
        logits : ndarray of shape (n_clips, n_outputs)
            For clips that the net was not trained on.
        distances : float64 ndarray of shape (n_clips,)
            Of their embeddings from the nearest mean.
        targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
            Class of each; or 1 where a clip has a label. Clips for which the net
            predicts a wrong class do not count.

        Returns
        -------
        familiarity : Familiarity
            With the same Gaussians.
        """
        right = _right_clips(logits, targets)
        scores = _stack(distances[right], logits[right], multilabel=targets.ndim == 2)
        return _compare(self.gaussians, scores)

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
        """Undo `to_arrays`; `KeyError` or `ValueError` if the arrays do not fit."""
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


@contextmanager
def leave_out_familiarity() -> Iterator[None]:
    """Leave familiarity out of all trainings in a with block, where labels are enough.

    It takes the net's outputs for all clips, which counts when epochs are few.
    """
    token = _IS_LEFT_OUT.set(True)
    try:
        yield
    finally:
        _IS_LEFT_OUT.reset(token)


def fit_familiarity(
    classifier: Any, train: SequenceDataset, valid: SequenceDataset | None
) -> Familiarity | None:
    """Learn familiarity from the clips of a training.

    Parameters
    ----------
    classifier : SequenceClassifier
        With its trained net.
    train : SequenceDataset
        Clips that it was trained on; they give the Gaussians.
    valid : SequenceDataset or None
        Held-out clips; if given, these are the known ones.

    Returns
    -------
    familiarity : Familiarity or None
        To measure new clips with; None in a block of `leave_out_familiarity`.
    """
    if _IS_LEFT_OUT.get():
        return None
    known = train.subset(choose_clips(train.targets))
    # Threads that wait for each other take longer than matrices of this size.
    with threadpool_limits(1, user_api="blas"):
        familiarity = learn_familiarity(run_net(classifier, known), known.targets)
    if valid is None:
        return familiarity
    held_out = valid.subset(choose_clips(valid.targets))
    outputs = run_net(classifier, held_out)
    distances = familiarity.gaussians.distances(outputs.embeddings)
    return familiarity.calibrated(outputs.logits, distances, held_out.targets)


def learn_familiarity(outputs: Outputs, targets: NDArray[Any]) -> Familiarity:
    """Learn familiarity from known clips, each measured by Gaussians without it.

    Parameters
    ----------
    outputs : Outputs
        For clips that the net was trained on.
    targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
        Class of each; or 1 where a clip has a label.

    Returns
    -------
    familiarity : Familiarity
        Compared with these clips, which the net has seen, new clips seem less familiar
        than they are; see `Familiarity.calibrated`.
    """
    multilabel = targets.ndim == 2
    classes = np.zeros(len(targets), np.int64) if multilabel else targets
    gaussians = learn_gaussians(outputs.embeddings, classes)
    distances = held_out_distances(outputs.embeddings, classes)
    if not np.isfinite(distances).any():
        distances = gaussians.distances(outputs.embeddings)
    scores = _stack(distances, outputs.logits, multilabel=multilabel)
    return _compare(gaussians, scores[np.isfinite(distances)])


def choose_clips(targets: NDArray[Any]) -> NDArray[np.intp]:
    """Choose the clips to learn from, equally many of each class.

    Parameters
    ----------
    targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
        As for `learn_familiarity`; with multilabel data, the labels do not matter.

    Returns
    -------
    indices : ndarray of int
        Ascending; all clips if there are few, else evenly spaced ones.
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
    """Return distance and negative energy, high for unfamiliar clips, side by side."""
    logits = logits.astype(np.float64)
    if multilabel:
        energy = np.logaddexp(0.0, logits).sum(axis=1)
    else:
        energy = np.logaddexp.reduce(logits, axis=1)
    return np.column_stack([distances, -energy])


def _right_clips(logits: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the clips that count: those with the right label, or all if few have it."""
    every = np.ones(len(targets), np.bool_)
    if targets.ndim == 2:
        return every
    right: NDArray[np.bool_] = logits.argmax(axis=1) == targets
    return right if right.sum() >= _FEWEST_RIGHT else every


def _compare(gaussians: ClassGaussians, scores: NDArray[np.float64]) -> Familiarity:
    centres, high = np.quantile(scores, (0.5, 0.9), axis=0)
    spreads = np.maximum(high - centres, _LEAST_SPREAD * (1 + np.abs(centres)))
    curve = learn_survival(_unfamiliarity(scores, centres, spreads))
    return Familiarity(gaussians, centres, spreads, curve)


def _unfamiliarity(
    scores: NDArray[np.float64],
    centres: NDArray[np.float64],
    spreads: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the larger of the two scores, each in units of its spread."""
    larger: NDArray[np.float64] = ((scores - centres) / spreads).max(axis=1)
    return larger
