"""Features made once per set of front-end parameters, ahead of all fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from mfccclf._files import atomic_path
from mfccclf.search.journal import digest

__all__ = ["FeatureStore", "front_end_key"]

# These say how features are computed, not which.
_HOW = ("n_jobs", "verbose", "cache")

Extract = Callable[[BaseEstimator], NDArray[np.float32]]


def front_end_key(front_end: BaseEstimator) -> str:
    """Return a text that equal front ends share."""
    parameters = front_end.get_params()
    return digest({k: v for k, v in parameters.items() if k not in _HOW})


class FeatureStore:
    """Sequences of all clips, one array file per set of front-end parameters.

    Worker processes map the files into memory, so there is one copy for all of them.

    Parameters
    ----------
    folder : path-like
        Where the array files lie.
    extract : callable
        Returns X for a front end.
    """

    def __init__(self, folder: Path, extract: Extract) -> None:
        self.folder = folder
        self.extract = extract
        self._arrays: dict[str, NDArray[np.float32]] = {}

    def get(self, front_end: BaseEstimator) -> NDArray[np.float32]:
        """Return the sequences that a front end makes of the clips.

        Parameters
        ----------
        front_end : estimator
            The pipeline's first step.

        Returns
        -------
        X : float32 ndarray of shape (n_clips, n_frames, n_features)
            Mapped from the file, always the same object for equal parameters.
        """
        key = front_end_key(front_end)
        if key not in self._arrays:
            path = self.folder / f"{key}.npy"
            X = self.extract(front_end)
            with atomic_path(path) as temporary:
                np.save(temporary, X)
            self._arrays[key] = np.load(path, mmap_mode="r")
        return self._arrays[key]

    def arrays(self) -> Sequence[Any]:
        """Return every array made so far."""
        return list(self._arrays.values())
