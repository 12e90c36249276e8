"""Thresholds above which a label counts as predicted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfccclf._validation import argument_error

__all__ = ["best_thresholds", "check_thresholds"]


def best_thresholds(
    targets: NDArray[Any],
    proba: NDArray[np.float64],
    otherwise: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Choose each label's threshold for the highest F1 score.

    Parameters
    ----------
    targets : ndarray of shape (n_clips, n_labels)
        1 where a clip has a label.
    proba : float64 ndarray of shape (n_clips, n_labels)
        Probability of each label.
    otherwise : float64 ndarray of shape (n_labels,)
        Thresholds for labels that no clip has.

    Returns
    -------
    thresholds : float64 ndarray of shape (n_labels,)
        Each midway between the two probabilities that it separates; the highest of
        those with equal F1 scores.
    """
    return np.array(
        [
            _best_threshold(targets[:, label] > 0, proba[:, label], otherwise[label])
            for label in range(targets.shape[1])
        ]
    )


def check_thresholds(
    thresholds: ArrayLike | None, n_labels: int
) -> NDArray[np.float64] | None:
    """Return given thresholds as an array; None stays None.

    Raises
    ------
    ValueError
        If they are not one number from 0 to 1 per label.
    """
    if thresholds is None:
        return None
    array = np.asarray(thresholds, dtype=np.float64)
    if array.shape == (n_labels,) and bool(((array >= 0) & (array <= 1)).all()):
        return array
    expected = f"{n_labels} floats from 0 to 1, one per label"
    raise argument_error("thresholds", thresholds, expected, owner="restore")


def _best_threshold(
    present: NDArray[np.bool_], proba: NDArray[np.float64], otherwise: float
) -> float:
    if not present.any():
        return float(otherwise)
    order = np.argsort(-proba, kind="stable")
    falling = proba[order]
    n_predicted = np.arange(1, len(falling) + 1)
    f1 = 2 * np.cumsum(present[order]) / (n_predicted + present.sum())
    below = np.append(falling[1:], 0.0)
    f1[falling == below] = -1  # no threshold separates equal probabilities
    cut = int(f1.argmax())
    middle = (falling[cut] + below[cut]) / 2
    # Neighbouring floats have no middle.
    return float(middle if middle > below[cut] else falling[cut])
