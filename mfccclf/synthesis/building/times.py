"""Check the times of sources against the lengths of their recordings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mfccclf.errors import AudioFileError
from mfccclf.synthesis.building.faults import Fault, Place, pointer_to
from mfccclf.waveform import read_info

__all__ = ["find_end", "find_wrong_times"]

# Headers of compressed sound may be a little off.
_SLACK_S = 0.05
_SAME_S = 1e-9

Found = tuple[Place, str]


def find_wrong_times(
    entries: list[dict[str, Any]], folder: Path, window_s: float
) -> Iterator[Fault]:
    """Yield what is wrong with the files and times of sources.

    Parameters
    ----------
    entries : list of dict
        Sources as they stand in the file; valid by its schema.
    folder : pathlib.Path
        That their paths are relative to.
    window_s : float
        Length of a clip, in seconds.
    """
    for index, entry in enumerate(entries):
        for at, text in _check_entry(entry, folder, window_s):
            yield Fault(pointer_to("sources", index, *at), text)


def find_end(entry: dict[str, Any], folder: Path) -> float:
    """Return where the last clip of a source ends at the latest, in seconds.

    `find_wrong_times` must have found nothing.
    """
    length = read_info(folder / entry["path"]).duration_s or 0.0
    return float(min(entry.get("end_s", length), length))


def _check_entry(
    entry: dict[str, Any], folder: Path, window_s: float
) -> Iterator[Found]:
    try:
        length = read_info(folder / entry["path"]).duration_s
    except AudioFileError as exc:
        yield ("path",), str(exc)
        return
    if length is None:
        text = f"{entry['path']} does not tell its length. Convert it to WAV or FLAC."
        yield ("path",), text
        return
    yield from _check_ends(entry, length)
    yield from _check_room(entry, length, window_s)


def _check_ends(entry: dict[str, Any], length: float) -> Iterator[Found]:
    ends: list[tuple[Place, float, float]] = []
    if "end_s" in entry:
        ends.append((("end_s",), entry.get("start_s", 0), entry["end_s"]))
    for index, segment in enumerate(entry["stretches"]):
        where = ("stretches", index, "end_s")
        ends.append((where, segment["start_s"], segment["end_s"]))
    for at, start, end in ends:
        if end <= start:
            yield at, f"must be after start_s, {start}. Got {end} instead."
        elif end > length + _SLACK_S:
            yield at, f"is {end}, but {entry['path']} ends at {length:.3f} s."


def _check_room(
    entry: dict[str, Any], length: float, window_s: float
) -> Iterator[Found]:
    start, end = entry.get("start_s", 0), entry.get("end_s", length)
    room = min(end, length) - start
    if room < window_s - _SAME_S and end > start:
        yield (
            (),
            f"has {max(room, 0):.3f} s to cut, but a clip has {window_s} s. Lower "
            "window_s, or leave it out.",
        )
