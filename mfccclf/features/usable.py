"""The sequences of those clips that can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf.errors import BadClip, BadClipsError
from mfccclf.features.clip_inputs import ClipInput
from mfccclf.sequences import pad_sequences

__all__ = ["UsableSequences", "gather_usable"]


@dataclass(frozen=True)
class UsableSequences:
    """The sequences of those clips that can be used.

    Attributes
    ----------
    X : float32 ndarray of shape (n_usable, n_frames, n_features)
        Their sequences, NaN in every frame past a clip's end.
    rows : int64 ndarray of shape (n_usable,)
        Their places among all clips, from 0.
    bad : tuple of BadClip
        The clips that cannot be used, with their places among all clips.
    """

    X: NDArray[np.float32]
    rows: NDArray[np.int64]
    bad: tuple[BadClip, ...]

    def whole(self, clips: Sequence[Any]) -> NDArray[np.float32]:
        """Return X, or raise one error if any clip cannot be used.

        Parameters
        ----------
        clips : sequence
            All clips, as they were given; varied copies of a clip are not named.

        Raises
        ------
        BadClipsError
            Naming all clips that cannot be used.
        """
        if self.bad:
            copies = {row for row, clip in enumerate(clips) if _is_copy(clip)}
            bad = [clip for clip in self.bad if clip.index not in copies]
            raise BadClipsError(bad or self.bad, len(clips) - len(copies))
        return self.X


def _is_copy(clip: Any) -> bool:
    return isinstance(clip, ClipInput) and clip.variation is not None


def gather_usable(
    outcomes: Sequence[NDArray[np.float32] | BadClip],
    *,
    n_frames: int | None,
    n_features: int,
) -> UsableSequences:
    """Pad the sequences of the usable clips, and list the others.

    Parameters
    ----------
    outcomes : sequence of ndarray or BadClip
        What came of each clip.
    n_frames : int or None
        Most frames of a sequence; None if there is no limit.
    n_features : int
        Values per frame.
    """
    made = [(i, x) for i, x in enumerate(outcomes) if not isinstance(x, BadClip)]
    if made:
        X = pad_sequences([sequence for _, sequence in made], n_frames=n_frames)
    else:
        X = np.empty((0, n_frames or 0, n_features), np.float32)
    return UsableSequences(
        X=X,
        rows=np.array([row for row, _ in made], np.int64),
        bad=tuple(
            replace(one, index=row)
            for row, one in enumerate(outcomes)
            if isinstance(one, BadClip)
        ),
    )
