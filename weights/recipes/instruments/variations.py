"""Vary solos in pitch and colour, so that a net cannot learn recordings by heart."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from mfccclf import Dataset, load_waveform
from mfccclf.variation.equaliser import EQUALISER_HZ, equalise

__all__ = ["SAMPLE_RATE", "write_variations"]

SAMPLE_RATE = 22050
_READ_RATE = 44100
_SEMITONES = 4.0
_GAIN_DB = 6.0

Wave = NDArray[np.float64]


def write_variations(clips: Dataset, folder: Path, *, per_clip: int, seed: int) -> Path:
    """Write every clip unchanged and varied, with a table; return the table's path.

    The group of a file is the clip that it comes from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, (path, label) in enumerate(zip(clips.paths, clips.labels, strict=True)):
        wave = load_waveform(path, sample_rate=_READ_RATE).astype(np.float64)
        for version in range(per_clip):
            rng = np.random.default_rng([seed, number, version])
            varied = _vary(wave, rng) if version else wave
            name = f"{number:03d}-{version}.wav"
            _write(folder / name, varied)
            rows.append([name, label, Path(path).stem])
    table = folder / "clips.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([["path", "label", "group"], *rows])
    return table


def _vary(wave: Wave, rng: np.random.Generator) -> Wave:
    """Move a solo by up to four semitones, through a random equaliser."""
    speed = 2 ** (rng.uniform(-_SEMITONES, _SEMITONES) / 12)
    played = soxr.resample(wave, _READ_RATE * speed, _READ_RATE)
    gains_db = rng.uniform(-_GAIN_DB, _GAIN_DB, len(EQUALISER_HZ))
    return equalise(played, _READ_RATE, gains_db.tolist())


def _write(path: Path, wave: Wave) -> None:
    small = soxr.resample(wave, _READ_RATE, SAMPLE_RATE)
    peak = np.abs(small).max()
    soundfile.write(path, small * min(1, 0.99 / peak), SAMPLE_RATE, subtype="PCM_16")
