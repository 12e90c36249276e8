"""Synthetic clips that resemble speech and music."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

__all__ = ["write_music", "write_speech"]


def write_speech(path: Path, seconds: float, sample_rate: int, n_channels: int) -> None:
    """Write a voiced tone with pauses, and some noise."""
    time_s = np.arange(int(seconds * sample_rate)) / sample_rate
    pitch = 2 * np.pi * (140 * time_s + 3 * np.sin(2 * np.pi * time_s))
    voice = sum(np.sin(k * pitch) / k for k in range(1, 20))
    voice *= 0.1 * np.maximum(np.sin(2 * np.pi * 1.5 * time_s), 0)
    _write(path, voice, sample_rate, n_channels)


def write_music(path: Path, seconds: float, sample_rate: int, n_channels: int) -> None:
    """Write chords of decaying notes with overtones, two a second."""
    rng = np.random.default_rng(1)
    time_s = np.arange(int(seconds * sample_rate)) / sample_rate
    since_s = time_s % 0.5
    beat = (time_s / 0.5).astype(int)
    wave = np.zeros(len(time_s))
    for _ in range(3):
        pitch = 110 * 2 ** (rng.integers(0, 36, beat.max() + 1) / 12)
        for overtone in range(1, 6):
            angle = 2 * np.pi * overtone * pitch[beat] * since_s
            wave += 0.05 / overtone * np.sin(angle)
    _write(path, wave * np.exp(-4 * since_s), sample_rate, n_channels)


def _write(
    path: Path, wave: NDArray[np.float64], sample_rate: int, n_channels: int
) -> None:
    noise = np.random.default_rng(0).standard_normal((len(wave), n_channels))
    soundfile.write(path, wave[:, np.newaxis] + 0.003 * noise, sample_rate)
