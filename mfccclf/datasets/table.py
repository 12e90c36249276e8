"""A CSV file with the columns path and label, and perhaps split and group."""

from __future__ import annotations

from pathlib import PureWindowsPath

from mfccclf._validation import suggest
from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.problems import Problems
from mfccclf.datasets.splits import SPLITS, canonical_split
from mfccclf.datasets.table_columns import (
    FOLD,
    OPTIONAL,
    REQUIRED,
    count_known,
    find_columns,
)
from mfccclf.datasets.table_text import read_rows
from mfccclf.storage.addresses import is_remote
from mfccclf.storage.stored_path import Place, StoredPath

__all__ = ["locate_clip", "read_table"]

Row = dict[str, str]


def read_table(path: Place, problems: Problems) -> list[Clip]:
    """Return the clips that a CSV file names, in the order of its rows.

    Parameters
    ----------
    path : Path or StoredPath
        The file: UTF-8, UTF-16 with a byte order mark, or Windows-1252; columns are
        separated by commas, semicolons, tabs or vertical bars, whichever the header
        has, or a first line such as ``sep=;`` names.
    problems : Problems
        Takes what is wrong with header and rows, by line.

    Raises
    ------
    DatasetError
        If the file cannot be read as text.
    """
    rows = read_rows(path, problems, count_known)
    columns = [[cells[i] for _, cells in rows.lines] for i in range(len(rows.header))]
    places = find_columns(rows.header, columns, problems)
    if not places.keys() >= set(REQUIRED):
        return []
    used = {name for name, place in places.items() if any(columns[place])}
    return [
        clip
        for line, cells in rows.lines
        for clip in _read_clip(
            path.parent,
            line,
            {name: cells[place] for name, place in places.items()},
            used,
            problems,
        )
    ]


def _read_clip(
    folder: Place, line: int, row: Row, used: set[str], problems: Problems
) -> list[Clip]:
    before = len(problems.errors)
    cells = {name: row.get(name, "") for name in (*REQUIRED, *OPTIONAL, FOLD)}
    for name in _missing(cells, used):
        problems.add(f"Line {line} has no {name}. Fill it in.")
    split = canonical_split(cells["split"])
    if cells["split"] and split is None:
        problems.add(
            f"Line {line} has the split {cells['split']!r}. It must be one of "
            f"{', '.join(SPLITS)}. {suggest(cells['split'], SPLITS)}".rstrip()
        )
    if len(problems.errors) > before:
        return []
    return [
        make_clip(
            locate_clip(folder, cells["path"]),
            cells["label"],
            group=cells["group"] or None,
            split=split,
            fold=cells[FOLD] or None,
        )
    ]


def _missing(cells: Row, used: set[str]) -> list[str]:
    """Return the names of the cells that are empty, but must not be."""
    names = [n for n in cells if not cells[n] and (n in REQUIRED or n in used)]
    # The column of folds may be that of groups as well.
    return names[:-1] if names[-2:] == ["group", FOLD] else names


def locate_clip(folder: Place, text: str) -> Place:
    """Return the file that a cell names, also one written on Windows."""
    if is_remote(text):
        return StoredPath.of(text)
    path = folder / text
    if "\\" not in text or path.exists():
        return path
    windows = PureWindowsPath(text)
    if not windows.drive:
        return folder / windows.as_posix()
    # The clips came with the table: the end of their old path is found beside it.
    inside = [folder.joinpath(*windows.parts[i:]) for i in range(1, len(windows.parts))]
    return next((place for place in inside if place.is_file()), path)
