"""Turn a clean rendered word into what a microphone in some room would hear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soxr
from numpy.random import Generator
from numpy.typing import NDArray

from mfccclf.synthesis import coloured_noise
from mfccclf.synthesis.speech import SPEECH_RATE, Rendering

Waveform = NDArray[np.float32]

CLIP_S = 3.1
CONDITIONS = ("clean", "a tenth of the level", "0.3 s of silence", "noise at 20 dB")
ENGINE_SHARES = {"espeak-ng": 0.3, "flite": 0.25, "festival": 0.45}
_TAIL_S = 0.6
# Shortest and longest stretch around a word.
_AROUND_S = (0.2, 2.5)


def make_clips(
    renderings: Sequence[Rendering], *, per_label: int, rng: Generator
) -> tuple[list[Waveform], list[tuple[str, str]]]:
    """Draw renderings (program, then voice, then take) and make a clip of each.

    With each clip comes its label and its speaker.
    """
    clips, drawn = [], []
    for label in sorted({rendering.label for rendering in renderings}):
        takes = _takes_by_voice(renderings, label)
        engines = sorted(takes)
        shares = np.array([ENGINE_SHARES[engine] for engine in engines])
        for _ in range(per_label):
            voices = takes[engines[rng.choice(len(engines), p=shares / shares.sum())]]
            voice = sorted(voices)[rng.integers(len(voices))]
            rendering = voices[voice][rng.integers(len(voices[voice]))]
            clips.append(place(change_voice_and_room(rendering.waveform, rng), rng))
            drawn.append((rendering.label, rendering.speaker))
    return clips, drawn


def change_voice_and_room(word: Waveform, rng: Generator) -> Waveform:
    """Change the length of the vocal tract, the room and the microphone.

    Playing faster or slower by up to 28 % moves formants and pitch together. The
    renderings themselves vary in pitch and tempo.
    """
    ratio = np.exp(rng.uniform(-0.25, 0.25))
    word = soxr.resample(word, SPEECH_RATE, SPEECH_RATE * ratio, quality="LQ")
    n_samples = len(word) + int(_TAIL_S * SPEECH_RATE)
    size = 1 << (n_samples - 1).bit_length()
    spectrum = np.fft.rfft(word, size) * _microphone(size // 2 + 1, rng)
    if rng.random() < 0.6:
        room = _room(rng)
        spectrum *= np.fft.rfft(room, size)
        n_samples = min(n_samples, len(word) + len(room))
    else:
        n_samples = len(word)
    heard = np.fft.irfft(spectrum)[:n_samples]
    if rng.random() < 0.4:
        _drop_out(heard, rng)
    return np.asarray(heard / (np.abs(heard).max() + 1e-9), np.float32)


def place(word: Waveform, rng: Generator) -> Waveform:
    """Put a word anywhere in a clip with a background, at any level, as 16 bits.

    Most clips are short: a net soon learns where a word stands in a long one, and short
    ones take less time.
    """
    around_s = np.exp(rng.uniform(np.log(_AROUND_S[0]), np.log(_AROUND_S[1])))
    n_samples = int(min(CLIP_S, len(word) / SPEECH_RATE + around_s) * SPEECH_RATE)
    word = word[: n_samples - SPEECH_RATE // 20]
    start = int(rng.integers(0, n_samples - len(word)))
    end = start + len(word)
    clip = np.zeros(n_samples)
    clip[start:end] = word
    level = float(np.sqrt(np.mean(word**2)))
    clip += level * _gain(-rng.uniform(3, 45)) * _background(n_samples, rng)
    if rng.random() < 0.2:
        clip += level * _gain(-rng.uniform(10, 35)) * _hum(n_samples, rng)
    for _ in range(rng.poisson(0.5)):
        _add_burst(clip, level, rng)
    if rng.random() < 0.25:  # a recorder that starts late
        longest = min(0.8, start / SPEECH_RATE + 0.021)
        clip[: int(rng.uniform(0.02, longest) * SPEECH_RATE)] = 0
    if rng.random() < 0.15:
        clip[int(rng.integers(end, n_samples + 1)) :] = 0
    clip /= np.abs(clip).max() + 1e-9
    if rng.random() < 0.1:  # overdriven
        clip = np.clip(clip * rng.uniform(1, 3), -1, 1)
    return _as_16_bits(clip * _gain(-rng.uniform(0, 40)))


def alone(sound: Waveform, rng: Generator) -> Waveform:
    """Let a sound fill a clip, without a background, at any level, as 16 bits."""
    return _as_16_bits(sound * _gain(-rng.uniform(0, 40)))


def place_quietly(word: Waveform, rng: Generator) -> Waveform:
    """Put a word anywhere in a clip with a faint background, as 16 bits: for tests."""
    n_samples = int(CLIP_S * SPEECH_RATE)
    start = int(rng.integers(0, n_samples - len(word)))
    clip = np.zeros(n_samples)
    clip[start : start + len(word)] = word
    level = float(np.sqrt(np.mean(word**2)))
    clip += level * _gain(-rng.uniform(30, 45)) * coloured_noise(n_samples, 1.0, rng)
    return _as_16_bits(0.5 * clip / np.abs(clip).max())


def disturb(clip: Waveform, condition: str, rng: Generator) -> Waveform:
    """Change a clip to one of the `CONDITIONS`."""
    if condition == "a tenth of the level":
        return _as_16_bits(0.1 * clip)
    if condition == "0.3 s of silence":
        silence = np.zeros(int(0.3 * SPEECH_RATE), np.float32)
        return np.concatenate([silence, clip])
    if condition == "noise at 20 dB":
        level = 0.1 * np.sqrt(np.mean(clip**2))
        return _as_16_bits(clip + level * rng.standard_normal(len(clip)))
    return clip


def _takes_by_voice(
    renderings: Sequence[Rendering], label: str
) -> dict[str, dict[str, list[Rendering]]]:
    takes: dict[str, dict[str, list[Rendering]]] = {}
    for rendering in renderings:
        if rendering.label == label:
            voices = takes.setdefault(rendering.engine, {})
            voices.setdefault(rendering.voice, []).append(rendering)
    return takes


def _microphone(n_bins: int, rng: Generator) -> NDArray[np.float64]:
    """Draw a smooth gain over frequency: tilt, bumps, and where the band ends."""
    frequency = np.linspace(0, SPEECH_RATE / 2, n_bins)
    octave = np.log2(np.maximum(frequency, 40))
    knots = np.linspace(np.log2(60), np.log2(SPEECH_RATE / 2), 7)
    decibels = np.interp(octave, knots, rng.normal(0, 4, len(knots)))
    decibels += rng.normal(0, 2.5) * (octave - 10)
    bass = (np.maximum(frequency, 1) / rng.uniform(30, 250)) ** 2
    decibels += 20 * np.log10(np.minimum(1, bass) + 1e-4)
    if rng.random() < 0.4:
        edge = rng.uniform(3300, 7500)
        fall = np.clip((frequency - edge) / 300, 0, 1)
        decibels -= fall * rng.uniform(20, 60)
    return np.asarray(10 ** (decibels / 20))


def _room(rng: Generator) -> NDArray[np.float64]:
    """Draw a room's impulse response: the direct sound and a decaying noise."""
    decay_s = np.exp(rng.uniform(np.log(0.08), np.log(0.7)))
    time = np.arange(int(min(decay_s, _TAIL_S) * SPEECH_RATE)) / SPEECH_RATE
    response = rng.standard_normal(len(time)) * np.exp(-6.9 * time / decay_s)
    response[: int(rng.uniform(0.001, 0.012) * SPEECH_RATE)] = 0
    response *= _gain(-rng.uniform(-2, 18)) / (np.sqrt(np.sum(response**2)) + 1e-9)
    response[0] = 1.0
    return np.asarray(response)


def _drop_out(heard: NDArray[np.float64], rng: Generator) -> None:
    """Hide one or two short moments, so that no single one can decide."""
    for _ in range(int(rng.integers(1, 3))):
        length = int(rng.uniform(0.01, 0.06) * SPEECH_RATE)
        start = int(rng.integers(0, max(1, len(heard) - length)))
        hidden = heard[start : start + length]
        hidden *= (1 - np.hanning(length) * rng.uniform(0.7, 1))[: len(hidden)]


def _background(n_samples: int, rng: Generator) -> NDArray[np.float64]:
    noise = coloured_noise(n_samples, rng.uniform(-0.3, 2.0), rng)
    if rng.random() < 0.3:  # it comes and goes
        moments = np.linspace(0, n_samples, 6)
        decibels = np.interp(np.arange(n_samples), moments, rng.normal(0, 4, 6))
        noise *= 10 ** (decibels / 20)
    return noise


def _hum(n_samples: int, rng: Generator) -> NDArray[np.float64]:
    turns = rng.choice([50, 60]) * np.arange(n_samples) / SPEECH_RATE
    overtones = [
        rng.random() / k * np.sin(2 * np.pi * k * turns + rng.uniform(0, 2 * np.pi))
        for k in range(1, 6)
    ]
    return np.asarray(np.sum(overtones, axis=0))


def _add_burst(clip: NDArray[np.float64], level: float, rng: Generator) -> None:
    """Add a click, a bump or a breath."""
    duration_s = np.exp(rng.uniform(np.log(0.003), np.log(0.35)))
    length = int(duration_s * SPEECH_RATE)
    start = int(rng.integers(0, len(clip) - length))
    burst = coloured_noise(length, rng.uniform(0, 2), rng) * np.hanning(length)
    loud = rng.uniform(-30, -5) if duration_s < 0.05 else rng.uniform(-40, -15)
    clip[start : start + length] += level * _gain(loud) * burst


def _gain(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _as_16_bits(clip: NDArray[np.floating]) -> Waveform:
    return np.asarray(np.round(np.clip(clip, -1, 1) * 32767) / 32768, np.float32)
