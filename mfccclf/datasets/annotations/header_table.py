"""Tables whose first line names columns of times: Raven's, BirdNET's, plain CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mfccclf._validation import suggest
from mfccclf.datasets.annotations.annotation import Annotation, TableProblems
from mfccclf.datasets.annotations.columns import (
    count_time_columns,
    find_annotation_columns,
    has_times,
)
from mfccclf.datasets.annotations.times import read_span, seconds_in
from mfccclf.datasets.splits import SPLITS, canonical_split
from mfccclf.datasets.table_text import first_row, split_rows

__all__ = ["is_header_table", "read_header_table"]


class _Row(NamedTuple):
    place: str
    cells: Mapping[str, str]


def is_header_table(text: str) -> bool:
    """Return whether a text's first line names columns of times."""
    return has_times(first_row(text, count_time_columns))


def read_header_table(text: str, problems: TableProblems) -> list[Annotation]:
    """Return the annotations of a table in the order of its rows.

    Parameters
    ----------
    text : str
        The whole file.
    problems : TableProblems
        Takes what is wrong with header and rows, by line.
    """
    table = split_rows(text, problems, count_time_columns)
    lines = _without_other_views(table.header, table.lines)
    places = find_annotation_columns(table.header, problems)
    if not {"start", "label"} <= places.keys():
        return []
    rows = [
        _Row(f"Line {line}", {role: cells[i] for role, i in places.items()})
        for line, cells in lines
    ]
    in_sequence = len({row.cells.get("recording") for row in rows}) > 1
    return [one for row in rows for one in _read_row(row, in_sequence, problems)]


def _without_other_views(
    header: list[str], lines: list[tuple[int, list[str]]]
) -> list[tuple[int, list[str]]]:
    """Leave out rows that repeat a selection of Raven for another of its views."""
    names = [name.casefold() for name in header]
    if "view" not in names or "selection" not in names:
        return lines
    view, number = names.index("view"), names.index("selection")
    first: dict[str, str] = {}
    return [
        (line, cells)
        for line, cells in lines
        if first.setdefault(cells[number], cells[view]) == cells[view]
    ]


def _read_row(
    row: _Row, in_sequence: bool, problems: TableProblems
) -> list[Annotation]:
    cells = row.cells
    span = read_span(cells["start"], _end(cells), row.place, problems)
    if not cells["label"]:
        problems.fault(row.place, "has no label", "Give it one, or remove the row.")
    if "recording" in cells and not cells["recording"]:
        problems.fault(row.place, "names no recording", "Name its file.")
    split = canonical_split(cells.get("split", ""))
    if cells.get("split") and split is None:
        hint = suggest(cells["split"], SPLITS)
        problems.fault(
            row.place,
            f"has the split {cells['split']!r}",
            f"It must be one of {', '.join(SPLITS)}. {hint}".rstrip(),
        )
    if span is None or not cells["label"]:
        return []
    start_s, end_s = _within_file(span, cells) if in_sequence else span
    return [
        Annotation(
            start_s=start_s,
            end_s=end_s,
            label=cells["label"],
            place=row.place,
            recording=cells.get("recording", ""),
            group=cells.get("group") or None,
            split=split,
        )
    ]


def _end(cells: Mapping[str, str]) -> str:
    """Return the end as it is written, or start and duration added."""
    if "end" in cells or "duration" not in cells:
        return cells.get("end", "")
    start, duration = seconds_in(cells["start"]), seconds_in(cells["duration"])
    if start is None or duration is None:
        return cells["duration"]
    return str(start + duration)


def _within_file(
    span: tuple[float, float], cells: Mapping[str, str]
) -> tuple[float, float]:
    """Return times within a file of a sequence, which Raven counts through."""
    offset = seconds_in(cells.get("file offset", ""))
    if offset is None:
        return span
    return offset, offset + span[1] - span[0]
