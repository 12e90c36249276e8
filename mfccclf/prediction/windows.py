"""Windows of a recording of any length: their places and their samples.

Each window is treated as a separate clip: its features do not depend on the sound
before and after it. Memory holds only the samples of windows that are not complete yet,
never the whole recording.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mfccclf._validation import argument_error, check_real
from mfccclf.features.protocol import Extraction
from mfccclf.waveform import Waveform

__all__ = [
    "SECONDS_DECIMALS",
    "Window",
    "WindowGrid",
    "cut_windows",
    "make_grid",
    "round_hop",
]

# Far more than any model needs; windows are tried out up to this length.
_TRIED_SAMPLES = 2**22
SECONDS_DECIMALS = 6


class Window(NamedTuple):
    """A part of a recording: its place in seconds and its samples."""

    start_s: float
    end_s: float
    waveform: Waveform


@dataclass(frozen=True)
class WindowGrid:
    """Where windows begin and end.

    Window ``k`` begins at ``k * hop`` seconds, to the nearest sample, and lasts
    ``window`` seconds. The first window to reach the end of the recording is the last,
    and ends there.

    Parameters
    ----------
    window, hop : float
        In seconds.
    sample_rate : int
        In Hz.
    """

    window: float
    hop: float
    sample_rate: int

    @property
    def n_samples(self) -> int:
        """Samples per window."""
        return round(self.window * self.sample_rate)

    def start(self, index: int) -> int:
        """Return the first sample of a window."""
        return round(index * self.hop * self.sample_rate)

    def stop(self, index: int) -> int:
        """Return the sample after the last of a window."""
        return self.start(index) + self.n_samples

    def place(self, index: int, waveform: Waveform) -> Window:
        """Return a window with its place in seconds."""
        start_s = round(index * self.hop, SECONDS_DECIMALS)
        if len(waveform) == self.n_samples:
            end_s = round(index * self.hop + self.window, SECONDS_DECIMALS)
        else:
            stop = self.start(index) + len(waveform)
            end_s = round(stop / self.sample_rate, SECONDS_DECIMALS)
        return Window(start_s, end_s, waveform)


def make_grid(
    window: float, hop: float | None, extraction: Extraction, *, owner: object
) -> WindowGrid:
    """Check the length and spacing of windows.

    Parameters
    ----------
    window : float
        Length in seconds, enough for the model.
    hop : float or None
        From the start of a window to the start of the next, in seconds; None means
        ``window``.
    extraction : Extraction
        What turns a window into features.
    owner : object
        What an error names as the owner of the parameters.

    Raises
    ------
    ValueError
        If one is out of range.
    TypeError
        If one is of the wrong type.
    """
    window = check_real("window", window, above=0, owner=owner)
    hop = window if hop is None else check_real("hop", hop, above=0, owner=owner)
    rate = extraction.sample_rate
    if round(hop * rate) < 1:
        expected = f"at least one sample, {1 / rate:.3g} s"
        raise argument_error("hop", hop, expected, owner=owner)
    grid = WindowGrid(window, hop, rate)
    trial = np.zeros(min(grid.n_samples, _TRIED_SAMPLES), np.float32)
    problem = extraction.problem(trial)
    if problem:
        hint = f"A window {problem}"
        raise argument_error(
            "window", window, "long enough for the model", owner=owner, hint=hint
        )
    return grid


def round_hop(hop: float, extraction: Extraction) -> float:
    """Return the nearest hop of whole frames, at least one.

    Parameters
    ----------
    hop : float
        In seconds.
    extraction : Extraction
        What turns a window into features.

    Returns
    -------
    hop : float
        In seconds.
    """
    hop = check_real("hop", hop, above=0, owner="round_hop")
    step = extraction.frame_step_s
    return max(round(hop / step), 1) * step


def cut_windows(pieces: Iterable[Waveform], grid: WindowGrid) -> Iterator[list[Window]]:
    """Cut consecutive pieces of a recording into windows.

    Parameters
    ----------
    pieces : iterable of float32 ndarray of shape (n_samples,)
        The recording, in pieces of any lengths.
    grid : WindowGrid
        Where windows begin and end.

    Yields
    ------
    windows : list of Window
        Windows that a piece has completed, all of the same length; at the end perhaps
        one shorter window.
    """
    kept = _Stretch()
    index = 0
    for piece in pieces:
        kept.append(piece)
        ready = []
        while grid.stop(index) <= kept.stop:
            waveform = kept.between(grid.start(index), grid.stop(index))
            ready.append(grid.place(index, waveform))
            index += 1
        kept.forget(grid.start(index))
        if ready:
            yield ready
    is_covered = index > 0 and grid.stop(index - 1) >= kept.stop
    if not is_covered and grid.start(index) < kept.stop:
        yield [grid.place(index, kept.between(grid.start(index), kept.stop))]


class _Stretch:
    """The part of a recording that is still needed."""

    def __init__(self) -> None:
        self._parts: list[Waveform] = []
        self._start = 0
        self.stop = 0

    def append(self, piece: Waveform) -> None:
        self._parts.append(piece)
        self.stop += len(piece)

    def between(self, start: int, stop: int) -> Waveform:
        return self._joined()[start - self._start : stop - self._start]

    def forget(self, position: int) -> None:
        n_unneeded = min(position, self.stop) - self._start
        if n_unneeded > 0:
            self._parts = [self._joined()[n_unneeded:]]
            self._start += n_unneeded

    def _joined(self) -> Waveform:
        # Joined only when a window is complete: pieces may be short and windows long.
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0]
