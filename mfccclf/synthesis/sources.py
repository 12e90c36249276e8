"""Read and check a file of sources, from which a data set is built."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from mfccclf.errors import AudioFileError, DatasetError
from mfccclf.synthesis.json_schema import Fault, find_faults, pointer_to
from mfccclf.waveform import read_info

__all__ = ["Source", "Sources", "Stretch", "read_sources", "sources_schema"]

_MAX_SIZE = 64 * 2**20
_MAX_FAULTS = 100
# Headers of compressed sound may be a little off.
_SLACK_S = 0.05


@dataclass(frozen=True)
class Stretch:
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
    stretches : tuple of Stretch
        Where which instruments sound.
    facts : dict
        Its entry in the file, as it stands there.
    """

    id: str
    path: Path
    start_s: float
    end_s: float
    gain_db: float
    split: str | None
    stretches: tuple[Stretch, ...]
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


def sources_schema() -> dict[str, Any]:
    """Return the JSON Schema of files of sources.

    Examples
    --------
    >>> from mfccclf.synthesis.sources import sources_schema
    >>> sources_schema()["required"]
    ['format', 'window_s', 'sources']
    """
    text = (files("mfccclf.synthesis") / "sources.schema.json").read_text("utf-8")
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
    content = _parse(path)
    faults = find_faults(content, sources_schema())
    if faults:
        _fail(path, faults)
    entries = content["sources"]
    faults += _find_double_ids(entries)
    window_s = float(content["window_s"])
    found = []
    for index, entry in enumerate(entries):
        wrong, end_s = _find_wrong_times(path.parent, entry, window_s)
        faults += [Fault(pointer_to("sources", index, *at), t) for at, t in wrong]
        if not wrong:
            found.append(_make_source(path.parent, entry, end_s))
    with_split = sum("split" in entry for entry in entries)
    if 0 < with_split < len(entries):
        missing = next(i for i, entry in enumerate(entries) if "split" not in entry)
        text = "'split' is missing, though other sources have one. Add it."
        faults.append(Fault(pointer_to("sources", missing), text))
    if faults:
        _fail(path, faults)
    return Sources(
        window_s=window_s,
        hop_s=float(content.get("hop_s", window_s)),
        overlap=float(content.get("overlap", 0.5)),
        unlabelled=content.get("unlabelled"),
        sample_rate=content.get("sample_rate", 44100),
        channels=content.get("channels", 2),
        sources=tuple(found),
    )


def _parse(path: Path) -> Any:
    try:
        if path.stat().st_size > _MAX_SIZE:
            raise DatasetError(f"{path} is too large for a file of sources.")
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant
        )
    except OSError as exc:
        raise DatasetError(f"{path} cannot be read: {exc.strerror}.") from exc
    except UnicodeDecodeError as exc:
        raise DatasetError(f"{path} is not a text in UTF-8. Save it as such.") from exc
    except json.JSONDecodeError as exc:
        raise DatasetError(
            f"{path} is not JSON: {exc.msg} in line {exc.lineno}, column {exc.colno}."
        ) from exc
    except (ValueError, RecursionError) as exc:
        raise DatasetError(f"{path} is not JSON: {exc}.") from exc


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has the key {twice!r} twice")
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON")


def _fail(path: Path, faults: Sequence[Fault]) -> NoReturn:
    lines = [f"  - {fault}" for fault in faults[:_MAX_FAULTS]]
    if len(faults) > _MAX_FAULTS:
        lines.append(f"  ... and {len(faults) - _MAX_FAULTS} more")
    heading = f"{path} has {len(faults)} fault{'s' if len(faults) > 1 else ''}:"
    raise DatasetError("\n".join([heading, *lines]))


def _find_double_ids(entries: list[dict[str, Any]]) -> list[Fault]:
    # File systems that do not tell capitals apart would mix two sources' clips.
    first: dict[str, int] = {}
    faults = []
    for index, entry in enumerate(entries):
        before = first.setdefault(entry["id"].casefold(), index)
        if before != index:
            text = f"{entry['id']!r} is the name of source {before} too. Rename one."
            faults.append(Fault(pointer_to("sources", index, "id"), text))
    return faults


Found = tuple[tuple[str | int, ...], str]


def _find_wrong_times(
    folder: Path, entry: dict[str, Any], window_s: float
) -> tuple[list[Found], float]:
    """Return what is wrong with a source's file and times, and where it ends."""
    try:
        length = read_info(folder / entry["path"]).duration_s
    except AudioFileError as exc:
        return [(("path",), str(exc))], 0.0
    if length is None:
        text = f"{entry['path']} does not tell its length. Convert it to WAV or FLAC."
        return [(("path",), text)], 0.0
    return list(_wrong_times(entry, length, window_s)), min(
        entry.get("end_s", length), length
    )


def _wrong_times(
    entry: dict[str, Any], length: float, window_s: float
) -> Iterator[Found]:
    start, end = entry.get("start_s", 0), entry.get("end_s", length)
    ends: list[tuple[tuple[str | int, ...], float, float]] = []
    if "end_s" in entry:
        ends.append((("end_s",), start, end))
    for index, stretch in enumerate(entry["stretches"]):
        where = ("stretches", index, "end_s")
        ends.append((where, stretch["start_s"], stretch["end_s"]))
    for at, begins, stops in ends:
        if stops <= begins:
            yield at, f"must be after start_s, {begins}. Got {stops} instead."
        elif stops > length + _SLACK_S:
            yield at, f"is {stops}, but {entry['path']} ends at {length:.3f} s."
    if min(end, length) - start < window_s - 1e-9 and end > start:
        yield (
            (),
            f"has {max(min(end, length) - start, 0):.3f} s to cut, but a clip has "
            f"{window_s} s. Lower window_s, or leave it out.",
        )


def _make_source(folder: Path, entry: dict[str, Any], end_s: float) -> Source:
    return Source(
        id=entry["id"],
        path=folder / entry["path"],
        start_s=float(entry.get("start_s", 0)),
        end_s=float(end_s),
        gain_db=float(entry.get("gain_db", 0)),
        split=entry.get("split"),
        stretches=tuple(
            Stretch(
                float(stretch["start_s"]),
                float(stretch["end_s"]),
                tuple(stretch["instruments"]),
            )
            for stretch in entry["stretches"]
        ),
        facts=entry,
    )
