"""Tell how fast a long recording could be predicted from pre-trained nets, at most.

    python benchmarks/embedding_floor.py [--seconds S] [--repeats N]

The floor is ONNX Runtime alone on the least number of vectors: the bands of the whole
sound, each frame once. Beside it stand windows of 3 s, one every 1.04 s, computed
apart, with what they share, and with levels in steps of 6 dB. Prints processor time of
one thread per second of sound, medians of several runs in turn, and times real time.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))

from mfccclf.features.embeddings.extraction import EmbeddingExtraction, shipped_graphs
from mfccclf.features.embeddings.nets import NETS, SAMPLE_RATE
from mfccclf.features.embeddings.parameters import EmbeddingParameters
from mfccclf.features.embeddings.session import run_graph

WINDOW, HOP = 3 * SAMPLE_RATE, 16640


def make_sound(seconds: float) -> np.ndarray:
    """Return noise under tones that change each half second."""
    rng = np.random.default_rng(0)
    n_samples = round(seconds * SAMPLE_RATE)
    pitch = 110 * 2 ** (rng.integers(0, 36, n_samples // 8000 + 1) / 12)
    turns = np.cumsum(np.repeat(pitch, 8000)[:n_samples]) / SAMPLE_RATE
    noise = 0.02 * rng.standard_normal(n_samples)
    return (0.3 * np.sin(2 * np.pi * turns) + noise).astype(np.float32)


def make_extraction(name: str) -> EmbeddingExtraction:
    """Return the computation of one net's vectors."""
    parameters = EmbeddingParameters(nets=(name,)).validate()
    return EmbeddingExtraction(parameters, shipped_graphs(parameters))


def make_calls(sound: np.ndarray) -> dict[str, Callable[[], object]]:
    """Return each way of computing vectors as a call that does it for all sound."""
    windows = [sound[at:][:WINDOW] for at in range(0, len(sound) - WINDOW + 1, HOP)]
    calls: dict[str, Callable[[], object]] = {}
    for name, net in NETS.items():
        extraction = make_extraction(name)
        bands = net.to_bands([sound])
        run = partial(run_graph, extraction.graphs[name], bands, net.reach)
        calls[f"{name}: the net alone"] = run
        calls[f"{name}: windows apart"] = partial(_apart, extraction, windows)
        stepped = extraction.with_level_step(6.0)
        if stepped is not None:
            together = partial(extraction.compute_each, windows)
            calls[f"{name}: windows together"] = together
            calls[f"{name}: in steps of 6 dB"] = partial(stepped.compute_each, windows)
    return calls


def _apart(extraction: EmbeddingExtraction, windows: list[np.ndarray]) -> None:
    for window in windows:
        extraction.compute_each([window])


def main() -> None:
    """Print the cost of each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    calls = make_calls(make_sound(options.seconds))
    runs: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(options.repeats + 1):
        for name, call in calls.items():
            started = time.process_time()
            call()
            runs[name].append((time.process_time() - started) / options.seconds)
    for name, found in runs.items():
        cost = statistics.median(found[1:])
        print(f"{name:24} {1e3 * cost:6.2f} ms/s {1 / cost:6.0f} times real time")


if __name__ == "__main__":
    main()
