"""Cut sound at its pauses, by level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cut", "cut_at_pauses"]

# Times in seconds, levels in decibels of full scale.
_FRAME_S = 0.01
_PAUSE_S = 0.35  # silence that ends a piece
_SHORTEST_S = 0.08  # sound that is shorter is a click
_MARGIN_S = 0.15  # kept around a piece, as far as there is something
_ABOVE_NOISE_DB = 12.0
_QUIETEST_DB, _LOUDEST_NOISE_DB = -55.0, -30.0
_NOISE_SHARE = 0.2
_FLOOR = 1e-6


@dataclass(frozen=True)
class Cut:
    """The pieces of some sound.

    Attributes
    ----------
    pieces : list of (int, int)
        First sample of each, and the sample behind its last.
    settled : int
        Samples up to here need not be looked at again when more sound follows.
    """

    pieces: list[tuple[int, int]]
    settled: int


def cut_at_pauses(
    waveform: NDArray[Any], sample_rate: int, *, is_complete: bool = True
) -> Cut:
    """Find the pieces of sound between pauses.

    The level of noise is that of the quietest fifth. A piece is at least 0.08 s of
    sound that is 12 dB louder, and ends where 0.35 s are not; 0.15 s around it are
    kept.

    Parameters
    ----------
    waveform : floating ndarray of shape (n_samples,)
        Amplitude between -1 and 1.
    sample_rate : int
        In Hz.
    is_complete : bool, default=True
        Whether no more sound follows, so that the last piece ends with it.

    Returns
    -------
    cut : Cut
        The pieces in order; they do not overlap.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf.studio import cut_at_pauses
    >>> quiet, loud = np.zeros(8000), 0.3 * np.sin(np.arange(4000) / 5)
    >>> cut_at_pauses(np.concatenate([quiet, loud, quiet, loud, quiet]), 8000).pieces
    [(6800, 13200), (18800, 25200)]
    """
    size = max(1, round(_FRAME_S * sample_rate))
    levels = _levels(waveform, size)
    if not len(levels):
        return Cut([], 0)
    noise = float(np.quantile(levels, _NOISE_SHARE)) + _ABOVE_NOISE_DB
    loud = levels > min(max(noise, _QUIETEST_DB), _LOUDEST_NOISE_DB)
    runs = _runs(loud)
    pause = round(_PAUSE_S / _FRAME_S)
    settled = len(levels) - pause
    if not is_complete:
        open_from = next((a for a, b in runs if b + pause > len(levels)), None)
        runs = [(a, b) for a, b in runs if open_from is None or b < open_from]
        settled = settled if open_from is None else open_from
    margin = round(_MARGIN_S / _FRAME_S)
    # Never before the end of a piece, or its end would become a piece of its own.
    settled = max([0, settled - margin, *(end for _, end in runs)])
    pieces = [
        (max(0, (a - margin) * size), min(len(waveform), (b + margin) * size))
        for a, b in runs
        if b - a >= round(_SHORTEST_S / _FRAME_S)
    ]
    return Cut(pieces, settled * size)


def _levels(waveform: NDArray[Any], size: int) -> NDArray[np.float64]:
    """Return the level of each whole frame in decibels."""
    n_frames = len(waveform) // size
    frames = np.asarray(waveform[: n_frames * size], np.float64).reshape(-1, size)
    powers: NDArray[np.float64] = np.square(frames).mean(axis=1) + _FLOOR**2
    return 10 * np.log10(powers)


def _runs(loud: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the runs of loud frames, joined across what is no pause."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]])))
    runs: list[tuple[int, int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if runs and start - runs[-1][1] < round(_PAUSE_S / _FRAME_S):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs
