"""Neighbouring windows with the same labels, joined into segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mfccclf.errors import AudioFileError
from mfccclf.prediction.outcome import WindowPrediction
from mfccclf.prediction.windows import SECONDS_DECIMALS

__all__ = ["merge_windows"]


def merge_windows(windows: Iterable[WindowPrediction]) -> Iterator[WindowPrediction]:
    """Join neighbours that touch or overlap and have the same labels.

    Parameters
    ----------
    windows : iterable of WindowPrediction
        In order of time, of one recording.

    Yields
    ------
    segment : WindowPrediction
        From the start of its first window to the end of its last, with their mean
        scores and mean familiarity. Its label is the one with the highest mean score;
        None if the model was not sure of the windows.

    Examples
    --------
    >>> from mfccclf import Predictor
    >>> from mfccclf.prediction import merge_windows
    >>> windows = Predictor("names").predict_windows(
    ...     "long.wav", window=3
    ... )  # doctest: +SKIP
    >>> for part in merge_windows(windows):  # doctest: +SKIP
    ...     print(part.start_s, part.end_s, part.label)
    """
    run = None
    try:
        for window in windows:
            if run is not None and run.takes(window):
                run.add(window)
                continue
            if run is not None:
                yield run.segment()
            run = _Run(window)
    except AudioFileError:
        # What was heard before the damage remains true.
        if run is not None:
            yield run.segment()
        raise
    if run is not None:
        yield run.segment()


class _Run:
    """Neighbours with the same labels, joined one by one."""

    def __init__(self, first: WindowPrediction) -> None:
        self._first = first
        self._end_s = first.end_s
        self._sums = dict(first.scores)
        self._familiarity = first.familiarity
        self._n_windows = 1

    def takes(self, window: WindowPrediction) -> bool:
        first = self._first
        return window.start_s <= self._end_s and (
            (first.is_silent, first.is_unsure, first.labels)
            == (window.is_silent, window.is_unsure, window.labels)
        )

    def add(self, window: WindowPrediction) -> None:
        self._end_s = window.end_s
        self._n_windows += 1
        for label, score in window.scores.items():
            self._sums[label] += score
        if self._familiarity is not None and window.familiarity is not None:
            self._familiarity += window.familiarity

    def segment(self) -> WindowPrediction:
        if self._n_windows == 1:
            return self._first
        means = {label: total / self._n_windows for label, total in self._sums.items()}
        best = max(means, key=lambda label: means[label]) if means else None
        familiarity = self._familiarity
        if familiarity is not None:
            familiarity /= self._n_windows
        return replace(
            self._first,
            label=None if self._first.is_unsure else best,
            scores=means,
            familiarity=familiarity,
            end_s=self._end_s,
            duration_s=round(self._end_s - self._first.start_s, SECONDS_DECIMALS),
        )
