"""From how odd a clip is to the share of known clips that are at least as odd."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LOWEST_LOG_SURVIVAL", "SurvivalCurve", "learn_survival"]

# Below 2e-9 a share says nothing; far enough above what single precision can hold.
LOWEST_LOG_SURVIVAL = -20.0

_N_KNOTS = 24
# Of few clips, none is so odd as the limit of one in a hundred needs: the oddest tenth,
# or ten clips, are taken for an exponential tail.
_TAIL_SHARE, _TAIL_CLIPS = 0.1, 10
_LEAST_STEP = 1e-3


@dataclass(frozen=True)
class SurvivalCurve:
    """A curve from oddness to the logarithm of a share, of straight pieces.

    Attributes
    ----------
    knots : float64 ndarray of shape (n_knots,)
        Where it bends, rising; the share is 1 up to the first.
    bends : float64 ndarray of shape (n_knots,)
        How much steeper it falls from each knot on; they add up to above 0.
    """

    knots: NDArray[np.float64]
    bends: NDArray[np.float64]

    def survival(self, oddness: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share for each oddness, above 0 and at most 1."""
        above = np.maximum(oddness[:, None] - self.knots, 0.0)
        shares: NDArray[np.float64] = np.exp(
            np.clip(-(above @ self.bends), LOWEST_LOG_SURVIVAL, 0.0)
        )
        return shares


def learn_survival(oddness: NDArray[np.float64]) -> SurvivalCurve:
    """Learn the curve from known clips.

    Parameters
    ----------
    oddness : float64 ndarray of shape (n_clips,)
        Of clips that the net has not learned from.

    Returns
    -------
    curve : SurvivalCurve
        Through the shares among these clips, each counted with the clip in question,
        up to the oddest; those lie in an exponential tail.
    """
    rising = np.sort(oddness)
    n_clips = len(rising)
    n_tail = min(max(_TAIL_CLIPS, round(_TAIL_SHARE * n_clips)), (n_clips + 1) // 2)
    ranks = np.unique(np.linspace(0, n_clips - n_tail, _N_KNOTS).round().astype(int))
    kept = _spread_out(rising[ranks])
    knots = rising[ranks][kept]
    falls = -np.log((n_clips + 1 - ranks[kept]) / (n_clips + 1))
    excess = float((rising[n_clips - n_tail :] - knots[-1]).sum())
    tail = excess / max(n_tail - 1, 1)
    slopes = np.append(np.diff(falls) / np.diff(knots), 1 / max(tail, _LEAST_STEP))
    return SurvivalCurve(knots, np.diff(slopes, prepend=0.0))


def _spread_out(values: NDArray[np.float64]) -> list[int]:
    """Return the indices of rising values that are not all but equal."""
    kept = [0]
    for index, value in enumerate(values):
        if value - values[kept[-1]] > _LEAST_STEP:
            kept.append(index)
    return kept
