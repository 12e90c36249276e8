"""Time feature extraction against librosa's four calls, in one run, on one thread.

    python benchmarks/features.py

Files are made up and decoding is part of the time. Ratios travel between machines;
milliseconds do not.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import librosa
import numpy as np
import soundfile
from threadpoolctl import threadpool_limits

from mfccclf.features import FeatureParameters, extract_file

RUNS = 25
FILES = (
    ("3.1 s, 48 kHz stereo", 3.1, 48000, 2),
    ("30 s, 22 kHz mono", 30.0, 22050, 1),
    ("30 s, 48 kHz stereo", 30.0, 48000, 2),
)
ALL = FeatureParameters(features=33)
MFCC = FeatureParameters(features=["mfcc"])


def four_calls(path: Path) -> np.ndarray:
    """Extract 33 columns as most code with librosa does."""
    y, rate = librosa.load(path)
    blocks = [
        librosa.feature.mfcc(y=y, sr=rate, n_mfcc=13),
        librosa.feature.spectral_centroid(y=y, sr=rate),
        librosa.feature.chroma_stft(y=y, sr=rate),
        librosa.feature.spectral_contrast(y=y, sr=rate),
    ]
    return np.concatenate(blocks).T[:128]


def mfcc_call(path: Path) -> np.ndarray:
    """Extract MFCC alone with librosa."""
    y, rate = librosa.load(path)
    return librosa.feature.mfcc(y=y, sr=rate, n_mfcc=13).T[:128]


def write_clip(path: Path, seconds: float, sample_rate: int, n_channels: int) -> None:
    """Write something like speech: a voiced tone with pauses, and some noise."""
    rng = np.random.default_rng(0)
    time_s = np.arange(int(seconds * sample_rate)) / sample_rate
    pitch = 2 * np.pi * (140 * time_s + 3 * np.sin(2 * np.pi * time_s))
    voice = sum(np.sin(k * pitch) / k for k in range(1, 20))
    voice *= 0.1 * np.maximum(np.sin(2 * np.pi * 1.5 * time_s), 0)
    noise = 0.003 * rng.standard_normal((len(time_s), n_channels))
    soundfile.write(path, voice[:, np.newaxis] + noise, sample_rate)


def medians_ms(path: Path, ways: list[Callable[[Path], object]]) -> list[float]:
    """Return each way's median time in ms, the ways taking turns."""
    times: list[list[float]] = [[] for _ in ways]
    for run in range(RUNS + 1):
        for way, series in zip(ways, times, strict=True):
            start = time.perf_counter()
            way(path)
            if run > 0:  # the first run fills caches, and compiles librosa's kernels
                series.append(1000 * (time.perf_counter() - start))
    return [statistics.median(series) for series in times]


def main() -> None:
    """Print one line per made-up file."""
    ways = [
        four_calls,
        lambda path: extract_file(path, ALL),
        mfcc_call,
        lambda path: extract_file(path, MFCC),
    ]
    print(
        "median ms            |   librosa  mfccclf  ratio | MFCC librosa  ours  ratio"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, *shape in FILES:
            path = Path(folder) / "clip.wav"
            write_clip(path, *shape)
            four, ours, mfcc, ours_mfcc = medians_ms(path, ways)
            print(
                f"{name:20s} | {four:9.2f} {ours:8.2f} {four / ours:5.2f}x | "
                f"{mfcc:12.2f} {ours_mfcc:5.2f} {mfcc / ours_mfcc:5.2f}x"
            )


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
