"""Features extracted once per set of front-end parameters, before all fits."""

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
from mfccclf.variation.clip_variation import ClipVariation

__all__ = ["FeatureStore", "Sequences"]

# X, or the parts that it consists of.
Sequences = NDArray[np.float32] | Sequence[NDArray[np.float32]]


class FeatureStore:
    """Sequences of all clips, one array file per set of front-end parameters.

    Worker processes map the files into memory and share one copy.

    Parameters
    ----------
    folder : path-like
        Folder of the array files.
    extract : callable
        Returns X for a front end and a variation, or a list of its parts. An X that is
        mapped from a file is used as it is.
    """

    def __init__(
        self,
        folder: Path,
        extract: Callable[[ClipTransformer, ClipVariation], Sequences],
    ) -> None:
        self.folder = folder
        self.extract = extract
        self._arrays: dict[str, NDArray[np.float32]] = {}

    def get(
        self, front_end: ClipTransformer, variation: ClipVariation
    ) -> NDArray[np.float32]:
        """Return the sequences that a front end makes of the clips.

        Parameters
        ----------
        front_end : MFCCExtractor or another first step of a preset
            Fitted or not.
        variation : ClipVariation
            Which copies of the clips it makes sequences of, too.

        Returns
        -------
        X : float32 ndarray of shape (n_clips * n_copies, n_frames, n_features)
            Mapped from the file; the same object for equal front ends and variations.
        """
        key = digest([front_end.describe(), _describe(variation)])
        if key not in self._arrays:
            self._arrays[key] = self._mapped(self.extract(front_end, variation), key)
        return self._arrays[key]

    def arrays(self) -> Sequence[Any]:
        """Return every array made so far."""
        return list(self._arrays.values())

    def _mapped(self, X: Sequences, key: str) -> NDArray[np.float32]:
        if isinstance(X, np.memmap):
            return X
        path = self.folder / f"{key}.npy"
        _write_parts(path, [X] if isinstance(X, np.ndarray) else X)
        mapped: NDArray[np.float32] = np.load(path, mmap_mode="r")
        return mapped


def _describe(variation: ClipVariation) -> dict[str, Any]:
    """Return what decides the copies; nothing where there are none."""
    parameters = variation.parameters()
    return parameters.to_dict() if parameters.n_variations else {}


def _write_parts(path: Path, parts: Sequence[NDArray[np.float32]]) -> None:
    """Write parts of X as one array file, all with the frames of the longest."""
    n_clips = sum(len(part) for part in parts)
    n_frames = max(part.shape[1] for part in parts)
    shape = (n_clips, n_frames, parts[0].shape[2])
    blocks = (block for part in parts for block in row_blocks(part))
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        write_blocks(file, shape, (_pad(block, n_frames) for block in blocks))


def _pad(X: NDArray[np.float32], n_frames: int) -> NDArray[np.float32]:
    padded = np.full((len(X), n_frames, X.shape[2]), np.nan, np.float32)
    padded[:, : X.shape[1]] = X
    return padded
