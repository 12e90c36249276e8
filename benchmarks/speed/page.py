"""The table of docs/speed.md, made from the figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["make_table", "put_table"]

START = "<!-- table of benchmarks/speed -->\n"
END = "<!-- end of the table -->\n"
HEAD = "| row | figure | by the clock | processor time | goal | |\n"
HEAD += "| --- | --- | --- | --- | --- | --- |\n"


def make_table(rows: dict[str, Any]) -> str:
    """Return the table of all rows that were measured, in Markdown."""
    return HEAD + "".join(_lines(key, row) for key, row in rows.items())


def put_table(path: Path, rows: dict[str, Any]) -> None:
    """Replace the table in a page."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{START}{make_table(rows)}{END}{after}", encoding="utf-8")


def _lines(key: str, row: dict[str, Any]) -> str:
    title = f"{row['title']} (`{key}`)"
    if "missing" in row:
        return f"| {title} | not measured: needs {row['missing']} | | | | |\n"
    lines = []
    for claim in row["claims"]:
        value, cpu = _number(claim["value"]), _number(claim["cpu"])
        cells = [title, claim["text"], value, cpu, claim.get("goal", "")]
        cells.append(_verdict(claim))
        lines.append("| " + " | ".join(cells) + " |\n")
        title = ""
    return "".join(lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _verdict(claim: dict[str, Any]) -> str:
    if claim["value"] is None:
        return "not installed"
    if "goal" not in claim:
        return ""
    if claim["reached"]:
        return "reached"
    return "reached in processor time" if claim.get("reached_cpu") else "missed"
