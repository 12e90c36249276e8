"""Synthetic intruders: noise, tones and other sounds, and voices that say no word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["NOISES", "RATE", "VOICES", "make_noises", "make_voices"]

RATE = 16000
_N_CLIPS = 50
_N_VOICES = 100

Rng = np.random.Generator
Wave = NDArray[np.float32]
Sound = NDArray[np.float64]


def make_noises(name: str) -> list[Wave]:
    """Return clips of one second of one of the ``NOISES``, from loud to faint."""
    rng = np.random.default_rng(NOISES.index(name))
    levels = 10 ** rng.uniform(-3, -0.5, _N_CLIPS)
    waves = [_MAKERS[name](rng) for _ in levels]
    return [
        (level * wave / np.abs(wave).max()).astype(np.float32)
        for level, wave in zip(levels, waves, strict=True)
    ]


def make_voices(name: str, spoken: Sequence[Wave]) -> list[Wave]:
    """Return clips of one of the ``VOICES``, made of clips of speech at `RATE`."""
    rng = np.random.default_rng(VOICES.index(name))
    if name == "babble":
        return [_babble(spoken, rng) for _ in range(_N_VOICES)]
    chosen = rng.permutation(len(spoken))[:_N_VOICES]
    return [spoken[index][::-1] for index in chosen]


def _babble(spoken: Sequence[Wave], rng: Rng) -> Wave:
    """Return five clips at once, each over and over, for 1.5 s."""
    chosen = rng.integers(0, len(spoken), 5)
    voices = [np.resize(spoken[index], RATE * 3 // 2) for index in chosen]
    babble = np.sum([voice / (np.std(voice) + 1e-9) for voice in voices], axis=0)
    return np.asarray(0.5 * babble / np.abs(babble).max(), np.float32)


def _white(rng: Rng) -> Sound:
    return rng.standard_normal(RATE)


def _pink(rng: Rng) -> Sound:
    spectrum = np.fft.rfft(rng.standard_normal(RATE))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    return np.fft.irfft(spectrum)


def _hum(rng: Rng) -> Sound:
    """Return 50 or 60 Hz with overtones, and white noise 40 dB below."""
    time = np.arange(RATE) / RATE
    mains = rng.choice([50.0, 60.0])
    wave = 0.01 * rng.standard_normal(RATE)
    for order in range(1, 6):
        phase = rng.uniform(0, 2 * np.pi)
        wave += np.sin(2 * np.pi * mains * order * time + phase) / order
    return wave


def _hum_with_offset(rng: Rng) -> Sound:
    hum = _hum(rng)
    return np.asarray(hum + rng.uniform(0.3, 2) * np.abs(hum).max())


def _sine(rng: Rng) -> Sound:
    return np.sin(2 * np.pi * _hertz(rng) * np.arange(RATE) / RATE)


def _square(rng: Rng) -> Sound:
    return np.asarray(np.sign(_sine(rng) + 1e-9))


def _sweep(rng: Rng) -> Sound:
    hertz = np.geomspace(_hertz(rng), _hertz(rng), RATE)
    return np.sin(2 * np.pi * np.cumsum(hertz) / RATE)


def _chord(rng: Rng) -> Sound:
    """Return a triad of tones with ten harmonics each, which fade."""
    time, root = np.arange(RATE) / RATE, rng.uniform(80, 600)
    triad = [root, root * 2 ** (rng.choice([3, 4]) / 12), root * 2 ** (7 / 12)]
    orders = range(1, 11)
    tones = [np.sin(2 * np.pi * f * n * time) / n for f in triad for n in orders]
    return np.asarray(np.sum(tones, axis=0) * np.exp(-rng.uniform(0, 4) * time))


def _clicks(rng: Rng) -> Sound:
    """Return one to ten clicks of a millisecond in very faint noise."""
    wave = 1e-3 * rng.standard_normal(RATE)
    for start in rng.integers(0, RATE - 16, rng.integers(1, 11)):
        wave[start : start + 16] += rng.uniform(0.3, 1) * rng.choice([-1, 1])
    return wave


def _bursts(rng: Rng) -> Sound:
    """Return one to four bursts of white noise, 30 to 300 ms each."""
    wave = 1e-3 * rng.standard_normal(RATE)
    for _ in range(int(rng.integers(1, 5))):
        length = int(rng.uniform(0.03, 0.3) * RATE)
        start = int(rng.integers(0, RATE - length))
        wave[start : start + length] += rng.standard_normal(length)
    return wave


def _knocks(rng: Rng) -> Sound:
    """Return one to five blows on something that rings in three pitches."""
    time, wave = np.arange(RATE) / RATE, np.zeros(RATE)
    pitches, decay = rng.uniform(80, 1500, 3), rng.uniform(15, 80)
    blow = np.sum([np.sin(2 * np.pi * f * time) for f in pitches], axis=0)
    blow *= np.exp(-decay * time)
    for start in rng.integers(0, RATE * 3 // 4, rng.integers(1, 6)):
        wave[start:] += rng.uniform(0.4, 1) * blow[: RATE - start]
    return wave


def _bell(rng: Rng) -> Sound:
    """Return a tone that another one modulates in frequency, and that rings off."""
    time, fade = (
        np.arange(RATE) / RATE,
        np.exp(-rng.uniform(1, 6) * np.arange(RATE) / RATE),
    )
    carrier, ratio = rng.uniform(200, 1500), rng.uniform(0.5, 3.5)
    swing = rng.uniform(1, 8) * fade * np.sin(2 * np.pi * carrier * ratio * time)
    return np.asarray(fade * np.sin(2 * np.pi * carrier * time + swing))


def _hertz(rng: Rng) -> float:
    return float(np.exp(rng.uniform(np.log(80), np.log(4000))))


_MAKERS = {
    "white noise": _white,
    "pink noise": _pink,
    "hum": _hum,
    "hum with offset": _hum_with_offset,
    "sine": _sine,
    "square waves": _square,
    "sweeps": _sweep,
    "chords": _chord,
    "clicks": _clicks,
    "bursts": _bursts,
    "knocks": _knocks,
    "bells": _bell,
}
NOISES = (*_MAKERS,)
VOICES = ("babble", "words backwards")
