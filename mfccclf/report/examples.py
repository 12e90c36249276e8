"""Choose the clips of each label that tell most about a classifier."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "MIXED_GAP",
    "Example",
    "Role",
    "choose_examples",
    "choose_multilabel_examples",
]

# A clip is mixed if two of its scores differ by no more than this.
MIXED_GAP = 0.1
_HALF = 0.5


class Role(StrEnum):
    """Why a clip is shown."""

    highest = "highest"
    lowest = "lowest"
    over_half = "over-half"
    nearest = "nearest"
    farthest = "farthest"
    mixed = "mixed"
    absent = "absent"


@dataclass(frozen=True)
class Example:
    """A clip to show.

    Attributes
    ----------
    clip : int
        Its row.
    roles : tuple of Role
        Why it is shown; at least one reason.
    """

    clip: int
    roles: tuple[Role, ...]


def choose_examples(true: ArrayLike, probabilities: ArrayLike) -> list[list[Example]]:
    """Choose up to six clips of each label.

    Of the recognised clips: those with the highest and the lowest winning score, and
    the median of those that score above 0.5. Of the mistaken clips: those nearest to
    and farthest from being recognised, by the difference between the winning score and
    the true label's. Of all clips: the one whose true label's score is nearest to the
    best of the other labels, if within 0.1. Of equal clips, the first is chosen.

    Parameters
    ----------
    true : array-like of int of shape (n_clips,)
        Column of each clip's label.
    probabilities : array-like of shape (n_clips, n_classes)
        Scores of each clip.

    Returns
    -------
    examples : list of list of Example
        Examples of each label, each clip once, in the order of the roles.

    Examples
    --------
    >>> from mfccclf.report.examples import choose_examples
    >>> yes, no = choose_examples([0, 0, 1], [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]])
    >>> [(example.clip, [str(role) for role in example.roles]) for example in yes]
    [(0, ['highest', 'lowest', 'over-half']), (1, ['nearest', 'farthest'])]
    """
    labels = np.asarray(true, dtype=np.int64)
    scores = np.asarray(probabilities, dtype=np.float64)
    n_classes = scores.shape[1]
    return [_choose(labels, scores, column) for column in range(n_classes)]


def choose_multilabel_examples(
    present: ArrayLike, probabilities: ArrayLike
) -> list[list[Example]]:
    """Choose up to three clips of each label of a multilabel model.

    Of the clips with the label: those with its highest and its lowest score. Of the
    others: the one with its highest score. Of equal clips, the first is chosen.

    Parameters
    ----------
    present : array-like of bool of shape (n_clips, n_classes)
        Whether each clip has each label.
    probabilities : array-like of shape (n_clips, n_classes)
        Scores of each clip.

    Returns
    -------
    examples : list of list of Example
        Examples of each label, each clip once.
    """
    has_label = np.asarray(present, dtype=bool)
    scores = np.asarray(probabilities, dtype=np.float64)
    return [
        _by_clip(
            {
                Role.highest: _first_least(-own, having),
                Role.lowest: _first_least(own, having),
                Role.absent: _first_least(-own, ~having),
            }
        )
        for own, having in zip(scores.T, has_label.T, strict=True)
    ]


def _choose(
    labels: NDArray[np.int64], scores: NDArray[np.float64], column: int
) -> list[Example]:
    clips = np.flatnonzero(labels == column)
    own = scores[clips, column]
    rival = np.delete(scores[clips], column, axis=1).max(axis=1)
    # Not own >= rival: of equal scores, the first column wins.
    is_right = scores[clips].argmax(axis=1) == column
    gap = rival - own
    rows = {
        Role.highest: _first_least(-own, is_right),
        Role.lowest: _first_least(own, is_right),
        Role.over_half: _median_of(own, is_right & (own > _HALF)),
        Role.nearest: _first_least(gap, ~is_right),
        Role.farthest: _first_least(-gap, ~is_right),
        Role.mixed: _first_least(np.abs(gap), np.abs(gap) <= MIXED_GAP),
    }
    return _by_clip(
        {role: None if row is None else int(clips[row]) for role, row in rows.items()}
    )


def _by_clip(chosen: dict[Role, int | None]) -> list[Example]:
    roles: dict[int, list[Role]] = {}
    for role, clip in chosen.items():
        if clip is not None:
            roles.setdefault(clip, []).append(role)
    return [Example(clip, tuple(found)) for clip, found in roles.items()]


def _first_least(values: NDArray[np.float64], allowed: NDArray[np.bool_]) -> int | None:
    if not allowed.any():
        return None
    return int(np.where(allowed, values, np.inf).argmin())


def _median_of(values: NDArray[np.float64], allowed: NDArray[np.bool_]) -> int | None:
    rows = np.flatnonzero(allowed)
    if not len(rows):
        return None
    order = rows[np.argsort(values[rows], kind="stable")]
    return int(order[len(order) // 2])
