"""The rows of a CSV file, however a person or a spreadsheet wrote it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mfccclf.datasets.problems import Problems
from mfccclf.errors import DatasetError, StorageError
from mfccclf.storage.stored_path import Place

__all__ = ["Rows", "first_row", "read_rows", "read_text", "split_rows"]

_DELIMITERS = (",", ";", "\t", "|")
# Excel writes the separator in a line of its own, before the header.
_SEPARATOR_LINE = re.compile(r'\s*"?sep=(?P<mark>.)"?[ \t]*(\r\n|\r|\n)', re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class Rows:
    """What a CSV file holds.

    Parameters
    ----------
    header : list of str
        The column names, without blanks around them.
    lines : list of (int, list of str)
        Each row that is not blank, with the number of its line; as many cells as the
        header has, without blanks around them.
    """

    header: list[str]
    lines: list[tuple[int, list[str]]]


def read_rows(
    path: Place, problems: Problems, rate: Callable[[list[str]], int]
) -> Rows:
    """Return header and rows of a CSV file.

    Parameters
    ----------
    path : Path or StoredPath
        The file: UTF-8, UTF-16 with a byte order mark, or Windows-1252.
    problems : Problems
        Takes what is wrong with rows, by line.
    rate : callable
        Returns how well a header is understood. Of comma, semicolon, tab and vertical
        bar, the one that gives the best header separates the cells.

    Raises
    ------
    DatasetError
        If the file cannot be read as text, or is empty.
    """
    text = read_text(path, problems)
    header = first_row(text, rate)
    if not header:
        raise DatasetError(f"{path} is empty. It needs the columns path and label.")
    return split_rows(text, problems, rate)


def first_row(text: str, rate: Callable[[list[str]], int]) -> list[str]:
    """Return the cells of a table's first line that is not blank.

    Parameters
    ----------
    text : str
        The whole file.
    rate : callable
        As for `read_rows`.
    """
    start, mark = _find_header(text, rate)
    line = next((line for line in text[start:].splitlines() if line.strip()), "")
    try:
        cells = next(csv.reader([_tidy(line, mark)], delimiter=mark), [])
    except csv.Error:  # not a table
        return []
    return [cell.strip() for cell in cells]


def split_rows(text: str, problems: Problems, rate: Callable[[list[str]], int]) -> Rows:
    """Return header and rows of a table that is not empty.

    Parameters
    ----------
    text : str
        The whole file.
    problems, rate
        As for `read_rows`.
    """
    start, mark = _find_header(text, rate)
    rows = Rows([], [])
    for line, cells in _parse(text[start:], mark, problems):
        # Lines are counted from the file's start, as editors do.
        _take(rows, line + text.count("\n", 0, start), cells, mark, problems)
    return rows


def _find_header(text: str, rate: Callable[[list[str]], int]) -> tuple[int, str]:
    """Return where the header begins, and what separates its cells."""
    named = _SEPARATOR_LINE.match(text)
    start = named.end() if named else 0
    header = next((line for line in text[start:].splitlines() if line.strip()), "")
    return start, named["mark"] if named else _find_delimiter(header, rate)


def read_text(path: Place, problems: Problems) -> str:
    """Return a file as text: UTF-8, UTF-16 with a byte order mark, or Windows-1252.

    Parameters
    ----------
    path : Path or StoredPath
        The file.
    problems : Problems
        Takes a warning if the text is neither UTF-8 nor UTF-16.

    Raises
    ------
    DatasetError
        If it cannot be read, or is no text.
    """
    try:
        text = _decode(path.read_bytes(), problems)
    except StorageError as exc:
        raise DatasetError(str(exc)) from exc
    except OSError as exc:
        raise DatasetError(f"{path} cannot be read: {exc.strerror}.") from exc
    except UnicodeDecodeError as exc:
        raise DatasetError(
            f"{path} is not a CSV file in UTF-16, though it starts like one. Save it "
            "as UTF-8, with the columns path and label."
        ) from exc
    if _CONTROLS.search(text):
        raise DatasetError(f"{path} is not a CSV file: it holds binary data.")
    return text


def _decode(data: bytes, problems: Problems) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.warn(
            "It is not UTF-8, so it is read as Windows-1252 (Latin-1). Save it as "
            "UTF-8 if names or labels look wrong."
        )
        return data.decode("cp1252", "replace")


def _find_delimiter(header: str, rate: Callable[[list[str]], int]) -> str:
    """Choose by the header alone: in a row, a semicolon may join two labels."""

    def score(mark: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([_tidy(header, mark)], delimiter=mark), [])
        except csv.Error:
            return -1, 0
        return rate([cell.strip() for cell in cells]), len(cells)

    return max(_DELIMITERS, key=score)


def _parse(text: str, mark: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row that is not blank, with the number of its line."""
    lines = io.StringIO(_tidy(text, mark), newline="")
    reader = csv.reader(lines, delimiter=mark, strict=True, skipinitialspace=True)
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield reader.line_num, stripped
    except csv.Error as exc:
        problems.add(f"Line {reader.line_num} is not CSV: {exc}. Check its quotes.")


def _tidy(text: str, mark: str) -> str:
    """Remove blanks behind quoted cells, which `csv` takes for a fault."""
    quoted = re.compile(
        rf'("(?:[^"]|"")*") +(?=[{re.escape(mark)}\r\n]|\Z)|"(?:[^"]|"")*"'
    )
    return quoted.sub(lambda match: match[1] or match[0], text)


def _take(
    rows: Rows, line: int, cells: list[str], mark: str, problems: Problems
) -> None:
    width = len(rows.header)
    if not rows.header:
        rows.header.extend(cells)
    elif len(cells) >= width and not any(cells[width:]):
        # Spreadsheets end rows with the separators of empty columns.
        rows.lines.append((line, cells[:width]))
    else:
        problems.add(
            f"Line {line} has {len(cells)} cells, but the header has {width}. Quote a "
            f"cell that holds {mark!r}."
        )
