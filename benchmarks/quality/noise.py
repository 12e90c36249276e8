"""Synthetic noise: white noise, pink noise and mains hum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["NOISES", "RATE", "make_noises"]

NOISES = ("white noise", "pink noise", "hum")
RATE = 16000
_N_CLIPS = 50

Wave = NDArray[np.float32]


def make_noises(name: str) -> list[Wave]:
    """Return clips of one second of one of the ``NOISES``, from loud to faint."""
    rng = np.random.default_rng(NOISES.index(name))
    make = {"white noise": _white, "pink noise": _pink, "hum": _hum}[name]
    levels = 10 ** rng.uniform(-3, -0.5, _N_CLIPS)
    waves = [make(rng) for _ in levels]
    return [
        (level * wave / np.abs(wave).max()).astype(np.float32)
        for level, wave in zip(levels, waves, strict=True)
    ]


def _white(rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.standard_normal(RATE)


def _pink(rng: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(RATE))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    return np.fft.irfft(spectrum)


def _hum(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return 50 or 60 Hz with overtones, and white noise 40 dB below."""
    time = np.arange(RATE) / RATE
    mains = rng.choice([50.0, 60.0])
    wave = 0.01 * rng.standard_normal(RATE)
    for order in range(1, 6):
        phase = rng.uniform(0, 2 * np.pi)
        wave += np.sin(2 * np.pi * mains * order * time + phase) / order
    return wave
