"""Read and check a file of sources, from which a data set is built."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from mfccclf.synthesis.building.faults import Fault, check_faults, pointer_to
from mfccclf.synthesis.building.json_file import read_json
from mfccclf.synthesis.building.json_schema import find_faults
from mfccclf.synthesis.building.times import find_end, find_wrong_times

__all__ = [
    "Segment",
    "Source",
    "Sources",
    "is_sources",
    "read_sources",
    "sources_schema",
]


@dataclass(frozen=True)
class Segment:
    """A part of a source in which instruments sound; times in seconds."""

    start_s: float
    end_s: float
    instruments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Source:
    """One recording.

    Attributes
    ----------
    id : str
        Its name, and its group.
    path : pathlib.Path
        Audio or video file.
    start_s, end_s : float
        Between which clips are cut.
    gain_db : float
        Added to its level.
    split : str or None
        "train", "validation" or "test".
    segments : tuple of Segment
        Where which instruments sound; "stretches" in the file.
    facts : dict
        Its entry in the file.
    """

    id: str
    path: Path
    start_s: float
    end_s: float
    gain_db: float
    split: str | None
    segments: tuple[Segment, ...]
    facts: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a file of sources says; see the schema for the meaning of each."""

    window_s: float
    hop_s: float
    overlap: float
    unlabelled: str | None
    sample_rate: int
    channels: int
    sources: tuple[Source, ...]

    def settings(self) -> dict[str, Any]:
        """Return all but the sources, as plain data."""
        return {
            name: value for name, value in asdict(self).items() if name != "sources"
        }


def is_sources(path: str | PathLike[str]) -> bool:
    """Tell whether a path is that of a file of sources."""
    return Path(path).suffix.lower() == ".json"


def sources_schema() -> dict[str, Any]:
    """Return the JSON Schema of files of sources.

    Examples
    --------
    >>> from mfccclf.synthesis import sources_schema
    >>> sources_schema()["required"]
    ['format', 'window_s', 'sources']
    """
    home = files("mfccclf.synthesis.building")
    text = (home / "sources.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def read_sources(path: Path) -> Sources:
    """Read a file of sources and check all that it says.

    Parameters
    ----------
    path : Path
        A JSON file; the recordings in it are relative to its folder.

    Returns
    -------
    sources : Sources
        The content, with defaults filled in.

    Raises
    ------
    DatasetError
        If anything is wrong; the message lists every fault with its JSON pointer.
    """
    content = read_json(path)
    check_faults(path, find_faults(content, sources_schema()))
    entries, window_s = content["sources"], float(content["window_s"])
    check_faults(
        path,
        [
            *_find_double_ids(entries),
            *find_wrong_times(entries, path.parent, window_s),
            *_find_missing_split(entries),
        ],
    )
    return Sources(
        window_s=window_s,
        hop_s=float(content.get("hop_s", window_s)),
        overlap=float(content.get("overlap", 0.5)),
        unlabelled=content.get("unlabelled"),
        sample_rate=content.get("sample_rate", 44100),
        channels=content.get("channels", 2),
        sources=tuple(_make_source(path.parent, entry) for entry in entries),
    )


def _find_double_ids(entries: list[dict[str, Any]]) -> list[Fault]:
    # Where a file system does not tell capitals apart, two sources' clips would mix.
    first: dict[str, int] = {}
    faults = []
    for index, entry in enumerate(entries):
        before = first.setdefault(entry["id"].casefold(), index)
        if before != index:
            text = f"{entry['id']!r} is the name of source {before} too. Rename one."
            faults.append(Fault(pointer_to("sources", index, "id"), text))
    return faults


def _find_missing_split(entries: list[dict[str, Any]]) -> list[Fault]:
    missing = [i for i, entry in enumerate(entries) if "split" not in entry]
    if not 0 < len(missing) < len(entries):
        return []
    text = "'split' is missing, though other sources have one. Add it."
    return [Fault(pointer_to("sources", missing[0]), text)]


def _make_source(folder: Path, entry: dict[str, Any]) -> Source:
    return Source(
        id=entry["id"],
        path=folder / entry["path"],
        start_s=float(entry.get("start_s", 0)),
        end_s=find_end(entry, folder),
        gain_db=float(entry.get("gain_db", 0)),
        split=entry.get("split"),
        segments=tuple(
            Segment(
                float(segment["start_s"]),
                float(segment["end_s"]),
                tuple(segment["instruments"]),
            )
            for segment in entry["stretches"]
        ),
        facts=entry,
    )
