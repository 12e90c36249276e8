"""Tones of all kinds, at 16 kHz, each of a number of samples."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mfccclf.synthesis.speech import SPEECH_RATE

__all__ = ["chord", "hum", "note", "pure_tone", "sharp_tone", "sweep", "warble"]

Sound = NDArray[np.float64]

_LOWEST_HZ, _HIGHEST_HZ = 50.0, 5000.0
_LOWEST_NOTE_HZ, _OCTAVES = 60.0, 4.5


def pure_tone(n_samples: int, rng: Generator) -> Sound:
    """Draw a sine, as often as not with a trembling level."""
    tone = np.sin(_phase(np.full(n_samples, _hertz(rng)), rng))
    return _fade(tone * _tremble(n_samples, rng), rng)


def sharp_tone(n_samples: int, rng: Generator) -> Sound:
    """Draw a square wave, a pulse wave, a saw or a triangle."""
    turns = _phase(np.full(n_samples, _hertz(rng)), rng) / (2 * np.pi)
    return _fade(_shape(turns, rng) * _tremble(n_samples, rng), rng)


def sweep(n_samples: int, rng: Generator) -> Sound:
    """Draw a tone of any shape that glides to another pitch, or there and back."""
    ends = np.log([_hertz(rng), _hertz(rng)])
    way = np.linspace(0, 1, n_samples) ** rng.uniform(0.5, 2)
    if rng.random() < 0.3:
        way = 1 - np.abs(2 * way - 1)
    hertz = np.exp(ends[0] + (ends[1] - ends[0]) * way)
    if rng.random() < 0.5:
        first, last = np.exp(ends)
        hertz = np.linspace(first, last, n_samples)
    phase = _phase(hertz, rng)
    is_pure = rng.random() < 0.6
    return _fade(np.sin(phase) if is_pure else _shape(phase / (2 * np.pi), rng), rng)


def warble(n_samples: int, rng: Generator) -> Sound:
    """Draw a tone whose pitch goes up and down, like a siren or a bird."""
    seconds = np.arange(n_samples) / SPEECH_RATE
    swing = rng.uniform(0.02, 0.7) * np.sin(2 * np.pi * rng.uniform(0.7, 25) * seconds)
    phase = _phase(_hertz(rng) * np.exp(swing), rng)
    is_pure = rng.random() < 0.6
    return _fade(np.sin(phase) if is_pure else _shape(phase / (2 * np.pi), rng), rng)


def hum(n_samples: int, rng: Generator) -> Sound:
    """Draw mains hum with overtones and, as often as not, a constant offset."""
    turns = rng.choice([50, 60]) * np.arange(n_samples) / SPEECH_RATE
    sound = np.full(n_samples, rng.uniform(-2, 2) * rng.integers(2))
    for overtone in range(1, int(rng.integers(2, 9))):
        phase = rng.uniform(0, 2 * np.pi)
        sound += rng.random() * np.sin(2 * np.pi * overtone * turns + phase) / overtone
    return sound + rng.uniform(0, 0.05) * rng.standard_normal(n_samples)


def chord(n_samples: int, rng: Generator) -> Sound:
    """Draw one to four notes of harmonics that decay, together or in turn."""
    sound = np.zeros(n_samples)
    for _ in range(int(rng.integers(1, 5))):
        start = (
            int(rng.integers(0, max(1, n_samples // 2))) if rng.random() < 0.6 else 0
        )
        sound[start:] += note(n_samples - start, rng)
    return sound


def note(n_samples: int, rng: Generator) -> Sound:
    """Draw one note of harmonics that decays."""
    seconds = np.arange(n_samples) / SPEECH_RATE
    hertz = _LOWEST_NOTE_HZ * 2 ** rng.uniform(0, _OCTAVES)
    vibrato = rng.uniform(0, 0.01) * np.sin(2 * np.pi * rng.uniform(4, 7) * seconds)
    phase = 2 * np.pi * np.cumsum(hertz * (1 + vibrato)) / SPEECH_RATE
    brightness = rng.uniform(0.3, 2.5)
    n_harmonics = int(min(30, 0.45 * SPEECH_RATE / hertz))
    sound = np.zeros(n_samples)
    for harmonic in range(1, n_harmonics + 1):
        strength = rng.uniform(0.2, 1) * harmonic**-brightness
        sound += strength * np.sin(harmonic * phase + rng.uniform(0, 2 * np.pi))
    attack = np.minimum(1, seconds / rng.uniform(0.003, 0.15))
    return np.asarray(sound * attack * np.exp(-seconds * rng.uniform(0, 5)))


def _hertz(rng: Generator) -> float:
    return float(np.exp(rng.uniform(np.log(_LOWEST_HZ), np.log(_HIGHEST_HZ))))


def _phase(hertz: Sound, rng: Generator) -> Sound:
    turns = np.cumsum(hertz) / SPEECH_RATE
    return np.asarray(2 * np.pi * (turns + rng.random()))


def _shape(turns: Sound, rng: Generator) -> Sound:
    """Return a pulse of any width, a saw or a triangle."""
    place = turns % 1
    kind = rng.random()
    if kind < 0.5:
        width = 0.5 if rng.random() < 0.5 else rng.uniform(0.05, 0.5)
        return np.where(place < width, 1.0, -1.0)
    return 2 * place - 1 if kind < 0.75 else 4 * np.abs(place - 0.5) - 1


def _tremble(n_samples: int, rng: Generator) -> Sound:
    if rng.random() < 0.5:
        return np.ones(n_samples)
    seconds = np.arange(n_samples) / SPEECH_RATE
    beat = np.sin(2 * np.pi * rng.uniform(1, 30) * seconds)
    return np.asarray(1 + rng.uniform(0, 1) * beat)


def _fade(sound: Sound, rng: Generator) -> Sound:
    """Fade in and out, in no time or slowly."""
    length = min(len(sound) // 2, int(rng.uniform(0, 0.1) * SPEECH_RATE))
    if length:
        ramp = np.arange(length) / length
        sound[:length] *= ramp
        sound[-length:] *= ramp[::-1]
    return sound
