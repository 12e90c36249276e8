"""The table of docs/speed.md, made from the figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.pages import markdown_table, replace_part

__all__ = ["after", "make_table", "put_table"]

START = "<!-- table of benchmarks/speed -->"
HEADS = ("row", "figure", "by the clock", "processor time", "goal", "runs", "")
N_MEASUREMENTS = 3


def after(row: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return a row's measurement together with its earlier figures, three in all.

    Figures of a row with other claims are dropped.
    """
    if "claims" not in row or "claims" not in before:
        return row
    texts = [claim["text"] for claim in row["claims"]]
    if texts != [claim["text"] for claim in before["claims"]]:
        return row
    last = [{key: claim[key] for key in ("value", "cpu")} for claim in before["claims"]]
    earlier = [last, *before.get("earlier", [])]
    return row | {"earlier": earlier[: N_MEASUREMENTS - 1]}


def make_table(rows: dict[str, Any]) -> str:
    """Return the table of all rows that were measured, in Markdown."""
    lines = (line for key, row in rows.items() for line in _lines(key, row))
    return markdown_table(HEADS, lines)


def put_table(path: Path, rows: dict[str, Any]) -> None:
    """Replace the table in a page."""
    replace_part(path, make_table(rows), start=START)


def _lines(key: str, row: dict[str, Any]) -> list[list[str]]:
    title = f"{row['title']} (`{key}`)"
    if "missing" in row:
        return [[title, f"not measured: needs {row['missing']}", *[""] * 5]]
    lines = []
    earlier = row.get("earlier", [])
    for number, claim in enumerate(row["claims"]):
        known = [claim, *(claims[number] for claims in earlier)]
        clock, cpu = ([some[key] for some in known] for key in ("value", "cpu"))
        cells = [title, claim["text"], _range(clock), _range(cpu)]
        goal = claim.get("goal", "")
        cells += [goal, str(len(known)), _verdict(goal, clock, cpu)]
        lines.append(cells)
        title = ""
    return lines


def _range(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    ends = dict.fromkeys(f"{end(known):g}" for end in (min, max) if known)
    return " to ".join(ends)


def _verdict(
    goal: str, clock: list[float | None], processor: list[float | None]
) -> str:
    if clock[0] is None:
        return "not installed"
    if not goal:
        return ""
    if _holds(clock, goal):
        return "reached"
    return "reached in processor time" if _holds(processor, goal) else "missed"


def _holds(values: list[float | None], goal: str) -> bool:
    """Tell whether all measurements reach a goal such as ``>= 4.5``."""
    sense, limit = goal.split()
    known = [value for value in values if value is not None]
    if sense == ">=":
        return bool(known) and min(known) >= float(limit)
    return bool(known) and max(known) <= float(limit)
