"""Small data and searches that the tests of searching share."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 8000


def make_clips(n_per_label: int = 6) -> tuple[list[NDArray[np.float32]], list[str]]:
    """Return short waveforms, low and high, with their labels."""
    rng = np.random.default_rng(0)
    moments = np.arange(RATE // 4) / RATE
    clips, labels = [], []
    for label, frequency in (("low", 300.0), ("high", 1200.0)):
        for _ in range(n_per_label):
            tone = np.sin(2 * np.pi * frequency * rng.uniform(0.9, 1.1) * moments)
            tone = 0.3 * tone + 0.05 * rng.standard_normal(len(moments))
            clips.append(tone.astype(np.float32))
            labels.append(label)
    return clips, labels


def write_data(folder: Path, *, splits: bool = False) -> Path:
    """Write clips of three speakers, and the CSV file that lists them."""
    folder.mkdir()
    clips, labels = make_clips()
    table = folder / "clips.csv"
    with open(table, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label", "group"] + ["split"] * splits)
        for number, (clip, label) in enumerate(zip(clips, labels, strict=True)):
            name = f"{label}_{number}.wav"
            soundfile.write(folder / name, clip, RATE)
            part = ("train", "train", "validation", "test")[number % 4]
            writer.writerow([name, label, f"speaker{number % 3}"] + [part] * splits)
    return table


def without_times(records: list[dict]) -> list[dict]:
    """Return rows of results without what no two runs share."""
    return [{k: v for k, v in row.items() if "time" not in k} for row in records]


def wait_for_lines(path: Path, count: int, *, timeout_s: float = 240.0) -> None:
    """Wait until a file has some lines."""
    end = time.monotonic() + timeout_s
    while not path.exists() or path.read_bytes().count(b"\n") < count:
        assert time.monotonic() < end, f"{path} never had {count} lines"
        time.sleep(0.02)
