"""How threads share one `Predictor`: clips per second, and processor time per clip.

    python benchmarks/threads.py --rounds 5
    python benchmarks/threads.py --py-spy bin/py-spy    # pip install py-spy

One thread, two, eight, and two processes take turns at the same short clips. On a
machine that is busy with other work, two processes show what two threads could reach at
most, and processor time per clip shows what threads cost each other. With py-spy, a
profile of one thread tells the share of its time that it holds Python's lock (GIL): the
part that two threads cannot do at the same time, however busy the machine is.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile

from mfccclf import Predictor
from mfccclf.storage.held_clip import HeldClip

RESULT = Path(__file__).parent / "results" / "threads.json"
RATES = (8000, 16000, 44100, 48000)
SECONDS = 0.5


def make_clips(n_clips: int) -> list[HeldClip]:
    """Return bursts of noise at some rates, as WAV files in memory."""
    rng = np.random.default_rng(0)
    clips = []
    for index in range(n_clips):
        rate = RATES[index % len(RATES)]
        n_samples = round(SECONDS * rate)
        noise = 0.3 * rng.standard_normal(n_samples) * np.hanning(n_samples)
        file = io.BytesIO()
        soundfile.write(file, noise, rate, format="WAV")
        clips.append(HeldClip(f"{index}.wav", file.getvalue()))
    return clips


def predict_all(predictor: Predictor, clips: list[HeldClip]) -> None:
    """Predict clip after clip."""
    for clip in clips:
        predictor.predict_file(clip)


def time_workers(
    n_workers: int, worker: Callable[..., object], predictor: Predictor, n_clips: int
) -> dict[str, float]:
    """Return clips per second and processor time per clip of some workers."""
    clips = make_clips(n_clips // n_workers)
    workers: list[threading.Thread] = [
        worker(target=predict_all, args=(predictor, clips))  # type: ignore[misc]
        for _ in range(n_workers)
    ]
    wall, processor = time.perf_counter(), sum(os.times()[:4])
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    done = len(clips) * n_workers
    return {
        "clips_per_s": done / (time.perf_counter() - wall),
        "processor_ms": 1000 * (sum(os.times()[:4]) - processor) / done,
    }


def locked_share(py_spy: str, options: Any) -> float:
    """Return the share of one thread's time that it holds Python's lock."""
    work = [sys.executable, __file__, "--model", options.model, "--only-work"]
    samples = []
    for flags in ([], ["--gil"]):
        with tempfile.NamedTemporaryFile() as file:
            command = [py_spy, "record", *flags, "-r", "200", "-f", "raw"]
            command += ["-o", file.name, "--", *work, "--clips", str(options.clips)]
            subprocess.run(command, check=True, capture_output=True)
            lines = Path(file.name).read_text().splitlines()
        rows = [line for line in lines if f"{predict_all.__name__} (" in line]
        samples.append(sum(int(row.rpartition(" ")[2]) for row in rows))
    return samples[1] / samples[0]


def main() -> None:
    """Let all ways take turns, print and keep the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clips", type=int, default=480)
    parser.add_argument("--model", default="names")
    parser.add_argument("--output", type=Path, default=RESULT)
    parser.add_argument("--py-spy", help="py-spy, to measure how long the GIL is held")
    parser.add_argument("--only-work", action="store_true", help="for py-spy")
    options = parser.parse_args()
    predictor = Predictor(options.model)
    if options.only_work:
        predict_all(predictor, make_clips(options.clips))
        return
    found = compare(predictor, options)
    if options.py_spy:
        found["share_of_time_with_the_gil"] = locked_share(options.py_spy, options)
    text = json.dumps(found, indent=2)
    print(text)
    options.output.write_text(text + "\n", encoding="utf-8")


def compare(predictor: Predictor, options: Any) -> dict[str, Any]:
    """Return the medians of all ways, which take turns."""
    predict_all(predictor, make_clips(16))
    fork = multiprocessing.get_context("fork").Process
    ways = {
        "1 thread": partial(time_workers, 1, threading.Thread),
        "2 threads": partial(time_workers, 2, threading.Thread),
        "8 threads": partial(time_workers, 8, threading.Thread),
        "2 processes": partial(time_workers, 2, fork),
    }
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            runs[name].append(way(predictor, options.clips))
    base = [run["clips_per_s"] for run in runs["1 thread"]]
    found = {
        name: {
            "clips_per_s": median(run["clips_per_s"] for run in made),
            "processor_ms": median(run["processor_ms"] for run in made),
            "times_one_thread": median(
                run["clips_per_s"] / one for run, one in zip(made, base, strict=True)
            ),
        }
        for name, made in runs.items()
    }
    load = {"load_average": os.getloadavg()[0], "processors": os.cpu_count()}
    return {"model": Path(options.model).stem, **load, "ways": found}


if __name__ == "__main__":
    main()
