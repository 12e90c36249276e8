"""Four kinds of sound that a few lines of arithmetic make: bell, bird, drum, voice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mfccclf.variation.noise import coloured_noise

__all__ = ["EXAMPLE_SOUNDS", "SoundSource", "render_sound"]

Wave = NDArray[np.float64]

_SECONDS = (0.5, 0.9)
# Partials of a church bell, relative to its strike note (hum, prime, tierce, ...).
_BELL_RATIOS = np.array([0.5, 1.0, 1.2, 1.5, 2.0, 2.51, 2.66, 3.01, 4.17])
# First three formants of a, e, i and o of a grown man, in Hz (Peterson and Barney).
_FORMANTS_HZ = np.array(
    [[730, 1090, 2440], [530, 1840, 2480], [270, 2290, 3010], [570, 840, 2410]]
)
_BANDWIDTH_HZ = 110.0


@dataclass(frozen=True, kw_only=True)
class SoundSource:
    """One bell, bird, drum or speaker, with its room and microphone.

    Attributes
    ----------
    pitch : float
        Factor on all frequencies of the source.
    noise_db : float
        Level of the noise around it, relative to the sound's peak.
    slope : float
        Colour of that noise, as `coloured_noise` takes it.
    """

    pitch: float
    noise_db: float
    slope: float

    @classmethod
    def draw(cls, rng: Generator) -> SoundSource:
        """Draw a source."""
        return cls(
            pitch=float(2 ** rng.uniform(-0.6, 0.6)),
            noise_db=float(rng.uniform(-45, -15)),
            slope=float(rng.uniform(0, 2)),
        )


def render_sound(
    label: str, source: SoundSource, sample_rate: int, rng: Generator
) -> NDArray[np.float32]:
    """Make one clip.

    Parameters
    ----------
    label : str
        A key of `EXAMPLE_SOUNDS`.
    source : SoundSource
        What makes the sound.
    sample_rate : int
        In Hz.
    rng : numpy Generator
        Draws what differs between clips of one source.

    Returns
    -------
    clip : float32 ndarray of shape (n_samples,)
        Half a second to 0.9 seconds, amplitude between -1 and 1.
    """
    time = np.arange(round(rng.uniform(*_SECONDS) * sample_rate)) / sample_rate
    sound = EXAMPLE_SOUNDS[label](time, source.pitch * rng.uniform(0.94, 1.06), rng)
    sound = sound / np.abs(sound).max() * _fade(time)
    noise = coloured_noise(len(time), source.slope, rng, sample_rate=sample_rate)
    clip = sound + 10 ** (source.noise_db / 20) * noise / np.abs(noise).max()
    gain = 10 ** (rng.uniform(-12, -1) / 20)
    return np.asarray(gain * clip / np.abs(clip).max(), np.float32)


def _bell(time: Wave, pitch: float, rng: Generator) -> Wave:
    """Strike a bell: partials that are not harmonic; the higher, the sooner gone."""
    phases = rng.uniform(0, 2 * np.pi, len(_BELL_RATIOS))
    rates = 2.0 + 1.5 * _BELL_RATIOS
    strength = rng.uniform(0.4, 1, len(_BELL_RATIOS))
    return _partials(520 * pitch * _BELL_RATIOS, strength, phases, time, rates)


def _bird(time: Wave, pitch: float, rng: Generator) -> Wave:
    """Chirp a few times: a whistle that falls or rises."""
    n_chirps = int(rng.integers(3, 6))
    place = time / time[-1] * n_chirps % 1
    sweep = rng.uniform(0.2, 0.5) * rng.choice([-1.0, 1.0])
    frequency = 2600 * pitch * (1 + sweep * (place - 0.5))
    phase = 2 * np.pi * np.cumsum(frequency) * (time[1] - time[0])
    return np.asarray(np.sin(phase) * np.sin(np.pi * place) ** 2)


def _drum(time: Wave, pitch: float, rng: Generator) -> Wave:
    """Beat a skin: a low tone that falls, and a rattle."""
    frequency = 110 * pitch * (1 + 1.2 * np.exp(-35 * time))
    tone = np.sin(2 * np.pi * np.cumsum(frequency) * (time[1] - time[0]))
    rattle = rng.uniform(0.2, 0.7) * rng.standard_normal(len(time))
    return np.asarray(tone * np.exp(-9 * time) + rattle * np.exp(-22 * time))


def _voice(time: Wave, pitch: float, rng: Generator) -> Wave:
    """Sing a vowel: harmonics of the larynx, shaped by three formants."""
    formants = rng.choice(_FORMANTS_HZ) * pitch**0.3
    fundamental = 140 * pitch
    harmonics = np.arange(fundamental, 3800, fundamental)
    distance = (harmonics[:, np.newaxis] - formants) / _BANDWIDTH_HZ
    strength = (1 / (1 + distance**2)).sum(axis=1) / np.arange(1, len(harmonics) + 1)
    vibrato = 1 + 0.01 * np.sin(2 * np.pi * 5 * time + rng.uniform(0, 6))
    warped = np.cumsum(vibrato) * (time[1] - time[0])
    phases = np.zeros(len(harmonics))
    return _partials(harmonics, strength, phases, warped, phases)


EXAMPLE_SOUNDS: dict[str, Callable[[Wave, float, Generator], Wave]] = {
    "bell": _bell,
    "bird": _bird,
    "drum": _drum,
    "voice": _voice,
}


def _partials(
    frequencies: Wave, strength: Wave, phases: Wave, time: Wave, rates: Wave
) -> Wave:
    """Add sines that fade at given rates (per second)."""
    angles = 2 * np.pi * frequencies[:, np.newaxis] * time + phases[:, np.newaxis]
    fading = np.exp(-rates[:, np.newaxis] * time)
    return np.asarray((strength[:, np.newaxis] * np.sin(angles) * fading).sum(axis=0))


def _fade(time: Wave) -> Wave:
    """Return a gain that begins and ends at 0, against clicks."""
    edges = np.minimum(time / 0.004, (time[-1] - time) / 0.03)
    return np.asarray(np.minimum(1, edges))
