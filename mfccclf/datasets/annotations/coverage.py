"""Which labels a part of a recording has, and which parts have none."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["SAME_S", "LabelledSpan", "LabelledSpans", "window_starts"]

# Times that differ by less count as equal.
SAME_S = 1e-6


class LabelledSpan(NamedTuple):
    """A part of a recording in which labels are heard; times in seconds."""

    start_s: float
    end_s: float
    labels: tuple[str, ...]


class LabelledSpans:
    """All labelled parts of one recording.

    Parameters
    ----------
    spans : iterable of LabelledSpan
        In any order; they may overlap.
    """

    def __init__(self, spans: Iterable[LabelledSpan]) -> None:
        self._spans = sorted(spans)
        self._starts = [span.start_s for span in self._spans]
        lengths = [span.end_s - span.start_s for span in self._spans]
        self._longest_s = max(lengths, default=0.0)

    def labels_over(
        self, start_s: float, end_s: float, overlap: float
    ) -> tuple[str, ...]:
        """Return the labels that cover enough of a part.

        Parameters
        ----------
        start_s, end_s : float
            The part, in seconds.
        overlap : float
            Share of the part that a label must cover at least.

        Returns
        -------
        labels : tuple of str
            Sorted.
        """
        near = self._near(start_s, end_s)
        least = overlap * (end_s - start_s) - SAME_S
        names = sorted({label for span in near for label in span.labels})
        return tuple(
            name for name in names if _covered_s(near, name, start_s, end_s) >= least
        )

    def gaps(self, end_s: float) -> Iterator[tuple[float, float]]:
        """Yield start and end of each part without a label, up to the end."""
        reached = 0.0
        for span in self._spans:
            if span.start_s > reached:
                yield reached, min(span.start_s, end_s)
            reached = max(reached, span.end_s)
        if reached < end_s:
            yield reached, end_s

    def _near(self, start_s: float, end_s: float) -> list[LabelledSpan]:
        """Return the spans that overlap a part, in order of their starts."""
        first = bisect_left(self._starts, start_s - self._longest_s)
        last = bisect_left(self._starts, end_s)
        return [span for span in self._spans[first:last] if span.end_s > start_s]


def window_starts(
    start_s: float, end_s: float, *, window_s: float, hop_s: float
) -> Iterator[float]:
    """Yield the starts of windows that lie wholly between two times, in seconds."""
    room = end_s - start_s - window_s
    for index in range(int((room + SAME_S) // hop_s) + 1):
        yield start_s + index * hop_s


def _covered_s(
    spans: list[LabelledSpan], label: str, start_s: float, end_s: float
) -> float:
    """Return how long a label lasts within a part; overlapping spans count once."""
    covered, reached = 0.0, start_s
    for span in spans:
        if label in span.labels:
            begin, end = max(span.start_s, reached), min(span.end_s, end_s)
            covered += max(end - begin, 0.0)
            reached = max(reached, end)
    return covered
