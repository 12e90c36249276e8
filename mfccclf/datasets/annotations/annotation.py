"""What a table says of one part of a recording, and what is wrong with the table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from mfccclf.datasets.problems import Problems

__all__ = ["Annotation", "TableFault", "TableProblems"]

_PLACE = re.compile(r"(?:Line|Observation) (\d+)\b")


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """A labelled part of a recording.

    Parameters
    ----------
    start_s, end_s : float
        Where it starts and ends, in seconds from the recording's start.
    label : str
        What is heard; several labels are joined by ";".
    place : str
        Where it stands in its table, such as "Line 3".
    recording : str, default=""
        The recording's file as the table names it; empty if it does not.
    group, split : str or None, default=None
        As for `mfccclf.datasets.clips.Clip`.
    """

    start_s: float
    end_s: float
    label: str
    place: str
    recording: str = ""
    group: str | None = None
    split: str | None = None


class TableFault(NamedTuple):
    """What makes a table unusable.

    Attributes
    ----------
    table : str
        The table's file.
    place : str
        Where in it, such as "Line 3"; empty for the whole.
    what : str
        What is wrong, to follow the place, without a full stop.
    remedy : str
        What to do, in a sentence.
    """

    table: str
    place: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """Return place, fault and remedy in one line."""
        text = f"{self.place} {self.what}." if self.place else f"{self.what}."
        return f"{text} {self.remedy}"


def _line_of(text: str) -> int:
    match = _PLACE.match(text)
    return int(match[1]) if match else 0


class TableProblems(Problems):
    """Errors and warnings about one table; its faults are kept as values as well.

    Parameters
    ----------
    source : str
        The table's file.
    """

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.faults: list[TableFault] = []

    def fault(self, place: str, what: str, remedy: str) -> None:
        """Note a fault; see `TableFault` for the parts."""
        self.faults.append(TableFault(self.source, place, what, remedy))
        self.add(str(self.faults[-1]))

    def move_to(self, problems: Problems) -> None:
        """Hand everything on to the problems of a data set, which name the table."""
        prefix = "" if problems.source == self.source else f"{self.source}: "
        for text in sorted(self.errors, key=_line_of):
            problems.add(prefix + text)
        for text in self.warnings:
            problems.warn(prefix + text)
