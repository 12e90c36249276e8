"""Rows about large data: a long recording, many clips, a grid search."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.speed.measuring import Ratio, Work
from benchmarks.speed.rows import Options, Row, at_least, at_most

CLIPS = (1_000, 10_000, 50_000)
SEQUENCES = (500, 5_000, 50_000)


def one_epoch(n_clips: int) -> Callable[[], Any]:
    """Train a small net for one epoch."""
    import numpy as np

    from mfccclf import LSTMClassifier

    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_clips, 20, 14), np.float32)
    y = rng.integers(0, 5, n_clips)
    classifier = LSTMClassifier(
        hidden_sizes=(16,), batch_size=64, max_epochs=1, random_state=0, device="cpu"
    )
    return lambda: classifier.fit(X, y)


def measure_hours(options: Options) -> dict[str, Any]:
    """Predict a recording of two hours: as it is, with two threads, and whole frames.

    The same recording is predicted in each way; its windows share work in the third.
    """
    ways: dict[str, Any] = {}
    claims = []
    for name, jobs, whole_frames, goal in (
        ("", 1, False, None),
        (", two threads", 2, False, 300),
        (", two threads, hop of whole frames", 2, True, 300),
    ):
        figures = _predict_hours(jobs=jobs, whole_frames=whole_frames)
        ways |= {
            f"{figures[length]['windows']:,} windows{name}": {
                "wall_s": figures[length]["seconds"],
                "cpu_s": figures[length]["cpu_seconds"],
                "peak_mb": figures[length]["peak_mb"],
            }
            for length in ("short", "long")
        }
        real_time = Ratio(
            figures["times_real_time_seconds"], figures["times_real_time_cpu_seconds"]
        )
        claims.append(at_least(f"times real time{name}", real_time, goal))
        memory = figures["memory_ratio"]
        claims.append(at_most(f"times the memory of two minutes{name}", memory, 1.2))
    return {"ways": ways, "claims": claims}


def _predict_hours(*, jobs: int, whole_frames: bool) -> dict[str, Any]:
    from benchmarks import long_recording

    settings = argparse.Namespace(
        minutes=120,
        preset="names-lstm",
        model=None,
        rate=44100,
        channels=2,
        jobs=jobs,
        whole_frames=whole_frames,
        level_step=None,
    )
    return long_recording.measure(settings)


def measure_growth(options: Options) -> dict[str, Any]:
    """Measure whether time grows in proportion to the data, and memory stays."""
    extracted = {n: _extract(options.folder, n) for n in CLIPS}
    fitted = {n: _fit(n) for n in SEQUENCES}
    claims = [
        at_most(
            "`extract`: a further clip, of the largest against fewer",
            _growth({n: run["wall_s"] for n, run in extracted.items()}),
            1.1,
        ),
        at_most(
            "`extract`: memory of 50,000 against 1,000",
            extracted[CLIPS[-1]]["peak_mb"] / extracted[CLIPS[0]]["peak_mb"],
            1.2,
        ),
        at_most(
            "`fit`: a further sequence, of the largest against fewer",
            _growth({n: run["wall_s"] for n, run in fitted.items()}),
            1.1,
        ),
    ]
    ways = {f"extract, {n:,} clips": run for n, run in extracted.items()}
    ways |= {f"fit, {n:,} sequences": run for n, run in fitted.items()}
    return {"ways": ways, "claims": claims}


def measure_search(options: Options) -> dict[str, Any]:
    """Search a grid with features extracted once, and with features per fit."""
    if options.digits is None:
        return {"missing": "--digits FOLDER"}
    from benchmarks import search

    return search_row(search.measure(str(options.digits), 1, 10, dask=True))


def search_row(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of ``benchmarks/search.py`` as a row."""
    epochs, more = figures["epochs"], figures["long_epochs"]
    claims = [
        at_least(
            f"times as fast as features per fit, {epochs} epoch",
            figures["speed_up"],
            10,
        ),
        at_least(
            f"times as fast with two jobs, {more} epochs",
            figures["speed_up_by_two_jobs"],
            1.7,
        ),
        at_most(
            "times two jobs' time with two workers of Dask",
            figures["dask_to_two_jobs"],
            1.15,
        ),
    ]
    seconds = {key: figures[key] for key in figures if key.endswith("_s")}
    ways = {name: {"wall_s": value} for name, value in seconds.items()}
    return {"ways": ways, "claims": claims}


def _extract(folder: Path, n_clips: int) -> dict[str, Any]:
    from benchmarks import extract_memory

    data = folder / f"{n_clips} clips"
    extract_memory.write_clips(data, n_clips)
    run = extract_memory.run_extract(data, folder / "features.mfccdata")
    return {"wall_s": run["seconds"], "peak_mb": run["peak_mb"]}


def _fit(n_clips: int) -> dict[str, float]:
    runner = Work(f"{__name__}:one_epoch", {"n_clips": n_clips}).open()
    runner.run()
    sample = runner.run()
    runner.close()
    return sample.to_dict()


def _growth(seconds: dict[int, float]) -> float:
    """Return the cost of one more item among many, relative to one among few."""
    (few, a), (more, b), (most, c) = seconds.items()
    return ((c - b) / (most - more)) / ((b - a) / (more - few))


ROWS = [
    Row(
        "hours", "`predict` of 2 h stereo, windows of 3 s, one a second", measure_hours
    ),
    Row("search", "grid search, 12 configurations on 5 folds of 600", measure_search),
    Row(
        "growth",
        "`extract` of 1,000 to 50,000 clips, `fit` of 500 to 50,000",
        measure_growth,
    ),
]
