"""Time a grid search with features made once against one that makes them per fit.

    python benchmarks/search.py DATA [--epochs N] [--long-epochs N] [--output FILE]

12 configurations on 5 folds of 600 clips (8 kHz clips of spoken digits, say), each
search on the same folds in the same run: scikit-learn's ``GridSearchCV`` on the whole
pipeline, and ``search_pipeline``, both in one process with few epochs; then
``search_pipeline`` with more epochs in one process and in two. No feature cache.
Ratios travel between machines; seconds do not.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import platform
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from sklearn.model_selection import GridSearchCV

from mfccclf import Dataset, load_dataset, make_pipeline
from mfccclf.search import (
    Fold,
    SearchResults,
    make_folds,
    make_plan,
    open_scheduler,
    search_pipeline,
)

N_CLIPS = 600
SPACE = {
    "lstm__hidden_sizes": [[8], [16], [8, 8]],
    "lstm__bidirectional": [False, True],
    "lstm__lr": [0.003, 0.01],
}


def choose_clips(data: str) -> Dataset:
    """Return equally many clips of each label, all of the training split."""
    clips = load_dataset(data)
    if clips.splits is not None:
        clips = clips.select("train")
    rows = defaultdict(list)
    for row, label in enumerate(clips.labels):
        rows[label].append(row)
    per_label = N_CLIPS // len(rows)
    few = [label for label, some in rows.items() if len(some) < per_label]
    if few:
        raise SystemExit(f"{data} has fewer than {per_label} clips of {few[0]}.")
    step = {label: len(some) // per_label for label, some in rows.items()}
    kept = [i for k, some in rows.items() for i in some[:: step[k]][:per_label]]
    return Dataset(
        paths=[clips.paths[i] for i in kept],
        labels=[clips.labels[i] for i in kept],
        groups=None,
        splits=None,
        layout=clips.layout,
        name=clips.name,
    )


def make(epochs: int):
    """Return the pipeline that both searches start from."""
    return make_pipeline(
        "names-lstm",
        max_epochs=epochs,
        n_frames=None,
        batch_size=32,
        recurrent_dropout=0.0,
        input_dropout=0.0,
        random_state=0,
        device="cpu",
    )


def start() -> tuple[float, float]:
    """Start the clock, and that of this process's own computing."""
    return time.perf_counter(), time.process_time()


def stop(started: tuple[float, float]) -> tuple[float, float]:
    """Return the seconds since ``start``, by both clocks."""
    passed = time.perf_counter() - started[0], time.process_time() - started[1]
    print(f"{passed[0]:.1f} s, {passed[1]:.1f} s of CPU", file=sys.stderr)
    return passed


def search_naively(clips: Dataset, folds: list[Fold], epochs: int):
    """Search with scikit-learn on paths; return seconds and mean scores."""
    started = start()
    found = GridSearchCV(
        make(epochs), SPACE, cv=[(f.train, f.test) for f in folds], refit=False
    ).fit(clips.paths, clips.labels)
    seconds = stop(started)
    return seconds, found.cv_results_["mean_test_score"]


def search(clips: Dataset, folds: list[Fold], epochs: int, n_jobs: int = 1):
    """Search with features made once; return seconds and mean scores."""
    started = start()
    with open_scheduler(n_jobs=n_jobs) as scheduler:
        results: SearchResults = search_pipeline(
            make(epochs),
            clips.paths,
            clips.labels,
            plan=make_plan(SPACE),
            folds=folds,
            scheduler=scheduler,
        )
    seconds = stop(started)
    return seconds, np.array([row.mean("accuracy") for row in results.rows])


def measure(data: str, epochs: int, long_epochs: int) -> dict[str, object]:
    """Run all searches and compare."""
    clips = choose_clips(data)
    folds = make_folds(clips.labels, cv=5)
    search(clips, folds[:1], 1)  # imports, and buffers that grow once
    naive, naive_scores = search_naively(clips, folds, epochs)
    ours, scores = search(clips, folds, epochs)
    one, one_scores = search(clips, folds, long_epochs)
    two, two_scores = search(clips, folds, long_epochs, n_jobs=2)
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
        "one_job_s": round(one[0], 1),
        "two_jobs_s": round(two[0], 1),
        "speed_up_by_two_jobs": round(one[0] / two[0], 2),
        "two_jobs_give_equal_scores": bool((one_scores == two_scores).all()),
        "n_cores": os.cpu_count(),
        "load_average_at_end": round(os.getloadavg()[0], 1),
        "machine": platform.machine(),
        "date": time.strftime("%Y-%m-%d"),
    }


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--long-epochs", type=int, default=10)
    default = Path(__file__).parent / "results" / "search.json"
    parser.add_argument("--output", type=Path, default=default)
    arguments = parser.parse_args()
    figures = measure(arguments.data, arguments.epochs, arguments.long_epochs)
    text = json.dumps(figures, indent=1)
    print(text)
    arguments.output.parent.mkdir(exist_ok=True)
    arguments.output.write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
