"""Other words and names, noises and tones, to learn when to name nobody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mfccclf.synthesis import swelling_noise
from mfccclf.synthesis.speech import SPEECH_RATE, Rendering, look_up
from weights.recipes.names.augment import Waveform, change_voice_and_room, place
from weights.recipes.names.render import load_or_render
from weights.recipes.names.words import OTHER_NAMES, OTHER_WORDS

__all__ = ["load_or_render_others", "make_others"]

_TAKES = {"espeak-ng": 5, "accents": 4, "flite": 1, "festival": 1}
_SHARES = (0.6, 0.15, 0.25)  # words, noises, tones
_DURATION_S = (0.3, 2.0)
_LOWEST_HZ, _OCTAVES = 60.0, 4.5


def load_or_render_others(path: Path | None, seed: int) -> list[Rendering]:
    """Read or render words and names that are none of the five, about 3,800 clips."""
    words = {**OTHER_WORDS, **look_up(OTHER_NAMES.split())}
    return load_or_render(path, seed, words=words, takes=_TAKES)


def make_others(
    renderings: Sequence[Rendering], count: int, rng: Generator
) -> list[Waveform]:
    """Make clips that hold no name, varied and placed like the names."""
    clips = []
    for kind in rng.choice(len(_SHARES), count, p=_SHARES):
        if kind == 0:
            word = renderings[int(rng.integers(len(renderings)))].waveform
            sound = change_voice_and_room(word, rng)
        elif kind == 1:
            sound = _as_sound(swelling_noise(_duration(rng), rng))
        else:
            sound = _tones(rng)
        clips.append(place(sound, rng))
    return clips


def _duration(rng: Generator) -> int:
    return int(rng.uniform(*_DURATION_S) * SPEECH_RATE)


def _tones(rng: Generator) -> Waveform:
    """Draw one to four notes of harmonics that decay, together or in turn."""
    n_samples = _duration(rng)
    sound = np.zeros(n_samples)
    for _ in range(int(rng.integers(1, 5))):
        start = (
            int(rng.integers(0, max(1, n_samples // 2))) if rng.random() < 0.6 else 0
        )
        sound[start:] += _note(n_samples - start, rng)
    return _as_sound(sound)


def _note(n_samples: int, rng: Generator) -> NDArray[np.float64]:
    seconds = np.arange(n_samples) / SPEECH_RATE
    hertz = _LOWEST_HZ * 2 ** rng.uniform(0, _OCTAVES)
    vibrato = rng.uniform(0, 0.01) * np.sin(2 * np.pi * rng.uniform(4, 7) * seconds)
    phase = 2 * np.pi * np.cumsum(hertz * (1 + vibrato)) / SPEECH_RATE
    brightness = rng.uniform(0.3, 2.5)
    n_harmonics = int(min(30, 0.45 * SPEECH_RATE / hertz))
    note = np.zeros(n_samples)
    for harmonic in range(1, n_harmonics + 1):
        strength = rng.uniform(0.2, 1) * harmonic**-brightness
        note += strength * np.sin(harmonic * phase + rng.uniform(0, 2 * np.pi))
    attack = np.minimum(1, seconds / rng.uniform(0.003, 0.15))
    return np.asarray(note * attack * np.exp(-seconds * rng.uniform(0, 5)))


def _as_sound(sound: NDArray[np.float64]) -> Waveform:
    return np.asarray(sound / (np.abs(sound).max() + 1e-9), np.float32)
