"""Whether a classifier is right as often as its scores say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfccclf._validation import argument_error, check_int

__all__ = ["Calibration", "measure_calibration"]


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Scores against the share of right answers, in bins of equal width.

    Attributes
    ----------
    edges : float64 ndarray of shape (n_bins + 1,)
        Edges of the bins, from 0 to 1.
    counts : int64 ndarray of shape (n_bins,)
        Answers in each bin.
    mean_scores, accuracies : float64 ndarray of shape (n_bins,)
        Mean score and share of right answers in each bin; NaN in an empty one.
    error : float
        Expected calibration error: mean distance between the two over all answers.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    mean_scores: NDArray[np.float64]
    accuracies: NDArray[np.float64]
    error: float


def measure_calibration(
    scores: ArrayLike, right: ArrayLike, *, n_bins: int = 10
) -> Calibration:
    """Compare the scores of answers with how many of them are right.

    Parameters
    ----------
    scores : array-like of shape (n_answers,)
        The probability that the classifier gave each answer, from 0 to 1.
    right : array-like of bool of shape (n_answers,)
        Whether the answer was right.
    n_bins : int, default=10
        Bins of equal width; a score on an edge belongs to the bin above.

    Returns
    -------
    calibration : Calibration
        Per bin, and the expected calibration error.

    Raises
    ------
    ValueError
        If shapes do not match, or a score is not a probability.

    References
    ----------
    M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining Well Calibrated Probabilities
    Using Bayesian Binning", AAAI 2015.

    Examples
    --------
    >>> from mfccclf.evaluation import measure_calibration
    >>> measure_calibration([0.9, 0.9, 0.6], [True, True, False]).error.__round__(3)
    0.267
    """
    n_bins = check_int("n_bins", n_bins, minimum=1, owner="measure_calibration")
    values, hits = _check(scores, right)
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    bins = np.minimum((values * n_bins).astype(np.int64), n_bins - 1)
    counts = np.bincount(bins, minlength=n_bins)
    score_sums = np.bincount(bins, weights=values, minlength=n_bins)
    hit_sums = np.bincount(bins, weights=hits, minlength=n_bins)
    filled = np.where(counts > 0, counts, np.nan)
    error = float(np.abs(score_sums - hit_sums).sum() / max(len(values), 1))
    return Calibration(
        edges=edges,
        counts=counts.astype(np.int64),
        mean_scores=score_sums / filled,
        accuracies=hit_sums / filled,
        error=error,
    )


def _check(
    scores: ArrayLike, right: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values = np.asarray(scores, dtype=np.float64)
    hits = np.asarray(right, dtype=np.float64)
    owner = "measure_calibration"
    if values.ndim != 1 or values.shape != hits.shape:
        expected = f"a list as long as the {values.shape} scores"
        raise argument_error("right", hits.shape, expected, owner=owner)
    if not ((values >= 0) & (values <= 1)).all():
        expected = "probabilities, each from 0 to 1"
        raise argument_error("scores", scores, expected, owner=owner)
    return values, hits
