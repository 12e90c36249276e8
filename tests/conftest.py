"""Made-up audio that the tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

Tone = Callable[..., NDArray[np.float32]]


@pytest.fixture
def tone() -> Tone:
    """A function that makes a sine of some seconds, as a waveform."""

    def make(
        seconds: float = 1.0,
        frequency: float = 440.0,
        sample_rate: int = 22050,
        amplitude: float = 0.5,
    ) -> NDArray[np.float32]:
        time = np.arange(round(seconds * sample_rate)) / sample_rate
        wave = amplitude * np.sin(2 * np.pi * frequency * time)
        return wave.astype(np.float32)

    return make


@pytest.fixture
def noise() -> Tone:
    """A function that makes white noise of some seconds, as a waveform."""

    def make(
        seconds: float = 1.0,
        sample_rate: int = 22050,
        amplitude: float = 0.1,
        seed: int = 0,
    ) -> NDArray[np.float32]:
        rng = np.random.default_rng(seed)
        wave = amplitude * rng.standard_normal(round(seconds * sample_rate))
        return wave.astype(np.float32)

    return make


@pytest.fixture
def tone_file(tmp_path: Path, tone: Tone) -> Callable[..., Path]:
    """A function that writes a sine into a sound file and returns its path."""

    def write(name: str = "tone.wav", *, sample_rate: int = 22050, **kwargs) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tone(sample_rate=sample_rate, **kwargs), sample_rate)
        return path

    return write
