"""The share of known clips that are at least as unfamiliar as a clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LOWEST_LOG_SURVIVAL", "SurvivalCurve", "learn_survival"]

# Shares below 2e-9 mean nothing; this is well above the least float32.
LOWEST_LOG_SURVIVAL = -20.0

_N_KNOTS = 24
# Few clips do not reach a limit of one in a hundred, so an exponential tail is fitted
# to the least familiar tenth, or to ten clips.
_TAIL_SHARE, _TAIL_CLIPS = 0.1, 10
_LEAST_STEP = 1e-3


@dataclass(frozen=True)
class SurvivalCurve:
    """Piecewise linear curve from unfamiliarity to the logarithm of a share.

    Attributes
    ----------
    knots : float64 ndarray of shape (n_knots,)
        Where its slope changes, ascending; the share is 1 up to the first.
    bends : float64 ndarray of shape (n_knots,)
        How much steeper it falls from each knot on; their sum is above 0.
    """

    knots: NDArray[np.float64]
    bends: NDArray[np.float64]

    def survival(self, unfamiliarity: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share for each value, above 0 and at most 1."""
        above = np.maximum(unfamiliarity[:, None] - self.knots, 0.0)
        shares: NDArray[np.float64] = np.exp(
            np.clip(-(above @ self.bends), LOWEST_LOG_SURVIVAL, 0.0)
        )
        return shares


def learn_survival(unfamiliarity: NDArray[np.float64]) -> SurvivalCurve:
    """Learn the curve from known clips.

    Parameters
    ----------
    unfamiliarity : float64 ndarray of shape (n_clips,)
        Of known clips.

    Returns
    -------
    curve : SurvivalCurve
        Through the shares among these clips, where a new clip counts as one more; the
        least familiar ones give an exponential tail.
    """
    rising = np.sort(unfamiliarity)
    n_clips = len(rising)
    n_tail = min(max(_TAIL_CLIPS, round(_TAIL_SHARE * n_clips)), (n_clips + 1) // 2)
    ranks = np.unique(np.linspace(0, n_clips - n_tail, _N_KNOTS).round().astype(int))
    kept = _distinct(rising[ranks])
    knots = rising[ranks][kept]
    falls = -np.log((n_clips + 1 - ranks[kept]) / (n_clips + 1))
    excess = float((rising[n_clips - n_tail :] - knots[-1]).sum())
    tail = excess / max(n_tail - 1, 1)
    slopes = np.append(np.diff(falls) / np.diff(knots), 1 / max(tail, _LEAST_STEP))
    return SurvivalCurve(knots, np.diff(slopes, prepend=0.0))


def _distinct(values: NDArray[np.float64]) -> list[int]:
    """Return the indices of ascending values, without those that are nearly equal."""
    kept = [0]
    for index, value in enumerate(values):
        if value - values[kept[-1]] > _LEAST_STEP:
            kept.append(index)
    return kept
