"""Tables of the results, for the terminal and for docs/quality.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pages import markdown_table, replace_part
from benchmarks.quality.measures import score
from benchmarks.quality.results import RESULTS, Results, read_results
from benchmarks.quality.systems import SYSTEMS, System
from benchmarks.quality.task import Task
from benchmarks.quality.tasks import TASKS

__all__ = ["Line", "format_task", "summarise", "write_tables"]

DOCS = Path(__file__).parents[2] / "docs" / "quality.md"
START, END = "<!-- tables of benchmarks/quality -->", "<!-- end of the tables -->"
_HEADINGS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "map": "mean average precision",
}
_KINDS = ("ours", "published", "peer")


@dataclass(frozen=True)
class Line:
    """A system's scores over its seeds.

    Attributes
    ----------
    system : str
        Its name.
    scores : dict
        List of values per measure, one per seed.
    folds : dict
        Mean of the task's measure over the seeds, per fold.
    training_s : float
        Mean CPU seconds of a training; NaN if none ran on a CPU.
    n_parameters : float
        Mean number of parameters.
    """

    system: str
    scores: dict[str, list[float]]
    folds: dict[str, float]
    training_s: float
    n_parameters: float

    def mean(self, measure: str) -> float:
        """Return the mean of a measure over the seeds."""
        return float(np.mean(self.scores[measure]))


def summarise(system: str, rows: Sequence[Mapping[str, Any]], measure: str) -> Line:
    """Combine the runs of a system; a seed that lacks a fold is left out.

    Parameters
    ----------
    system : str
        Its name.
    rows : sequence of mapping
        Its runs.
    measure : str
        The main measure of the task.
    """
    folds = list(dict.fromkeys(row["fold"] for row in rows))
    by_seed: dict[int, list[Any]] = {}
    for row in rows:
        by_seed.setdefault(row["seed"], []).append(row)
    whole = [some for some in by_seed.values() if len(some) == len(folds)]
    per_seed = [score(some) for some in whole]
    counted = [row for some in whole for row in some]
    per_fold = {
        name: float(
            np.mean([score([r])[measure] for r in counted if r["fold"] == name])
        )
        for name in folds
    }
    return Line(
        system,
        {name: [scores[name] for scores in per_seed] for name in per_seed[0]},
        per_fold,
        _training_seconds(counted),
        float(np.mean([row["n_parameters"] for row in counted])),
    )


def _training_seconds(rows: Sequence[Mapping[str, Any]]) -> float:
    found = [row["training_s"] for row in rows if "device" not in row]
    return float(np.mean(found)) if found else float("nan")


def format_task(task: Task, results: Results | None) -> str:
    """Return the table of a task in Markdown, best systems first in each kind."""
    lines = _lines(task, results)
    if not lines:
        return "Not measured yet."
    measures = [name for name in _HEADINGS if name in lines[0].scores]
    heads = ["system", *(_HEADINGS[name] for name in measures), "lowest seed"]
    heads += ["lowest fold", "training", "parameters", "seeds"]
    rows = [_cells(line, measures, task.measure) for line in lines]
    return markdown_table(heads, rows).rstrip("\n")


def _lines(task: Task, results: Results | None) -> list[Line]:
    if results is None:
        return []
    names = dict.fromkeys(key[0] for key in results.rows)
    n_folds = len(results.facts["folds"])
    lines = [
        summarise(name, results.of(name), task.measure)
        for name in names
        if _has_complete_seed(results.of(name), n_folds)
    ]
    return sorted(
        lines,
        key=lambda line: (_KINDS.index(_system(line).kind), -line.mean(task.measure)),
    )


def _has_complete_seed(rows: Sequence[Mapping[str, Any]], n_folds: int) -> bool:
    seeds = [row["seed"] for row in rows]
    return any(seeds.count(seed) == n_folds for seed in seeds)


def _system(line: Line) -> System:
    known = System(name=line.system, kind="ours", title=f"`{line.system}`")
    return SYSTEMS.get(line.system, known)


def _cells(line: Line, measures: Sequence[str], main: str) -> list[str]:
    n_seeds = len(line.scores[main])
    cells = [_system(line).title]
    for measure in measures:
        cells.append(_mean_and_deviation(line.scores[measure]))
    cells.append(f"{min(line.scores[main]):.3f}" if n_seeds > 1 else "")
    name = min(line.folds, key=lambda fold: line.folds[fold])
    cells.append(f"{line.folds[name]:.3f} ({name})" if len(line.folds) > 1 else "")
    return [
        *cells,
        _seconds(line.training_s),
        f"{line.n_parameters:,.0f}",
        f"{n_seeds}",
    ]


def _seconds(value: float) -> str:
    if math.isnan(value):
        return ""
    return f"{value:,.1f} s" if value < 10 else f"{value:,.0f} s"


def _mean_and_deviation(values: Sequence[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.3f}"
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"


def write_tables(path: Path = DOCS, folder: Path = RESULTS) -> None:
    """Put an overview and a table per task between the marks in the documentation."""
    known = {name: read_results(name, folder) for name in TASKS}
    parts = ["## Overview", _overview(known)]
    for name, results in known.items():
        task = TASKS[name]
        parts += [f"## {task.title}", f"`{name}`. {task.about}"]
        parts.append(format_task(task, results))
    body = "\n\n".join(parts)
    replace_part(path, f"{body}\n", start=START, end=END)


def _overview(known: Mapping[str, Results | None]) -> str:
    heads = ["task", "measure", "goal", "`default`", "other of ours", "best published"]
    heads.append("best peer")
    rows = []
    for name, results in known.items():
        task = TASKS[name]
        lines = _lines(task, results)
        default = [line for line in lines if line.system == "default"]
        kinds = [
            [
                line
                for line in lines
                if _system(line).kind == kind and line not in default
            ]
            for kind in _KINDS
        ]
        goal = f"{task.goal}" if task.goal else ""
        cells = [task.title, _HEADINGS[task.measure], goal]
        cells.append(f"{default[0].mean(task.measure):.3f}" if default else "")
        rows.append([*cells, *(_best(found, task.measure) for found in kinds)])
    return markdown_table(heads, rows).rstrip("\n")


def _best(lines: Sequence[Line], measure: str) -> str:
    if not lines:
        return ""
    best = max(lines, key=lambda line: line.mean(measure))
    return f"{best.mean(measure):.3f} ({_system(best).title})"
