"""Times in tables: numbers of seconds, however they are written."""

from __future__ import annotations

import math

from mfccclf.datasets.annotations.annotation import TableProblems

__all__ = ["read_span", "seconds_in"]


def seconds_in(text: str) -> float | None:
    """Return a number, with a point or comma for decimals; None if it is none."""
    plain = text.strip()
    if "." not in plain and plain.count(",") == 1:
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_span(
    start: str, end: str, place: str, problems: TableProblems
) -> tuple[float, float] | None:
    """Return two times of a table; None, and their faults, if they cannot be used.

    Parameters
    ----------
    start, end : str
        The times as they are written.
    place : str
        Where they stand.
    problems : TableProblems
        Takes what is wrong.
    """
    times = [seconds_in(text) for text in (start, end)]
    for name, text, value in zip(("start", "end"), (start, end), times, strict=True):
        if value is None:
            what = f"has the {name} {text!r}" if text else f"has no {name}"
            problems.fault(place, what, "Write a number of seconds.")
    start_s, end_s = times
    if start_s is None or end_s is None:
        return None
    if start_s < 0:
        problems.fault(
            place,
            f"starts at {start_s:g} s",
            "Times count from the start of the recording, so none is negative.",
        )
    elif end_s < start_s:
        problems.fault(
            place,
            f"ends at {end_s:g} s, before its start at {start_s:g} s",
            "Correct its times.",
        )
    elif end_s == start_s:
        problems.fault(
            place,
            f"starts and ends at {start_s:g} s, so it has no length",
            "Give it a length, or remove it.",
        )
    else:
        return start_s, end_s
    return None
