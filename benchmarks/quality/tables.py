"""The table of a task, for the terminal and for docs/quality.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.pages import markdown_table
from benchmarks.quality.measures import score
from benchmarks.quality.results import Results
from benchmarks.quality.systems import SYSTEMS, System
from benchmarks.quality.task import Task

__all__ = [
    "MEASURES",
    "Line",
    "best_line",
    "format_task",
    "seconds",
    "summarise",
    "system_of",
    "task_lines",
]

MEASURES = {
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
    lines = task_lines(task, results)
    if not lines:
        return "Not measured yet."
    measures = [name for name in MEASURES if name in lines[0].scores]
    heads = ["system", *(MEASURES[name] for name in measures), "lowest seed"]
    heads += ["lowest fold", "training", "parameters", "seeds"]
    rows = [_cells(line, measures, task.measure) for line in lines]
    return markdown_table(heads, rows).rstrip("\n")


def task_lines(task: Task, results: Results | None) -> list[Line]:
    """Return the systems with a complete seed, best first in each kind."""
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
        key=lambda line: (_KINDS.index(system_of(line).kind), -line.mean(task.measure)),
    )


def _has_complete_seed(rows: Sequence[Mapping[str, Any]], n_folds: int) -> bool:
    seeds = [row["seed"] for row in rows]
    return any(seeds.count(seed) == n_folds for seed in seeds)


def system_of(line: Line) -> System:
    """Return the system that a line is about."""
    known = System(name=line.system, kind="ours", title=f"`{line.system}`")
    return SYSTEMS.get(line.system, known)


def _cells(line: Line, measures: Sequence[str], main: str) -> list[str]:
    n_seeds = len(line.scores[main])
    cells = [system_of(line).title]
    for measure in measures:
        cells.append(_mean_and_deviation(line.scores[measure]))
    cells.append(f"{min(line.scores[main]):.3f}" if n_seeds > 1 else "")
    name = min(line.folds, key=lambda fold: line.folds[fold])
    cells.append(f"{line.folds[name]:.3f} ({name})" if len(line.folds) > 1 else "")
    return [
        *cells,
        seconds(line.training_s),
        f"{line.n_parameters:,.0f}",
        f"{n_seeds}",
    ]


def seconds(value: float) -> str:
    """Format seconds; an empty text for NaN."""
    if math.isnan(value):
        return ""
    return f"{value:,.1f} s" if value < 10 else f"{value:,.0f} s"


def _mean_and_deviation(values: Sequence[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.3f}"
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"


def best_line(lines: Sequence[Line], kind: str, measure: str) -> Line | None:
    """Return the best line of systems of a kind, the quickest of equals, if any."""
    found = [line for line in lines if system_of(line).kind == kind]
    return max(
        found,
        key=lambda line: (line.mean(measure), -np.nan_to_num(line.training_s)),
        default=None,
    )
