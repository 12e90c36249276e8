"""Windows of recordings, labelled by the instruments that cover them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mfccclf.synthesis.building.sources import Segment, Source, Sources
from mfccclf.synthesis.segments import SAME_S, window_starts

__all__ = ["LabelledWindow", "label_windows"]


@dataclass(frozen=True)
class LabelledWindow:
    """A clip to be cut.

    Attributes
    ----------
    source : Source
        The recording.
    start_s : float
        Where it starts in the recording, in seconds.
    labels : tuple of str
        Instruments that cover enough of it, sorted.
    """

    source: Source
    start_s: float
    labels: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"{self.source.id}-{round(self.start_s * 1000):09d}ms.wav"


def label_windows(sources: Sources) -> Iterator[LabelledWindow]:
    """Yield the windows of all recordings, each wholly inside its recording.

    Parameters
    ----------
    sources : Sources
        Recordings, and how long windows are and how far apart they start.
    """
    for source in sources.sources:
        for start_s in window_starts(
            source.start_s,
            source.end_s,
            window_s=sources.window_s,
            hop_s=sources.hop_s,
        ):
            yield LabelledWindow(
                source, start_s, _find_labels(source, start_s, sources)
            )


def _find_labels(source: Source, start_s: float, sources: Sources) -> tuple[str, ...]:
    end_s = start_s + sources.window_s
    instruments = {name for part in source.segments for name in part.instruments}
    least = sources.overlap * sources.window_s - SAME_S
    found = [
        name
        for name in sorted(instruments)
        if _covered_s(source.segments, name, start_s, end_s) >= least
    ]
    if not found and sources.unlabelled:
        return (sources.unlabelled,)
    return tuple(found)


def _covered_s(
    segments: tuple[Segment, ...], name: str, start_s: float, end_s: float
) -> float:
    """Return how long an instrument sounds; overlapping segments count once."""
    covered, reached = 0.0, start_s
    for part in sorted(segments, key=lambda part: part.start_s):
        if name in part.instruments:
            begin, end = max(part.start_s, reached), min(part.end_s, end_s)
            covered += max(end - begin, 0.0)
            reached = max(reached, end)
    return covered
