"""Features made once per set of front-end parameters, ahead of all fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._array_blocks import row_blocks, write_blocks
from mfccclf._files import atomic_path
from mfccclf.features.transformer import ClipTransformer
from mfccclf.search.journal import digest

__all__ = ["FeatureStore", "Sequences", "front_end_key"]

# X, or parts of it one after the other.
Sequences = NDArray[np.float32] | Sequence[NDArray[np.float32]]
Extract = Callable[[ClipTransformer], Sequences]


def front_end_key(front_end: ClipTransformer) -> str:
    """Return a text that equal front ends share."""
    return digest(front_end.describe())


class FeatureStore:
    """Sequences of all clips, one array file per set of front-end parameters.

    Worker processes map the files into memory, so there is one copy for all of them.

    Parameters
    ----------
    folder : path-like
        Where the array files lie.
    extract : callable
        Returns X for a front end, or a list of its parts. An X that is mapped from a
        file is used where it lies.
    """

    def __init__(self, folder: Path, extract: Extract) -> None:
        self.folder = folder
        self.extract = extract
        self._arrays: dict[str, NDArray[np.float32]] = {}

    def get(self, front_end: ClipTransformer) -> NDArray[np.float32]:
        """Return the sequences that a front end makes of the clips.

        Parameters
        ----------
        front_end : MFCCExtractor or another first step of a preset
            Fitted or not.

        Returns
        -------
        X : float32 ndarray of shape (n_clips, n_frames, n_features)
            Mapped from the file, always the same object for equal parameters.
        """
        key = front_end_key(front_end)
        if key not in self._arrays:
            X = self.extract(front_end)
            if not isinstance(X, np.memmap):
                path = self.folder / f"{key}.npy"
                _write_parts(path, [X] if isinstance(X, np.ndarray) else X)
                X = np.load(path, mmap_mode="r")
            self._arrays[key] = X
        return self._arrays[key]

    def arrays(self) -> Sequence[Any]:
        """Return every array made so far."""
        return list(self._arrays.values())


def _write_parts(path: Path, parts: Sequence[NDArray[np.float32]]) -> None:
    """Write parts of X as one array file, all with the frames of the longest."""
    n_clips = sum(len(part) for part in parts)
    n_frames = max(part.shape[1] for part in parts)
    shape = (n_clips, n_frames, parts[0].shape[2])
    blocks = (block for part in parts for block in row_blocks(part))
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        write_blocks(file, shape, (_fill_up(block, n_frames) for block in blocks))


def _fill_up(X: NDArray[np.float32], n_frames: int) -> NDArray[np.float32]:
    filled = np.full((len(X), n_frames, X.shape[2]), np.nan, np.float32)
    filled[:, : X.shape[1]] = X
    return filled
