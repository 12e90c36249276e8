"""Time a grid search with features extracted once, and one with features per fit.

    python benchmarks/search.py DATA [--epochs N] [--long-epochs N] [--repeats N]
                                     [--dask] [--joblib] [--output FILE]

12 configurations on 5 folds of 600 clips, such as 8 kHz clips of spoken digits. All
searches use the same folds in the same run: first scikit-learn's ``GridSearchCV`` on
the whole pipeline, and ``search_pipeline``, both in one process with few epochs; then
``search_pipeline`` with more epochs in one process, in two, with --dask on two workers
of a Dask cluster, and with --joblib on two workers of joblib beside a waiting caller,
in turn, several times. No feature cache is used. Ratios carry over to other machines;
seconds do not. On a busy machine two processes get a larger share of it than one; the
ratio of CPU times, workers' included, is then an upper limit of what two free cores
would give.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from joblib.externals.loky import get_reusable_executor
from numpy.typing import NDArray
from sklearn.model_selection import GridSearchCV

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.search_task import SPACE, choose_clips, cpu_seconds, make, run_search
from mfccclf import Dataset
from mfccclf.search import Fold, make_folds, open_scheduler
from mfccclf.search.local_processes import begin_worker
from mfccclf.search.scheduling import Scheduler

# Seconds by the clock, CPU seconds, and the mean score of each configuration.
Timed = tuple[tuple[float, float], NDArray[np.float64]]


def start() -> tuple[float, float]:
    """Return the time by the clock, and the CPU time up to now."""
    return time.perf_counter(), cpu_seconds()


def stop(started: tuple[float, float]) -> tuple[float, float]:
    """Return the seconds since ``start`` by both clocks; ends joblib's workers."""
    seconds = time.perf_counter() - started[0]
    get_reusable_executor().shutdown()  # joblib's, which extracted features
    passed = seconds, cpu_seconds() - started[1]
    print(f"{passed[0]:.1f} s, {passed[1]:.1f} s of CPU", file=sys.stderr)
    return passed


def search_naively(clips: Dataset, folds: list[Fold], epochs: int) -> Timed:
    """Search with scikit-learn on paths; return seconds and mean scores."""
    started = start()
    found = GridSearchCV(
        make(epochs), SPACE, cv=[(f.train, f.test) for f in folds], refit=False
    ).fit(clips.paths, clips.labels)
    seconds = stop(started)
    return seconds, found.cv_results_["mean_test_score"]


class JoblibScheduler(Scheduler):
    """Fits run in workers of joblib alone; the caller waits."""

    def start(self) -> None:
        """Do nothing: joblib starts its workers itself."""

    @contextmanager
    def backend(self, shared: Sequence[Any] = ()) -> Iterator[None]:
        """Let each worker load torch and keep its memory, as `LocalProcesses` does."""
        with joblib.parallel_config(
            "loky",
            n_jobs=self.n_jobs,
            inner_max_num_threads=1,
            initializer=begin_worker,
            initargs=(os.getpid(),),
        ):
            yield

    def run(
        self,
        calls: Iterable[Any],
        on_result: Callable[[Any], None],
        *,
        shared: Sequence[Any] = (),
    ) -> None:
        """Make calls with ``joblib.Parallel``."""
        with self.backend(shared):
            parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1)
            for result in parallel(calls):
                on_result(result)


Place = Callable[[], AbstractContextManager[Scheduler]]


def search(
    clips: Dataset, folds: list[Fold], epochs: int, place: Place = open_scheduler
) -> Timed:
    """Search with features extracted once; return seconds and mean scores."""
    started = start()
    with place() as scheduler:
        results = run_search(clips, folds, epochs, scheduler)
    seconds = stop(started)
    return seconds, np.array([row.mean("accuracy") for row in results.rows])


def measure(
    data: str,
    epochs: int,
    long_epochs: int,
    repeats: int = 1,
    dask: bool = False,
    with_joblib: bool = False,
) -> dict[str, object]:
    """Run all searches and compare them."""
    clips = choose_clips(data)
    folds = make_folds(clips.labels, cv=5)
    search(clips, folds[:1], 1)  # imports, and buffers that grow once
    naive, naive_scores = search_naively(clips, folds, epochs)
    ours, scores = search(clips, folds, epochs)
    return {
        "data": clips.name,
        "n_clips": len(clips),
        "n_configurations": len(scores),
        "n_folds": len(folds),
        "epochs": epochs,
        "features_per_fit_s": round(naive[0], 1),
        "features_once_s": round(ours[0], 1),
        "speed_up": round(naive[0] / ours[0], 1),
        "speed_up_of_cpu_time": round(naive[1] / ours[1], 1),
        "largest_difference_of_scores": float(np.abs(naive_scores - scores).max()),
        "long_epochs": long_epochs,
        **compare_places(
            clips, folds, long_epochs, repeats, choose_places(dask, with_joblib)
        ),
        "n_cores": os.cpu_count(),
        "load_average_at_end": round(os.getloadavg()[0], 1),
        "machine": platform.machine(),
        "date": time.strftime("%Y-%m-%d"),
    }


def choose_places(dask: bool, with_joblib: bool) -> dict[str, Place]:
    """Return the places where fits run, by name."""
    places: dict[str, Place] = {
        "one_job": open_scheduler,
        "two_jobs": partial(open_scheduler, n_jobs=2),
    }
    if dask:
        places["dask_two_workers"] = partial(open_scheduler, "local", n_jobs=2)
    if with_joblib:
        places["joblib_two_workers"] = lambda: closing(JoblibScheduler(2))
    return places


def compare_places(
    clips: Dataset,
    folds: list[Fold],
    epochs: int,
    repeats: int,
    places: Mapping[str, Place],
) -> dict[str, object]:
    """Search in each place in turn; return medians and ratios."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in places}
    scores = []
    for _ in range(repeats):
        for name, place in places.items():
            seconds, found = search(clips, folds, epochs, place)
            runs[name].append(seconds)
            scores.append(found)
    wall, cpu = (
        {name: statistics.median(run[clock] for run in runs[name]) for name in places}
        for clock in (0, 1)
    )
    facts: dict[str, object] = {"repeats": repeats}
    for name in places:
        facts[f"{name}_s"] = round(wall[name], 1)
        facts[f"{name}_cpu_s"] = round(cpu[name], 1)
    facts["speed_up_by_two_jobs"] = round(wall["one_job"] / wall["two_jobs"], 2)
    most = 2 * cpu["one_job"] / cpu["two_jobs"]
    facts["speed_up_by_two_jobs_at_most_by_cpu_time"] = round(most, 2)
    for name in set(places) - {"one_job", "two_jobs"}:
        kind = name.partition("_")[0]
        facts[f"{kind}_to_two_jobs"] = round(wall[name] / wall["two_jobs"], 2)
        facts[f"{kind}_to_two_jobs_cpu"] = round(cpu[name] / cpu["two_jobs"], 2)
    facts["equal_scores"] = all((some == scores[0]).all() for some in scores)
    return facts


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--long-epochs", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--dask", action="store_true")
    parser.add_argument("--joblib", action="store_true")
    default = Path(__file__).parent / "results" / "search.json"
    parser.add_argument("--output", type=Path, default=default)
    arguments = parser.parse_args()
    figures = measure(
        arguments.data,
        arguments.epochs,
        arguments.long_epochs,
        arguments.repeats,
        arguments.dask,
        arguments.joblib,
    )
    text = json.dumps(figures, indent=1)
    print(text)
    arguments.output.parent.mkdir(exist_ok=True)
    arguments.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
