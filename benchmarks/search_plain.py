"""Compare grid searches: a plain one, halving, and places with warm workers.

    python benchmarks/search_plain.py DATA [--epochs N] [--folds N] [--repeats N]
                                      [--parts plain,halving,places] [--output FILE]

The clips, the 12 configurations and the 5 folds are those of ``benchmarks/search.py``.

- plain: scikit-learn's ``GridSearchCV`` on a ``Pipeline`` that calls librosa for each
  clip in each fit, as one would write it by hand, against ``search_pipeline``; two jobs
  each. The first takes long, so it does ``--folds`` of the folds, and its time is
  multiplied up. The classifier is ours in both, so that scores can be compared; its
  training is in both times.
- halving: successive halving against the full grid of as many epochs, in one process.
- places: the grid on two workers of Dask and on two jobs, each after a short search
  that started and warmed the workers; that start is told apart.

Times are by the clock and in processor time, of child processes, too.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import psutil  # type: ignore[import-untyped]
from joblib.externals.loky import get_reusable_executor
from numpy.typing import NDArray
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.search_task import SPACE, choose_clips, cpu_seconds, make, run_search
from mfccclf import Dataset
from mfccclf.search import (
    Fold,
    SearchResults,
    make_folds,
    make_plan,
    open_scheduler,
)
from mfccclf.search.results import SearchRow

RATE = 22050
PARTS = ("plain", "halving", "places")

# By the clock, and in processor time.
Seconds = tuple[float, float]


def compute_features(paths: list[str]) -> NDArray[np.float32]:
    """Return librosa's four features of each clip, padded with NaN."""
    clips = []
    for path in paths:
        y, sr = librosa.load(path, sr=RATE)
        parts = (
            librosa.feature.mfcc(y=y, sr=sr, n_mfcc=13),
            librosa.feature.spectral_centroid(y=y, sr=sr),
            librosa.feature.chroma_stft(y=y, sr=sr),
            librosa.feature.spectral_contrast(y=y, sr=sr),
        )
        clips.append(np.concatenate(parts).T)
    X = np.full((len(clips), max(map(len, clips)), 33), np.nan, np.float32)
    for row, clip in zip(X, clips, strict=True):
        row[: len(clip)] = clip
    return X


class Watch:
    """Takes the time, that of all child processes included."""

    def __init__(self) -> None:
        self._started = self._now()

    def stop(self) -> Seconds:
        """Return the seconds since the watch was made."""
        wall, cpu = self._now()
        return wall - self._started[0], cpu - self._started[1]

    def _now(self) -> Seconds:
        alive = 0.0
        for child in psutil.Process().children(recursive=True):
            try:
                times = child.cpu_times()
            except psutil.Error:  # ended in between
                continue
            alive += times.user + times.system
        return time.perf_counter(), cpu_seconds() + alive


def compare_plain(clips: Dataset, folds: list[Fold], options: Any) -> dict[str, Any]:
    """Compare with a search written by hand, on two jobs."""
    some = folds[: options.folds]
    extract = FunctionTransformer(compute_features)
    plain = Pipeline([("extract", extract), *make(options.epochs).steps[1:]])
    # Imports, in both kinds of workers and here, and librosa's kernels.
    compute_features(clips.paths[:2])
    watch = Watch()
    found = GridSearchCV(
        plain, SPACE, cv=[(f.train, f.test) for f in some], refit=False, n_jobs=2
    ).fit(clips.paths, clips.labels)
    by_hand = [seconds * len(folds) / len(some) for seconds in watch.stop()]
    get_reusable_executor().shutdown()
    watch = Watch()
    with open_scheduler(n_jobs=2) as scheduler:
        results = run_search(clips, folds, options.epochs, scheduler)
    ours = watch.stop()
    scores = np.array(
        [np.mean(accuracies(row)[: options.folds]) for row in results.rows]
    )
    difference = float(np.abs(scores - found.cv_results_["mean_test_score"]).max())
    return {
        **named("plain", by_hand),
        **named("ours", ours),
        "plain_to_ours": ratio(by_hand, ours),
        "largest_difference_of_scores": difference,
    }


def compare_halving(clips: Dataset, folds: list[Fold], options: Any) -> dict[str, Any]:
    """Compare successive halving with the full grid."""
    runs: dict[str, list[Seconds]] = {"grid": [], "halving": []}
    results: dict[str, SearchResults] = {}
    for _ in range(options.repeats):
        for method, seconds in runs.items():
            watch = Watch()
            with open_scheduler() as scheduler:
                results[method] = run_search(
                    clips, folds, options.epochs, scheduler, method
                )
            seconds.append(watch.stop())
    grid, winner = results["grid"].best, results["halving"].best
    same = next(r for r in results["grid"].rows if r.parameters == winner.parameters)
    deviation = grid.deviation("accuracy")
    return {
        **{k: v for name in runs for k, v in named(name, middle(runs[name])).items()},
        "grid_to_halving": ratio(middle(runs["grid"]), middle(runs["halving"])),
        "winner_of_grid": grid.mean("accuracy"),
        "deviation_of_winner": deviation,
        "winner_of_halving_in_grid": same.mean("accuracy"),
        "epochs_of_grid_to_halving": round(count_epochs(options.epochs), 2),
        "fits_of_grid_to_halving": round(weigh_rounds(results, options.epochs), 2),
    }


def accuracies(row: SearchRow) -> list[float]:
    """Return the accuracy of each fold."""
    return [fit.scores["accuracy"] for fit in row.outcomes]


def count_epochs(epochs: int) -> float:
    """Return how many times as many epochs a grid takes, of these combinations."""
    rounds = make_plan(SPACE, method="halving", max_epochs=epochs).rounds()
    one = next(rounds)
    n_grid, n_epochs = len(one.candidates) * epochs, 0
    while True:
        n_epochs += len(one.candidates) * (one.n_epochs or epochs)
        try:
            one = rounds.send([0.0] * len(one.candidates))
        except StopIteration:
            return n_grid / n_epochs


def weigh_rounds(results: dict[str, SearchResults], epochs: int) -> float:
    """Return how many times as long a grid's fits take, each epoch by its net's cost.

    Better nets of a space are often larger ones, so halving trains the costly longest.
    """
    cost = {str(r.parameters): fit_seconds(r) / epochs for r in results["grid"].rows}
    halving = sum(cost[str(r.parameters)] * r.n_epochs for r in results["halving"].rows)
    return epochs * sum(cost.values()) / halving


def fit_seconds(row: SearchRow) -> float:
    """Return the seconds of all fits of a combination, by the clock."""
    return sum(fit.fit_s for fit in row.outcomes)


def compare_places(clips: Dataset, folds: list[Fold], options: Any) -> dict[str, Any]:
    """Compare two workers of Dask with two jobs, once they are warm."""
    runs: dict[str, list[Seconds]] = {"two_jobs": [], "dask": []}
    starts: dict[str, list[Seconds]] = {"two_jobs": [], "dask": []}
    for _ in range(options.repeats):
        for name, address in (("two_jobs", None), ("dask", "local")):
            watch = Watch()
            with open_scheduler(address, n_jobs=2) as scheduler:
                run_search(clips, folds[:1], 1, scheduler)
                starts[name].append(watch.stop())
                watch = Watch()
                run_search(clips, folds, options.epochs, scheduler)
                runs[name].append(watch.stop())
    facts: dict[str, Any] = {}
    for name in runs:
        facts |= named(f"{name}_warm", middle(runs[name]))
        facts |= named(f"{name}_start", middle(starts[name]))
    pairs = zip(runs["dask"], runs["two_jobs"], strict=True)
    facts["dask_to_two_jobs_warm"] = ratio(
        middle([(a[0] / b[0], a[1] / b[1]) for a, b in pairs]), (1.0, 1.0)
    )
    return facts


def middle(runs: list[Seconds]) -> Seconds:
    """Return the medians of both clocks."""
    return statistics.median(r[0] for r in runs), statistics.median(r[1] for r in runs)


def named(name: str, seconds: Any) -> dict[str, float]:
    """Return both times with their names, rounded."""
    return {
        f"{name}_s": round(seconds[0], 1),
        f"{name}_cpu_s": round(seconds[1], 1),
    }


def ratio(longer: Any, shorter: Any) -> list[float]:
    """Return how many times as long one took, by the clock and in processor time."""
    return [round(a / b, 2) for a, b in zip(longer, shorter, strict=True)]


def main() -> None:
    """Measure the chosen parts; print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--folds", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--parts", default=",".join(PARTS))
    default = Path(__file__).parent / "results" / "search_plain.json"
    parser.add_argument("--output", type=Path, default=default)
    options = parser.parse_args()
    clips = choose_clips(options.data)
    folds = make_folds(clips.labels, cv=5)
    with open_scheduler() as scheduler:
        run_search(clips, folds[:1], 1, scheduler)  # imports
    compare = dict(
        zip(PARTS, (compare_plain, compare_halving, compare_places), strict=True)
    )
    kept = json.loads(options.output.read_text()) if options.output.exists() else {}
    for part in options.parts.split(","):
        facts = compare[part](clips, folds, options)
        kept[f"{part}, {options.epochs} epochs"] = {
            **facts,
            "repeats": 1 if part == "plain" else options.repeats,
            "load_average": round(os.getloadavg()[0], 1),
            "date": time.strftime("%Y-%m-%d"),
        }
        print(part, json.dumps(facts, indent=1))
        options.output.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
