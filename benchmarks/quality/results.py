"""Results of a task as JSON, one row per system, seed and fold, saved as they come."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.quality.task import Task, TaskClips

__all__ = ["RESULTS", "Results", "merge_results", "open_results", "read_results"]

RESULTS = Path(__file__).parents[1] / "results" / "quality"
Row = dict[str, Any]
Key = tuple[str, int, str]


@dataclass
class Results:
    """All results of a task; the file is written after every run.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    facts : dict
        Clips, classes and folds; results of other ones cannot be compared.
    rows : dict
        Rows by system, seed and fold.
    """

    path: Path
    facts: dict[str, Any]
    rows: dict[Key, Row] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Add a run and write the file."""
        self.rows[row["system"], row["seed"], row["fold"]] = row
        self.write()

    def drop(self, system: str) -> None:
        """Remove the runs of a system."""
        self.rows = {key: row for key, row in self.rows.items() if key[0] != system}

    def of(self, system: str) -> list[Row]:
        """Return the runs of a system."""
        return [row for key, row in self.rows.items() if key[0] == system]

    def write(self) -> None:
        """Write the file whole: a row per line, so that changes are easy to see."""
        rows = ",\n".join(
            f"  {json.dumps(row)}" for _, row in sorted(self.rows.items())
        )
        text = f'{{\n "facts": {json.dumps(self.facts)},\n "rows": [\n{rows}\n ]\n}}\n'
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".tmp")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.path)


def read_results(name: str, folder: Path = RESULTS) -> Results | None:
    """Return the results of a task, or None if there are none."""
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    known = json.loads(path.read_text(encoding="utf-8"))
    rows = {(row["system"], row["seed"], row["fold"]): row for row in known["rows"]}
    return Results(path, known["facts"], rows)


def open_results(task: Task, clips: TaskClips, folder: Path = RESULTS) -> Results:
    """Return the results of a task to add to, after checking that they fit.

    Raises
    ------
    SystemExit
        If those on disk are of other clips or folds.
    """
    facts = {
        "n_clips": len(clips.paths),
        "classes": clips.classes,
        "folds": [fold.name for fold in clips.folds],
        "n_train": [len(fold.train) for fold in clips.folds],
        "n_test": [len(fold.test) for fold in clips.folds],
        "fingerprint": clips.fingerprint(),
    }
    known = read_results(task.name, folder)
    if known is None:
        return Results(folder / f"{task.name}.json", facts)
    if known.facts != facts:
        raise SystemExit(
            f"{known.path} holds results of other clips or folds than these. Remove it "
            "to measure all systems again, or give the data that it was made from."
        )
    return known


def merge_results(other: Path, folder: Path = RESULTS) -> None:
    """Add the results of another checkout.

    Where both have a run, the one here is kept.

    Raises
    ------
    SystemExit
        If a task's clips or folds differ.
    """
    for path in sorted(other.glob("*.json")):
        found = read_results(path.stem, other)
        known = read_results(path.stem, folder)
        if found is None:
            continue
        if known is not None and known.facts != found.facts:
            raise SystemExit(f"{path} is of other clips or folds than {known.path}.")
        rows = found.rows | (known.rows if known else {})
        Results(folder / path.name, found.facts, rows).write()
