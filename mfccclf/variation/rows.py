"""Where copies of clips stand: a clip, its varied copies, the next clip."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["copy_rows", "repeat_groups"]


def copy_rows(rows: ArrayLike, n_copies: int) -> NDArray[np.int64]:
    """Return the rows of some clips with their copies.

    Parameters
    ----------
    rows : array-like of int of shape (n_clips,)
        Rows of the clips among all clips.
    n_copies : int
        Rows that each clip takes: one for itself, and one for each varied copy.

    Returns
    -------
    rows : int64 ndarray of shape (n_clips * n_copies,)
        Each clip's own row, then those of its copies.

    Examples
    --------
    >>> from mfccclf.variation import copy_rows
    >>> copy_rows([2, 0], n_copies=3)
    array([6, 7, 8, 0, 1, 2])
    """
    first = np.asarray(rows, np.int64)[:, np.newaxis] * n_copies
    return (first + np.arange(n_copies)).ravel()


def repeat_groups(groups: Any, n_clips: int, n_copies: int) -> NDArray[Any] | None:
    """Return the group of each row, which keeps copies on their clip's side.

    Parameters
    ----------
    groups : array-like of shape (n_clips,) or None
        The group of each clip; with None, a clip and its copies are a group.
    n_clips, n_copies : int
        Clips, and rows of each.

    Returns
    -------
    groups : ndarray of shape (n_clips * n_copies,) or None
        None where there are neither groups nor copies.
    """
    if groups is None and n_copies == 1:
        return None
    given = np.arange(n_clips) if groups is None else np.asarray(groups)
    return np.repeat(given, n_copies)
