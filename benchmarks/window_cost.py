"""Tell what a window of a long recording costs, and what its neighbours could share.

    python benchmarks/window_cost.py [--preset NAME] [--window S] [--hop S]
                                     [--repeats N]

The hop is rounded to whole frames, so that neighbours share frames. Windows of noise
under tones are predicted together and apart; then each step of that is done alone, for
all windows. Prints processor time per window in ms, medians of several runs in turn,
and its ratio to that of windows apart.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.long_recording import make_model
from mfccclf import keep_freed_memory
from mfccclf.features.blocks import BLOCKS
from mfccclf.features.extraction import FeatureExtraction
from mfccclf.features.spectrum import Spectrum, short_time_spectrum
from mfccclf.prediction.model_file import ModelFile
from mfccclf.prediction.scoring import Scorer

N_WINDOWS = 24


def make_windows(parameters: Any, window: float, hop: float) -> list[np.ndarray]:
    """Return overlapping windows of one stretch, as views, whole frames apart."""
    step = round(hop * parameters.sample_rate / parameters.hop_length)
    step *= parameters.hop_length
    n_samples = round(window * parameters.sample_rate)
    rng = np.random.default_rng(0)
    n_all = n_samples + (N_WINDOWS - 1) * step
    pitch = np.repeat(110 * 2 ** (rng.integers(0, 36, n_all // 8000 + 1) / 12), 8000)
    tones = np.sin(2 * np.pi * np.cumsum(pitch[:n_all]) / parameters.sample_rate)
    sound = 0.3 * tones + 0.02 * rng.standard_normal(n_all)
    stretch = sound.astype(np.float32)
    return [stretch[i * step :][:n_samples] for i in range(N_WINDOWS)]


class Steps:
    """The steps of a prediction, for windows apart and for their whole stretch."""

    def __init__(self, scorer: Scorer, window: float, hop: float) -> None:
        assert isinstance(scorer.extraction, FeatureExtraction)
        self._parameters = scorer.extraction.parameters
        self._scorer = scorer
        self._windows = make_windows(self._parameters, window, hop)

    def by_name(self) -> dict[str, Callable[[], object]]:
        """Return each step as a call that does it for all windows."""
        spectra = [self._spectrum(window) for window in self._windows]
        steps: dict[str, Callable[[], object]] = {
            "together": lambda: self._scorer.judge(self._windows),
            "apart": lambda: [self._scorer.judge([one]) for one in self._windows],
            "features apart": lambda: [self._sequence(one) for one in self._windows],
            "spectra": self._make_spectra,
        }
        for name in self._parameters.blocks:
            steps[name] = partial(self._make_columns, name, spectra)
        return steps

    def _spectrum(self, waveform: Any) -> Spectrum:
        return short_time_spectrum(
            [waveform],
            self._parameters,
            n_kept=self._parameters.n_frames,
            whole_clip=True,
            with_magnitude=True,
        )

    def _sequence(self, waveform: Any) -> object:
        return self._scorer.extraction.compute_each([waveform])

    def _make_spectra(self) -> None:
        for window in self._windows:
            self._spectrum(window)  # freed at once, as in a prediction

    def _make_columns(self, name: str, spectra: list[Spectrum]) -> None:
        for spectrum in spectra:
            fresh = replace(spectrum)  # remembers nothing
            BLOCKS[name].compute(fresh, self._parameters)


def measure(steps: Steps, repeats: int) -> dict[str, float]:
    """Return the processor time of each step per window, in ms."""
    calls = steps.by_name()
    runs: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats + 1):
        for name, call in calls.items():
            started = time.process_time()
            call()
            runs[name].append(1e3 * (time.process_time() - started) / N_WINDOWS)
    return {name: statistics.median(some[1:]) for name, some in runs.items()}


def main() -> None:
    """Print the cost of each step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="names-lstm")
    parser.add_argument("--window", type=float, default=3.0)
    parser.add_argument("--hop", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    keep_freed_memory()
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "model.mfccclf")
        make_model(model, arguments.preset)
        scorer = Scorer(ModelFile(model))
    found = measure(Steps(scorer, arguments.window, arguments.hop), arguments.repeats)
    for name, milliseconds in found.items():
        print(f"{name:18} {milliseconds:6.2f} ms {milliseconds / found['apart']:6.1%}")


if __name__ == "__main__":
    main()
