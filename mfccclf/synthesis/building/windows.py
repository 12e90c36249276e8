"""Windows of recordings, labelled by the instruments that cover them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mfccclf.datasets.annotations.coverage import (
    LabelledSpan,
    LabelledSpans,
    window_starts,
)
from mfccclf.synthesis.building.sources import Source, Sources

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
        spans = LabelledSpans(
            LabelledSpan(part.start_s, part.end_s, part.instruments)
            for part in source.segments
        )
        for start_s in window_starts(
            source.start_s,
            source.end_s,
            window_s=sources.window_s,
            hop_s=sources.hop_s,
        ):
            end_s = start_s + sources.window_s
            labels = spans.labels_over(start_s, end_s, sources.overlap)
            if not labels and sources.unlabelled:
                labels = (sources.unlabelled,)
            yield LabelledWindow(source, start_s, labels)
