"""Run systems on tasks, skipping runs that are in the results already."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.export import (
    PeerFailedError,
    PeerMissingError,
    export_clips,
    run_peer,
)
from benchmarks.quality.measures import confuse, mean_precision
from benchmarks.quality.presets import run_preset
from benchmarks.quality.results import RESULTS, Results, open_results
from benchmarks.quality.systems import System
from benchmarks.quality.task import Fold, Places, Task, TaskClips
from benchmarks.quality.vectors import export_vectors

__all__ = ["Options", "run_task"]

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a run.

    Attributes
    ----------
    places : Places
        Folders of recordings and of clips made here.
    seeds : sequence of int or None
        Seeds of learning; None for the task's own.
    peer_python : str
        Interpreter that has the peers' packages.
    n_jobs : int
        Processes for the runs of a preset.
    device : str
        Device to train presets on.
    again : bool
        Whether to repeat runs that are in the results.
    results : pathlib.Path
        Folder of the results.
    """

    places: Places
    seeds: Sequence[int] | None
    peer_python: str
    n_jobs: int = 1
    device: str = "cpu"
    again: bool = False
    results: Path = RESULTS


def run_task(
    task: Task, systems: Sequence[System], options: Options, say: Say
) -> Results:
    """Run systems on a task, saving each run as soon as it ends.

    Parameters
    ----------
    task : Task
        The task.
    systems : sequence of System
        The systems.
    options : Options
        Options of the run.
    say : callable
        Called with a line of text about each system.

    Returns
    -------
    results : Results
        All results of the task.
    """
    clips = task.make(options.places)
    results = open_results(task, clips, options.results)
    for system in systems:
        if options.again:
            results.drop(system.name)
        runs = _missing(task, system, clips, results, options.seeds)
        if not runs:
            continue
        started = time.perf_counter()
        try:
            for found in _run(task, system, clips, runs, options):
                results.add(_row(task, system, clips, found))
        except PeerMissingError as exc:
            say(
                f"{task.name}: {system.name} is left out: {exc}. Install "
                "benchmarks/quality/requirements-peers.txt and give that environment's "
                "interpreter with --peer-python."
            )
            continue
        except PeerFailedError as exc:
            say(f"{task.name}: {exc}")
            continue
        seconds = time.perf_counter() - started
        say(f"{task.name}: {system.name}, {len(runs)} runs, {seconds:.0f} s")
    return results


def _missing(
    task: Task,
    system: System,
    clips: TaskClips,
    results: Results,
    seeds: Sequence[int] | None,
) -> list[tuple[int, Fold]]:
    wanted = list(task.seeds if seeds is None else seeds)
    return [
        (seed, fold)
        for seed in wanted
        for fold in clips.folds
        if (system.name, seed, fold.name) not in results.rows
    ]


def _run(
    task: Task,
    system: System,
    clips: TaskClips,
    runs: list[tuple[int, Fold]],
    options: Options,
) -> Iterator[dict[str, Any]]:
    if system.kind != "peer":
        return run_preset(
            system.name,
            clips,
            runs,
            multilabel=task.multilabel,
            n_jobs=options.n_jobs,
            device=options.device,
        )
    folder = options.places.work / "peers" / task.name
    export_clips(task, clips, folder)
    export_vectors(clips.paths, folder, system.vectors)
    return run_peer(system.name, options.peer_python, folder, runs)


def _row(
    task: Task, system: System, clips: TaskClips, found: dict[str, Any]
) -> dict[str, Any]:
    """Return the row of a run."""
    (fold,) = (fold for fold in clips.folds if fold.name == found["fold"])
    true, predicted = clips.indicator[fold.test], np.array(found["predicted"])
    row = {
        "system": system.name,
        "seed": found["seed"],
        "fold": fold.name,
        "n_test": len(fold.test),
        "training_s": round(found["training_s"], 2),
        "n_parameters": found["n_parameters"],
        "confusion": confuse(true, predicted, multilabel=task.multilabel),
    }
    if "device" in found:
        row["device"] = found["device"]
    if task.multilabel:
        row["map"] = round(mean_precision(true, found["scores"]), 4)
    return row
