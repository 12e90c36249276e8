"""Recordings with their annotations: tables joined to the files they are about."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PureWindowsPath

from mfccclf.datasets.annotations.annotation import Annotation, TableProblems
from mfccclf.datasets.problems import shorten
from mfccclf.datasets.table import locate_clip
from mfccclf.errors import AudioFileError
from mfccclf.storage.addresses import is_stored
from mfccclf.storage.stored_path import Place, StoredPath
from mfccclf.waveform import read_info

__all__ = ["AnnotatedRecording", "RecordingNames", "join_recordings"]

# Headers of compressed sound may be a little off, and ends are rounded.
_SLACK_S = 0.06


@dataclass(frozen=True)
class AnnotatedRecording:
    """A recording and what a table says of it.

    Attributes
    ----------
    path : str
        The recording's file.
    length_s : float
        Its length in seconds.
    annotations : list of Annotation
        Each within the recording.
    split : str or None
        The split that the recording lies in; annotations may name their own.
    """

    path: str
    length_s: float
    annotations: list[Annotation]
    split: str | None = None


class RecordingNames:
    """Finds the recordings that tables are named after.

    ``song.txt``, ``song.wav.txt`` and ``song.Table.1.selections.txt`` are named after
    ``song.wav``.

    Parameters
    ----------
    recordings : iterable of pathlib.Path or StoredPath
        Sound files.
    """

    def __init__(self, recordings: Iterable[Place]) -> None:
        self._by_name: dict[str, list[Place]] = defaultdict(list)
        for path in recordings:
            for name in {path.name.casefold(), path.stem.casefold()}:
                self._by_name[name].append(path)

    def match(self, table: Place) -> list[Place]:
        """Return the recordings that a table may be about.

        Those in its own folder go before others, and longer names before shorter ones.
        """
        parts = table.name.casefold().split(".")
        for n_parts in range(len(parts) - 1, 0, -1):
            found = self._by_name.get(".".join(parts[:n_parts]), [])
            beside = [path for path in found if path.parent == table.parent]
            if found:
                return beside or found
        return []


def join_recordings(
    table: Place,
    annotations: list[Annotation],
    names: RecordingNames,
    problems: TableProblems,
) -> list[AnnotatedRecording]:
    """Return the recordings of a table, each with those annotations that fit it.

    Parameters
    ----------
    table : pathlib.Path or StoredPath
        The table.
    annotations : list of Annotation
        What it says.
    names : RecordingNames
        Recordings that it may be named after.
    problems : TableProblems
        Takes missing recordings, and annotations beyond a recording's end.
    """
    locate = lru_cache(maxsize=None)(lambda text: _locate(table, text, names))
    by_path: dict[str, list[Annotation]] = defaultdict(list)
    for one in annotations:
        if one.recording:
            by_path[locate(one.recording)].append(one)
    unnamed = [one for one in annotations if not one.recording]
    # A table without rows says that nothing is heard in the recording of its name.
    is_empty = not annotations and not problems.errors
    path = _namesake(table, names, problems) if unnamed or is_empty else None
    if path is not None:
        by_path[str(path)] += unnamed
    return [
        recording
        for path, found in by_path.items()
        for recording in _measure(path, found, problems)
    ]


def _locate(table: Place, text: str, names: RecordingNames) -> str:
    """Return the file that a table names, which may have moved with the table."""
    path = locate_clip(table.parent, text)
    if path.is_file():
        return str(path)
    name = PureWindowsPath(text).name if "\\" in text else Path(text).name
    beside = table.parent / name
    if beside.is_file():
        return str(beside)
    moved = [one for one in names.match(table) if one.name == name]
    if len(moved) == 1:
        return str(moved[0])
    # What `predict` writes names files as they were given to it.
    return text if _exists(text) else str(path)


def _namesake(
    table: Place, names: RecordingNames, problems: TableProblems
) -> Place | None:
    found = names.match(table)
    if len(found) == 1:
        return found[0]
    if found:
        shown = shorten([str(path) for path in found])
        problems.fault(
            "",
            f"Several recordings have the table's name: {shown}",
            f"Name it after one of them, such as {found[0].name}.txt.",
        )
        return None
    problems.fault(
        "",
        "It does not say which recording it is of",
        "Name it after the recording and put it beside it (song.txt beside song.wav), "
        "or add a column 'path'.",
    )
    return None


def _measure(
    path: str, annotations: list[Annotation], problems: TableProblems
) -> list[AnnotatedRecording]:
    """Return the recording, if it can be read, without annotations that do not fit."""
    place = annotations[0].place if annotations else "Line 1"
    if not _exists(path):
        remedy = "Correct the name, or put the recording beside the table."
        problems.fault(place, f"names {path}, which does not exist", remedy)
        return []
    try:
        length_s = read_info(path).duration_s
    except AudioFileError as exc:
        problems.fault(place, f"is about {path}, which cannot be used", str(exc))
        return []
    if length_s is None:
        what = f"is about {path}, which does not tell its length"
        problems.fault(place, what, "Convert it to WAV or FLAC.")
        return []
    within = [one for one in annotations if _fits(one, path, length_s, problems)]
    _note_repeated(within, problems)
    return [AnnotatedRecording(path, length_s, within)]


def _exists(text: str) -> bool:
    return StoredPath.of(text).is_file() if is_stored(text) else os.path.isfile(text)


def _fits(one: Annotation, path: str, length_s: float, problems: TableProblems) -> bool:
    if one.end_s <= length_s + _SLACK_S and one.start_s < length_s:
        return True
    problems.fault(
        one.place,
        f"ends at {one.end_s:g} s, but {path} lasts {length_s:.3f} s",
        "Correct its times or its recording.",
    )
    return False


def _note_repeated(annotations: list[Annotation], problems: TableProblems) -> None:
    first: dict[tuple[float, float, str], str] = {}
    for one in annotations:
        before = first.setdefault((one.start_s, one.end_s, one.label), one.place)
        if before != one.place:
            what = f"repeats {before[0].lower()}{before[1:]}"
            problems.fault(one.place, what, "Keep one of the two.")
