"""A CSV file with the columns path and label, and perhaps split and group."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator
from pathlib import Path

from mfccclf._validation import suggest
from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.problems import Problems
from mfccclf.datasets.splits import SPLITS, canonical_split
from mfccclf.errors import DatasetError

__all__ = ["read_table"]

_REQUIRED = ("path", "label")
_OPTIONAL = ("split", "group")
_DELIMITERS = (",", ";", "\t")

Row = dict[str, str]


def read_table(path: Path, problems: Problems) -> list[Clip]:
    """Return the clips that a CSV file names, in the order of its rows.

    Parameters
    ----------
    path : Path
        The file: UTF-8, or UTF-16 with a byte order mark; columns are separated by
        commas, semicolons or tabs, whichever the header has.
    problems : Problems
        Takes what is wrong with header and rows, by line.

    Raises
    ------
    DatasetError
        If the file cannot be read as text.
    """
    text = _read_text(path)
    rows = list(_read_rows(text, problems))
    used = {name for _, row in rows for name in _OPTIONAL if row.get(name)}
    return [
        clip
        for line, row in rows
        for clip in _read_clip(path.parent, line, row, used, problems)
    ]


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
        utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = data.decode("utf-16" if utf_16 else "utf-8-sig")
    except OSError as exc:
        raise DatasetError(f"{path} cannot be read: {exc.strerror}.") from exc
    except UnicodeDecodeError as exc:
        raise DatasetError(
            f"{path} is not a CSV file in UTF-8. Save it as such, with the columns "
            "path and label."
        ) from exc
    if "\0" in text:
        raise DatasetError(f"{path} is not a CSV file: it holds binary data.")
    if not text.strip():
        raise DatasetError(f"{path} is empty. It needs the columns path and label.")
    return text


def _read_rows(text: str, problems: Problems) -> Iterator[tuple[int, Row]]:
    """Yield each row that is not blank with the number of its line."""
    header = next(line for line in text.splitlines() if line.strip())
    # By the header alone: in a row, a semicolon may separate two labels of one clip.
    delimiter = max(_DELIMITERS, key=lambda mark: _score(header, mark))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells)
                if not _header_is_good(columns, problems):
                    return
            elif len(cells) != len(columns):
                problems.add(
                    f"Line {reader.line_num} has {len(cells)} cells, but the header "
                    f"has {len(columns)}. Quote a cell that holds {delimiter!r}."
                )
            else:
                yield reader.line_num, dict(zip(columns, cells, strict=True))
    except csv.Error as exc:
        problems.add(f"Line {reader.line_num} is not CSV: {exc}. Check its quotes.")


def _columns(cells: list[str]) -> list[str]:
    return [cell.strip().casefold() for cell in cells]


def _score(header: str, delimiter: str) -> tuple[int, int]:
    cells = _columns(next(csv.reader([header], delimiter=delimiter)))
    return sum(name in cells for name in _REQUIRED), len(cells)


def _header_is_good(columns: list[str], problems: Problems) -> bool:
    before = len(problems.errors)
    _check_required(columns, problems)
    for name in _REQUIRED + _OPTIONAL:
        if columns.count(name) > 1:
            problems.add(f"The column {name!r} occurs twice. Keep one of the two.")
    for name in columns:
        near = difflib.get_close_matches(name, _OPTIONAL, n=1, cutoff=0.75)
        if near and name not in _OPTIONAL and near[0] not in columns:
            problems.add(f"The column {name!r} is not known. Did you mean {near[0]!r}?")
    return len(problems.errors) == before


def _check_required(columns: list[str], problems: Problems) -> None:
    missing = [name for name in _REQUIRED if name not in columns]
    others = [name for name in columns if name not in _REQUIRED]
    hints = [
        f"Did you mean {name!r} by {near!r}?"
        for name in missing
        for near in difflib.get_close_matches(name, others, n=1)
    ]
    if missing:
        problems.add(
            f"No column is named {' or '.join(map(repr, missing))}. The first line "
            "must name the columns path and label, and may name split and group. It "
            f"is: {', '.join(columns)[:200]}. {' '.join(hints)}".rstrip()
        )


def _read_clip(
    folder: Path, line: int, row: Row, used: set[str], problems: Problems
) -> list[Clip]:
    before = len(problems.errors)
    cells = {name: row.get(name, "").strip() for name in _REQUIRED + _OPTIONAL}
    for name in _REQUIRED + _OPTIONAL:
        if not cells[name] and (name in _REQUIRED or name in used):
            problems.add(f"Line {line} has no {name}. Fill it in.")
    split = canonical_split(cells["split"])
    if cells["split"] and split is None:
        problems.add(
            f"Line {line} has the split {cells['split']!r}. It must be one of "
            f"{', '.join(SPLITS)}. {suggest(cells['split'], SPLITS)}".rstrip()
        )
    if len(problems.errors) > before:
        return []
    path = _locate(folder, cells["path"])
    return [make_clip(path, cells["label"], group=cells["group"] or None, split=split)]


def _locate(folder: Path, text: str) -> Path:
    path = folder / text
    # The table may have been written on Windows.
    if "\\" in text and not path.exists():
        return folder / text.replace("\\", "/")
    return path
