"""Sounds that hold no word, from which a model of words learns to say nothing.

Some are made from nothing: clicks, bursts, sweeps, tones. Others are made of voices:
many at once, or one backwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mfccclf.synthesis import coloured_noise, swelling_noise
from mfccclf.synthesis.speech import SPEECH_RATE
from weights.recipes.made_tones import (
    chord,
    hum,
    note,
    pure_tone,
    sharp_tone,
    sweep,
    warble,
)

__all__ = ["HELD_OUT", "SOUNDS", "VOICES", "make_sound", "make_voices"]

Sound = NDArray[np.float64]
Waveform = NDArray[np.float32]

# Kinds that an evaluation does not let the net learn.
HELD_OUT = ("sharp tones", "clicks", "warbles", "babble")
_DURATION_S = (0.15, 2.0)
_CLICK_S, _BURST_S = (0.0003, 0.012), (0.02, 0.5)


def make_sound(kind: str, rng: Generator) -> Waveform:
    """Make a sound of one of the `SOUNDS`, at 16 kHz, with a peak of 1."""
    n_samples = int(rng.uniform(*_DURATION_S) * SPEECH_RATE)
    return _full_scale(SOUNDS[kind](n_samples, rng))


def make_voices(kind: str, spoken: Sequence[Waveform], rng: Generator) -> Waveform:
    """Make a sound of one of the `VOICES` of what was spoken, with a peak of 1."""
    return _full_scale(VOICES[kind](spoken, rng))


def _clicks(n_samples: int, rng: Generator) -> Sound:
    """One click, some here and there, or a row of them like a clock's."""
    count = int(rng.integers(1, 16))
    starts = rng.uniform(0, 1, count)
    if rng.random() < 0.4:
        starts = (np.arange(count) + rng.random()) / count
    return _events(n_samples, starts, _CLICK_S, rng)


def _bursts(n_samples: int, rng: Generator) -> Sound:
    """Draw one to six bumps, hisses or breaths."""
    starts = rng.uniform(0, 0.9, int(rng.integers(1, 7)))
    return _events(n_samples, starts, _BURST_S, rng)


def _events(
    n_samples: int,
    starts: NDArray[np.float64],
    range_s: tuple[float, float],
    rng: Generator,
) -> Sound:
    """Put short noises of like length and shape at their places."""
    sound = np.zeros(n_samples)
    typical_s = np.exp(rng.uniform(*np.log(range_s)))
    slope, sharpness = rng.uniform(-0.5, 2), rng.uniform(0, 8)
    for start in (starts * n_samples).astype(int):
        length = max(2, int(typical_s * rng.uniform(0.7, 1.4) * SPEECH_RATE))
        event = coloured_noise(length, slope, rng) * _envelope(length, sharpness)
        end = min(n_samples, start + length)
        sound[start:end] += rng.uniform(0.3, 1) * event[: end - start]
    return sound


def _envelope(length: int, sharpness: float) -> Sound:
    """Return a gate where sharpness is small, a sudden start and a fall where large."""
    if sharpness < 2:
        return np.ones(length)
    if sharpness < 4:
        return np.hanning(length + 2)[1:-1]
    return np.exp(-sharpness * np.arange(length) / length)


def _pulsing(n_samples: int, rng: Generator) -> Sound:
    """Draw noise whose level beats at 2 to 60 Hz, like an engine or a purr."""
    time = np.arange(n_samples) / SPEECH_RATE
    beat = 0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(2, 60) * time)
    return coloured_noise(n_samples, rng.uniform(-0.5, 2), rng) * beat ** rng.uniform(
        0.5, 4
    )


def _band(n_samples: int, rng: Generator) -> Sound:
    """Draw swelling noise of one or two narrow bands, like wind or a whistle."""
    spectrum = np.fft.rfft(swelling_noise(n_samples, rng))
    hertz = np.fft.rfftfreq(n_samples, 1 / SPEECH_RATE)
    gain = np.zeros(len(hertz))
    for _ in range(int(rng.integers(1, 3))):
        centre = np.exp(rng.uniform(np.log(150), np.log(6000)))
        gain += np.exp(-(((hertz - centre) / (centre * rng.uniform(0.02, 0.4))) ** 2))
    return np.fft.irfft(spectrum * gain, n_samples)


SOUNDS: Mapping[str, Callable[[int, Generator], Sound]] = {
    "noise": swelling_noise,
    "clicks": _clicks,
    "bursts": _bursts,
    "pulsing noise": _pulsing,
    "bands of noise": _band,
    "pure tones": pure_tone,
    "sharp tones": sharp_tone,
    "sweeps": sweep,
    "warbles": warble,
    "notes": note,
    "chords": chord,
    "hum": hum,
}


def _babble(spoken: Sequence[Waveform], rng: Generator) -> Sound:
    """Let three to eight voices speak at once, each over and over."""
    n_samples = int(rng.uniform(0.5, 2.0) * SPEECH_RATE)
    sound = np.zeros(n_samples)
    for _ in range(int(rng.integers(3, 9))):
        voice = np.resize(_draw(spoken, rng), n_samples)
        sound += rng.uniform(0.5, 1) * np.roll(voice, int(rng.integers(n_samples)))
    return sound


def _backwards(spoken: Sequence[Waveform], rng: Generator) -> Sound:
    """Play a word backwards."""
    return np.asarray(_draw(spoken, rng)[::-1], np.float64)


def _shuffled(spoken: Sequence[Waveform], rng: Generator) -> Sound:
    """Cut a word into three to six pieces and change their order."""
    pieces = np.array_split(_draw(spoken, rng), int(rng.integers(3, 7)))
    order = rng.permutation(len(pieces))
    fade = [np.hanning(len(pieces[k]) + 2)[1:-1] ** 0.25 for k in order]
    return np.concatenate([pieces[k] * f for k, f in zip(order, fade, strict=True)])


VOICES: Mapping[str, Callable[[Sequence[Waveform], Generator], Sound]] = {
    "babble": _babble,
    "words backwards": _backwards,
    "shuffled words": _shuffled,
}


def _draw(spoken: Sequence[Waveform], rng: Generator) -> Waveform:
    return spoken[int(rng.integers(len(spoken)))]


def _full_scale(sound: Sound) -> Waveform:
    return np.asarray(sound / (np.abs(sound).max() + 1e-9), np.float32)
