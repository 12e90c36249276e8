"""Windows side by side, each with its own part of the time axis."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cells", "Columns", "shrink"]


class Columns(NamedTuple):
    """Scores to draw, each from one edge to the next.

    ``edges`` has shape (n_columns + 1,), ``scores`` and ``given`` (n_rows, n_columns)
    with NaN and False in gaps, ``is_silent`` (n_columns,).
    """

    edges: NDArray[np.float64]
    scores: NDArray[np.float32]
    given: NDArray[np.bool_]
    is_silent: NDArray[np.bool_]


class Cells:
    """Windows in order of time, a few bytes each.

    Parameters
    ----------
    n_rows : int
        Scores per window.
    """

    def __init__(self, n_rows: int) -> None:
        self._n_rows = n_rows
        self._times = array("d")
        self._scores = array("f")
        self._given = array("b")
        self.end_s = 0.0

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self._times) // 2

    def add(
        self,
        start_s: float,
        end_s: float,
        scores: Sequence[float],
        given: Sequence[bool],
    ) -> None:
        """Add a window; NaN scores mean silence."""
        self._times.extend((start_s, end_s))
        self._scores.extend(scores)
        self._given.extend(given)
        self.end_s = max(self.end_s, end_s)

    def peaks(self) -> NDArray[np.float32]:
        """Return the highest score of each row, of shape (n_rows,)."""
        scores = np.nan_to_num(np.frombuffer(self._scores, np.float32))
        peaks: NDArray[np.float32] = scores.reshape(-1, self._n_rows).max(axis=0)
        return peaks

    def columns(self) -> Columns:
        """Give each window the time that is nearest to its middle.

        Gaps between windows become columns without scores.
        """
        starts, ends = np.frombuffer(self._times, np.float64).reshape(-1, 2).T
        middles = (starts + ends) / 2
        between = (middles[1:] + middles[:-1]) / 2
        left = np.maximum(starts, np.concatenate([starts[:1], between]))
        right = np.minimum(ends, np.concatenate([between, ends[-1:]]))
        # A column per window, each followed by the gap before the next (often empty).
        edges = np.append(np.stack([left, right], axis=1).ravel(), right[-1])
        shape = (len(self), self._n_rows)
        scores = np.frombuffer(self._scores, np.float32).reshape(shape).T
        given = np.frombuffer(self._given, np.int8).reshape(shape).T.astype(bool)
        keep = np.diff(edges) > 0
        return Columns(
            np.append(edges[:-1][keep], edges[-1]),
            _with_gaps(scores, np.nan)[:, keep],
            _with_gaps(given, False)[:, keep],
            _with_gaps(np.asarray(np.isnan(scores).all(axis=0)), False)[keep],
        )


def shrink(
    edges: NDArray[np.float64], scores: NDArray[np.float32], n_columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Average neighbouring columns until there are at most ``n_columns``."""
    size = -(-scores.shape[1] // n_columns)
    if size <= 1:
        return edges, scores
    firsts = np.arange(0, scores.shape[1], size)
    known = ~np.isnan(scores)
    sums = np.add.reduceat(np.nan_to_num(scores), firsts, axis=1)
    counts = np.add.reduceat(known.astype(np.float32), firsts, axis=1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return np.append(edges[firsts], edges[-1]), means.astype(np.float32)


def _with_gaps(values: NDArray, filler: float | bool) -> NDArray:  # type: ignore[type-arg]
    """Put a filler after every column."""
    gaps = np.full_like(values, filler)
    return np.stack([values, gaps], axis=-1).reshape(*values.shape[:-1], -1)
