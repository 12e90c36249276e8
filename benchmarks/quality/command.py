"""Compare recognisers on equal folds, and write docs/quality.md's tables.

    python benchmarks/quality TASK... --data DIR [--systems NAME ...] [--seeds N ...]

DIR holds the recordings, one folder per data set: digits (Free Spoken Digit Dataset),
words (Speech Commands), wake_words, environment, notes (NSynth's layout), solos
(Medley-solos-DB). The tasks of spoken names need no recordings, but espeak-ng, flite
and festival; those with rendered speech need both. Runs that are in the results already
are skipped unless --again is given. Without a task, only the tables are written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality.pages import write_tables
from benchmarks.quality.results import merge_results
from benchmarks.quality.running import Options, run_task
from benchmarks.quality.systems import choose_systems
from benchmarks.quality.tables import format_task
from benchmarks.quality.task import Places, Task
from benchmarks.quality.tasks import TASKS


def main() -> None:
    """Run the tasks, print a table for each, and write all tables."""
    options = parse_options()
    places = Places(options.data, options.work, options.rendered)
    how = Options(
        places=places,
        seeds=options.seeds,
        peer_python=options.peer_python,
        n_jobs=options.jobs,
        device=options.device,
        again=options.again,
    )
    for task in choose_tasks(options.tasks):
        systems = choose_systems(task, options.systems)
        results = run_task(task, systems, how, lambda line: print(line, flush=True))
        print(format_task(task, results), flush=True)
    if options.merge:
        merge_results(options.merge)
    write_tables()


def choose_tasks(names: Sequence[str]) -> list[Task]:
    """Return tasks by name."""
    unknown = [name for name in names if name not in TASKS]
    if unknown:
        known = ", ".join(TASKS)
        raise SystemExit(f"There is no task {unknown[0]!r}. Choose from {known}.")
    return [TASKS[name] for name in names]


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("tasks", nargs="*", metavar="TASK", help=", ".join(TASKS))
    add("--data", type=Path, default=Path("data"), help="folder of the recordings")
    add(
        "--work",
        type=Path,
        default=Path("build/quality"),
        help="folder for clips made here",
    )
    add("--rendered", type=Path, help="folder of rendered notes, for notes-rendered")
    add(
        "--systems",
        nargs="+",
        metavar="NAME",
        help="presets and peers; default: all of the task",
    )
    add("--seeds", nargs="+", type=int, metavar="N", help="default: the task's own")
    add("--jobs", type=int, default=1, help="processes for the runs of a preset")
    add("--device", default="cpu", help="device to train presets on: cpu, cuda")
    add("--again", action="store_true", help="repeat runs that are in the results")
    add("--merge", type=Path, metavar="DIR", help="add results of another checkout")
    add("--peer-python", default=sys.executable, help="interpreter that has the peers")
    return parser.parse_args()
