"""Write all tables of the results into docs/quality.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.pages import markdown_table, replace_part
from benchmarks.quality.results import RESULTS, Results, read_results
from benchmarks.quality.tables import (
    MEASURES,
    Line,
    best_line,
    format_task,
    seconds,
    system_of,
    task_lines,
)
from benchmarks.quality.tasks import TASKS

__all__ = ["write_tables"]

DOCS = Path(__file__).parents[2] / "docs" / "quality.md"
HEAD = ("<!-- head of benchmarks/quality -->", "<!-- end of the head -->")
TABLES = ("<!-- tables of benchmarks/quality -->", "<!-- end of the tables -->")

# What most users come for, in ten lines.
_HEAD_TASKS = (
    "digits-speakers",
    "digits-official",
    "digits-5",
    "digits-10",
    "words",
    "wake-words",
    "names-engines",
    "environment",
    "notes",
    "solos-mixtures",
)

Known = Mapping[str, Results | None]


def write_tables(path: Path = DOCS, folder: Path = RESULTS) -> None:
    """Put ten lines, an overview and a table per task between marks in a page.

    Parameters
    ----------
    path : Path
        The page.
    folder : Path
        Where the results lie.
    """
    known = {name: read_results(name, folder) for name in TASKS}
    replace_part(path, f"{_head(known)}\n", start=HEAD[0], end=HEAD[1])
    parts = ["## Overview", _overview(known)]
    for name, results in known.items():
        task = TASKS[name]
        parts += [f"## {task.title}", f"`{name}`. {task.about}"]
        parts.append(format_task(task, results))
    body = "\n\n".join(parts)
    replace_part(path, f"{body}\n", start=TABLES[0], end=TABLES[1])


def _head(known: Known) -> str:
    """Return the table of ten lines: the best of ours, the best peer, seconds."""
    heads = ["task", "measure", "ours", "best peer", "seconds to train ours"]
    rows = []
    for name in _HEAD_TASKS:
        task = TASKS[name]
        lines = task_lines(task, known[name])
        ours, peer = (best_line(lines, kind, task.measure) for kind in ("ours", "peer"))
        rows.append(
            [
                task.title,
                MEASURES[task.measure],
                _named(ours, task.measure),
                _named(peer, task.measure),
                seconds(ours.training_s) if ours else "",
            ]
        )
    return markdown_table(heads, rows).rstrip("\n")


def _overview(known: Known) -> str:
    heads = ["task", "measure", "goal", "`default`", "other of ours"]
    heads += ["best published", "best peer"]
    rows = []
    for name, results in known.items():
        task = TASKS[name]
        lines = task_lines(task, results)
        default = [line for line in lines if line.system == "default"]
        others = [line for line in lines if line.system != "default"]
        rows.append(
            [
                task.title,
                MEASURES[task.measure],
                f"{task.goal}" if task.goal else "",
                f"{default[0].mean(task.measure):.3f}" if default else "",
                *(
                    _named(best_line(others, kind, task.measure), task.measure)
                    for kind in ("ours", "published", "peer")
                ),
            ]
        )
    return markdown_table(heads, rows).rstrip("\n")


def _named(line: Line | None, measure: str) -> str:
    return f"{line.mean(measure):.3f} ({system_of(line).title})" if line else ""
