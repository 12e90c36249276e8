"""Which columns of a table hold recordings, times and labels.

References
----------
Raven Pro 1.6 User's Manual, "Selection Tables"; the result files of BirdNET-Analyzer
(Raven, CSV and R forms); DCASE's lists of sound events (filename, onset, offset,
event_label); tables made by Praat from TextGrids (tmin, text, tmax).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mfccclf.datasets.annotations.annotation import TableProblems
from mfccclf.datasets.table_columns import warn_of_unused

__all__ = ["count_time_columns", "find_annotation_columns", "has_times"]

_NAMES: Mapping[str, tuple[str, ...]] = {
    "start": ("start", "begin", "onset", "start time", "begin time", "tmin"),
    "end": ("end", "stop", "offset", "end time", "stop time", "tmax"),
    "duration": ("duration", "length", "dur"),
    "file offset": ("file offset",),
    "recording": (
        *("path", "begin path", "begin file", "file", "filename", "file name"),
        *("fname", "filepath", "file path", "audio file", "sound file", "recording"),
    ),
    "label": (
        *("label", "annotation", "common name", "event label", "labels", "species"),
        *("class", "category", "target", "tag", "tags", "text", "scientific name"),
    ),
    "split": ("split", "subset"),
    "group": ("group", "groups", "speaker"),
}
# Of several names for one role, these leave no doubt.
_CLEAR = ("start", "end", "path", "label", "annotation", "begin path", "common name")
# What programs write beside times and labels.
_COMMON = frozenset(
    (
        *("selection", "view", "channel", "low freq (hz)", "high freq (hz)", "tier"),
        *("delta time", "score", "confidence", "species code", "scientific name"),
        *("begin file", "lat", "lon", "week", "overlap", "sensitivity", "min conf"),
        *("species list", "model"),
    )
)
_PREDICTED = ("file", "start_s", "end_s", "label")
_UNITS = re.compile(r" *(\(s\)|\(sec\)|\(seconds\)| s| sec| seconds)$")


def has_times(header: list[str]) -> bool:
    """Return whether a header names a start, and an end or a duration."""
    names = [_plain(name) for name in header]
    return bool(_candidates("start", names)) and bool(
        _candidates("end", names) or _candidates("duration", names)
    )


def count_time_columns(header: list[str]) -> int:
    """Return how many of a header's columns are understood."""
    names = {_plain(name) for name in header}
    return len(names & {name for known in _NAMES.values() for name in known})


def find_annotation_columns(
    header: list[str], problems: TableProblems
) -> dict[str, int]:
    """Return the number of the column that holds each part of an annotation.

    Parameters
    ----------
    header : list of str
        Names of the columns; `has_times` is true of them.
    problems : TableProblems
        Takes missing and competing columns, and a warning of unused ones.

    Returns
    -------
    places : dict of str to int
        By "start", "end", "duration", "file offset", "recording", "label", "split" and
        "group", as far as they are there.
    """
    names = [_plain(name) for name in header]
    places: dict[str, int] = {}
    for role in _NAMES:
        found = _candidates(role, names)
        if len(found) > 1:
            _note_rivals(role, [header[i] for i in found], problems)
        elif found:
            places[role] = found[0]
    if "label" not in places and not _candidates("label", names):
        problems.fault(
            "Line 1",
            f"names no column of labels: {', '.join(header)[:200]}",
            "Name that column 'label', or 'Annotation' in Raven.",
        )
        return places
    unused = [
        name
        for i, name in enumerate(header)
        if name and i not in places.values() and names[i] not in _COMMON
    ]
    # Behind these, `predict --format csv` writes the scores of all labels.
    if unused and tuple(header[: len(_PREDICTED)]) != _PREDICTED:
        warn_of_unused(unused, "group" in places, problems)
    return places


def _candidates(role: str, names: list[str]) -> list[int]:
    """Return the columns that can have a role; a clear name goes before others."""
    found = [i for i, name in enumerate(names) if name in _NAMES[role]]
    if role == "end" and "onset" not in names:
        # In Kaleidoscope's tables, an offset is where a sound starts.
        found = [i for i in found if names[i] != "offset"]
    for name in _CLEAR:
        clear = [i for i in found if names[i] == name]
        if clear and len(found) > 1:
            return clear
    return found


def _note_rivals(role: str, rivals: list[str], problems: TableProblems) -> None:
    if len(set(rivals)) == 1:
        problems.fault(
            "Line 1", f"names the column {rivals[0]!r} twice", "Keep one of the two."
        )
        return
    names = " and ".join(map(repr, rivals))
    problems.fault(
        "Line 1",
        f"names {names}, which could each be the {role}",
        f"Rename the one that is to '{'path' if role == 'recording' else role}'.",
    )


def _plain(name: str) -> str:
    words = " ".join(name.casefold().replace("_", " ").split())
    return _UNITS.sub("", words)
