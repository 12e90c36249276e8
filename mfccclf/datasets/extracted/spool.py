"""Sequences kept on disk until the longest is known."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spool"]

# Clips in memory at a time.
_CHUNK = 256


class Spool:
    """Sequences of any length in a temporary file.

    Parameters
    ----------
    folder : pathlib.Path
        Where there is room.
    n_features : int
        Values per frame.
    """

    def __init__(self, folder: Path, n_features: int) -> None:
        self._folder = folder
        self._n_features = n_features
        self._lengths: list[int] = []

    def __enter__(self) -> Spool:
        """Make the file."""
        self._file = tempfile.TemporaryFile(dir=self._folder)
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the file."""
        self._file.close()

    @property
    def longest(self) -> int:
        """Frames of the longest sequence."""
        return max(self._lengths, default=0)

    def append(self, X: NDArray[np.float32]) -> None:
        """Add sequences of shape (n_clips, n_frames, n_features), NaN past an end."""
        true_frames = ~np.isnan(X[:, :, 0])
        self._lengths += true_frames.sum(axis=1).tolist()
        self._file.write(X[true_frames].tobytes())

    def chunks(self, n_frames: int) -> Iterator[NDArray[np.float32]]:
        """Yield all sequences again, all padded to some frames."""
        self._file.seek(0)
        for start in range(0, len(self._lengths), _CHUNK):
            yield self._read(np.array(self._lengths[start : start + _CHUNK]), n_frames)

    def _read(self, lengths: NDArray[np.int64], n_frames: int) -> NDArray[np.float32]:
        shape = (len(lengths), n_frames, self._n_features)
        X = np.full(shape, np.nan, np.float32)
        true_frames = np.arange(n_frames) < lengths[:, np.newaxis]
        n_values = int(lengths.sum()) * self._n_features
        values = np.frombuffer(self._file.read(4 * n_values), np.float32)
        X[true_frames] = values.reshape(-1, self._n_features)
        return X
