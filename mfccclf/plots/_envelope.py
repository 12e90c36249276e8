"""The outline of a waveform of any length, in memory that does not grow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfccclf.waveform import Waveform

__all__ = ["Envelope"]

_MOST_BINS = 4096


class Envelope:
    """Lowest and highest sample of equal stretches.

    When there are too many stretches, neighbours are joined, so that each is twice as
    long and the picture still has more of them than pixels.

    Attributes
    ----------
    bin_size : int
        Samples per stretch.
    n_samples : int
        Samples seen.
    """

    def __init__(self) -> None:
        self.bin_size = 64
        self.n_samples = 0
        self._low = np.empty(0, np.float32)
        self._high = np.empty(0, np.float32)
        self._rest = np.empty(0, np.float32)

    def add(self, piece: Waveform) -> None:
        """Take in the next samples, of shape (n_samples,)."""
        self.n_samples += len(piece)
        values = np.concatenate([self._rest, piece])
        n_full = len(values) // self.bin_size
        bins = values[: n_full * self.bin_size].reshape(n_full, self.bin_size)
        self._rest = values[n_full * self.bin_size :].copy()
        self._low = np.concatenate([self._low, bins.min(axis=1)])
        self._high = np.concatenate([self._high, bins.max(axis=1)])
        while len(self._low) > _MOST_BINS:
            self._halve()

    def limits(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the lowest and the highest sample of each stretch so far."""
        if not len(self._rest):
            return self._low, self._high
        low = np.append(self._low, self._rest.min())
        return low, np.append(self._high, self._rest.max())

    def _halve(self) -> None:
        if len(self._low) % 2:
            # An odd stretch at the end cannot be joined yet: it goes on growing.
            last = np.array([self._low[-1], self._high[-1]], np.float32)
            self._rest = np.concatenate([_stretched(last, self.bin_size), self._rest])
            self._low, self._high = self._low[:-1], self._high[:-1]
        self._low = self._low.reshape(-1, 2).min(axis=1)
        self._high = self._high.reshape(-1, 2).max(axis=1)
        self.bin_size *= 2


def _stretched(extremes: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return ``size`` samples that have these extremes."""
    return np.resize(extremes, size)
