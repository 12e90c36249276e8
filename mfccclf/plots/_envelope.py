"""The outline of a waveform of any length, in constant memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfccclf.waveform import Waveform

__all__ = ["Envelope"]

_MOST_BINS = 4096


class Envelope:
    """Lowest and highest sample of equal parts of a waveform.

    When there are too many parts, neighbours are joined: parts become twice as long,
    and a picture still has more of them than pixels.

    Attributes
    ----------
    bin_size : int
        Samples per part.
    n_samples : int
        Samples so far.
    """

    def __init__(self) -> None:
        self.bin_size = 64
        self.n_samples = 0
        self._low = np.empty(0, np.float32)
        self._high = np.empty(0, np.float32)
        self._rest = np.empty(0, np.float32)

    def add(self, piece: Waveform) -> None:
        """Add the next samples, of shape (n_samples,)."""
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
        """Return the lowest and the highest sample of each part so far."""
        if not len(self._rest):
            return self._low, self._high
        low = np.append(self._low, self._rest.min())
        return low, np.append(self._high, self._rest.max())

    def _halve(self) -> None:
        if len(self._low) % 2:
            # A single part at the end cannot be joined yet: it keeps growing.
            last = np.array([self._low[-1], self._high[-1]], np.float32)
            self._rest = np.concatenate([_stretched(last, self.bin_size), self._rest])
            self._low, self._high = self._low[:-1], self._high[:-1]
        self._low = self._low.reshape(-1, 2).min(axis=1)
        self._high = self._high.reshape(-1, 2).max(axis=1)
        self.bin_size *= 2


def _stretched(extremes: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return ``size`` samples that have these extremes."""
    return np.resize(extremes, size)
