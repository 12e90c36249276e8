"""Cut annotated recordings into clips, without writing any: each clip is a stretch."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from mfccclf._parameters import check_each, document, optional, parameter
from mfccclf._validation import argument_error, check_real
from mfccclf.datasets.annotations.annotation import Annotation
from mfccclf.datasets.annotations.coverage import (
    LabelledSpan,
    LabelledSpans,
    window_starts,
)
from mfccclf.datasets.annotations.recordings import AnnotatedRecording
from mfccclf.datasets.clips import Clip, make_clip, split_labels
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.storage.addresses import is_stored
from mfccclf.storage.stored_path import Place, path_within
from mfccclf.waveform.stretches import Stretch

__all__ = ["Cutting", "cut_recordings", "cut_unlabelled"]

# Stretches are written to the microsecond.
_DECIMALS = 6


def _check_text(name: str, value: Any, *, owner: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise argument_error(name, value, "a text that is not blank", owner=owner)
    return value.strip()


@document()
@dataclass(frozen=True, kw_only=True)
class Cutting:
    """How annotated recordings are cut into clips.

    Parameters
    ----------
    {parameters}

    Examples
    --------
    >>> from mfccclf.datasets import Cutting
    >>> Cutting(window=1.0, hop=0.5, unlabelled="background").hop
    0.5
    """

    window: float | None = parameter(
        None,
        "float or None",
        "Length of each clip in seconds: windows of the whole recording. None makes "
        "each annotation a clip.",
        check=optional(check_real, above=0),
    )
    hop: float | None = parameter(
        None,
        "float or None",
        "Seconds from the start of a window to that of the next; None means "
        "``window``.",
        check=optional(check_real, above=0),
    )
    overlap: float = parameter(
        0.5,
        "float",
        "Share of a clip that annotations of a label must cover at least to give it "
        "that label.",
        check=partial(check_real, above=0, maximum=1),
    )
    unlabelled: str | None = parameter(
        None,
        "str or None",
        "Label of windows, or of the time between annotations, that have none; None "
        "leaves them out.",
        check=optional(_check_text),
    )
    tier: str | None = parameter(
        None,
        "str or None",
        "Tier of a TextGrid, or namespace of a JAMS document; None for the only one.",
        check=optional(_check_text),
    )

    def checked(self, *, owner: object) -> Self:
        """Return these settings, or raise if one is invalid.

        Raises
        ------
        ValueError, TypeError
            If a value is out of range or of the wrong type, or if there is a ``hop``
            without ``window``.
        """
        checked = check_each(type(self), self, owner=owner)
        if checked.hop is not None and checked.window is None:
            expected = "None without a window"
            raise argument_error("hop", checked.hop, expected, owner=owner)
        return checked


def cut_recordings(
    recordings: Sequence[AnnotatedRecording],
    root: Place,
    cutting: Cutting,
    problems: Problems,
) -> list[Clip]:
    """Return the labelled clips of recordings, in order of recording and time.

    A clip has every label whose annotations together cover the share
    ``cutting.overlap`` of it. A recording is a group, unless its table names groups.

    Parameters
    ----------
    recordings : sequence of AnnotatedRecording
        Recordings with their annotations.
    root : pathlib.Path or StoredPath
        Folder that groups are named relative to.
    cutting : Cutting
        How to cut, checked.
    problems : Problems
        Takes a warning of clips that have several labels by overlapping annotations.
    """
    clips: list[Clip] = []
    joined: list[str] = []
    for recording in recordings:
        if cutting.window is not None:
            clips += _cut_windows(recording, root, cutting)
        else:
            clips += _cut_annotations(recording, root, cutting, joined)
    if joined:
        problems.warn(
            f"Annotations overlap by {cutting.overlap:g} of a clip or more, so "
            f"{len(joined)} of {len(clips)} clips have several labels: "
            f"{shorten(joined)}. Correct the times if labels exclude each other."
        )
    if cutting.unlabelled is not None and cutting.window is None:
        clips += cut_unlabelled(recordings, root, cutting)
    return clips


def cut_unlabelled(
    recordings: Sequence[AnnotatedRecording], root: Place, cutting: Cutting
) -> list[Clip]:
    """Return clips of the time in which nothing is annotated.

    They are as long as a window, or else as the median of the annotations, and labelled
    ``cutting.unlabelled``.

    Parameters
    ----------
    recordings, root, cutting
        As for `cut_recordings`.
    """
    lengths = [
        one.end_s - one.start_s
        for recording in recordings
        for one in recording.annotations
    ]
    if not lengths:
        return []
    length_s = cutting.window or round(statistics.median(lengths), _DECIMALS)
    clips = []
    for recording in recordings:
        split = _only_split(recording)
        for start, end in _spans_of(recording).gaps(recording.length_s):
            for at in window_starts(start, end, window_s=length_s, hop_s=length_s):
                path = _stretch(recording, at, at + length_s)
                group = _group(recording, root)
                label = cutting.unlabelled or ""
                clips.append(make_clip(path, label, group=group, split=split))
    return clips


def _cut_annotations(
    recording: AnnotatedRecording, root: Place, cutting: Cutting, joined: list[str]
) -> Iterator[Clip]:
    """Yield a clip per annotation; note in ``joined`` which get labels of others."""
    spans = _spans_of(recording)
    for (start_s, end_s), found in _by_span(recording).items():
        own = {label for one in found for label in split_labels(one.label)}
        labels = spans.labels_over(start_s, end_s, cutting.overlap)
        if set(labels) > own:
            name, place = Path(recording.path).name, found[0].place.lower()
            joined.append(f"{name}, {place} ({';'.join(labels)})")
        yield make_clip(
            _stretch(recording, start_s, end_s),
            ";".join(labels),
            group=found[0].group or _group(recording, root),
            split=found[0].split or recording.split,
        )


def _cut_windows(
    recording: AnnotatedRecording, root: Place, cutting: Cutting
) -> Iterator[Clip]:
    window_s = cutting.window or 0.0
    hop_s = cutting.hop or window_s
    spans, split = _spans_of(recording), _only_split(recording)
    for start_s in window_starts(
        0.0, recording.length_s, window_s=window_s, hop_s=hop_s
    ):
        end_s = start_s + window_s
        labels = spans.labels_over(start_s, end_s, cutting.overlap)
        if not labels and cutting.unlabelled is not None:
            labels = (cutting.unlabelled,)
        if labels:
            path = _stretch(recording, start_s, end_s)
            group = _group(recording, root)
            yield make_clip(path, ";".join(labels), group=group, split=split)


def _by_span(
    recording: AnnotatedRecording,
) -> dict[tuple[float, float], list[Annotation]]:
    """Return the annotations by start and end, in order of time."""
    found: dict[tuple[float, float], list[Annotation]] = defaultdict(list)
    for one in sorted(recording.annotations, key=lambda one: (one.start_s, one.end_s)):
        span = (round(one.start_s, _DECIMALS), round(one.end_s, _DECIMALS))
        found[span].append(one)
    return found


def _spans_of(recording: AnnotatedRecording) -> LabelledSpans:
    return LabelledSpans(
        LabelledSpan(one.start_s, one.end_s, split_labels(one.label))
        for one in recording.annotations
    )


def _stretch(recording: AnnotatedRecording, start_s: float, end_s: float) -> str:
    end_s = min(end_s, recording.length_s)
    text = str(Stretch(recording.path, start_s, end_s))
    return text if is_stored(recording.path) else str(Path(text))


def _group(recording: AnnotatedRecording, root: Place) -> str:
    named = {one.group for one in recording.annotations if one.group}
    if len(named) == 1:
        return named.pop()
    within = path_within(recording.path, root)
    if within is None and is_stored(recording.path):
        return recording.path
    return (within or Path(recording.path)).as_posix()


def _only_split(recording: AnnotatedRecording) -> str | None:
    """Return the split of a recording; None if its annotations lie in several."""
    named = {one.split for one in recording.annotations}
    return named.pop() or recording.split if len(named) == 1 else recording.split
