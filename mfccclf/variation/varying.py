"""Vary waveforms as other voices, rooms, microphones and noises would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mfccclf._hashing import hash_bytes
from mfccclf.variation.equaliser import EQUALISER_HZ, equalise
from mfccclf.variation.noise import coloured_noise
from mfccclf.variation.parameters import VariationParameters
from mfccclf.variation.stretching import warp_waveform

__all__ = ["VARIATION_VERSION", "Variation", "vary_waveform"]

# In the keys of caches: another version gives other copies.
VARIATION_VERSION = 1

Waveform = NDArray[np.float32]

_NOISE_SLOPES = (0.0, 2.0)
_ECHO_S = (0.08, 0.7)
_FIRST_ECHO_S = (0.001, 0.012)
# Level of all echoes together against the direct sound.
_ECHO_DB = (-18.0, 2.0)


def vary_waveform(
    waveform: NDArray[np.floating],
    sample_rate: int,
    parameters: VariationParameters,
    rng: Generator,
) -> Waveform:
    """Return a copy of a waveform as someone or something else might sound elsewhere.

    Parameters
    ----------
    waveform : floating ndarray of shape (n_samples,)
        One channel.
    sample_rate : int
        In Hz.
    parameters : VariationParameters
        How far the copy may differ.
    rng : numpy Generator
        Draws what happens to it.

    Returns
    -------
    waveform : float32 ndarray of shape (n_varied,)
        Amplitude between -1 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf.variation import VariationParameters, vary_waveform
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 16000)
    >>> rng = np.random.default_rng(0)
    >>> vary_waveform(tone, 16000, VariationParameters(), rng).dtype
    dtype('float32')
    """
    sound = np.asarray(waveform, np.float32)
    sound = warp_waveform(
        sound,
        sample_rate,
        pitch=_either_way(parameters.pitch, rng),
        formant=_either_way(parameters.formant, rng),
        tempo=float(np.exp(_either_way(np.log1p(parameters.tempo), rng))),
    )
    before, after = rng.uniform(0, parameters.shift * sample_rate, 2).astype(int)
    heard = np.pad(sound.astype(np.float64), (before, after))
    if rng.random() < parameters.room:
        heard = _in_room(heard, sample_rate, rng)
    if parameters.colour_db:
        gains = rng.uniform(-1, 1, len(EQUALISER_HZ)) * parameters.colour_db
        heard = equalise(heard, sample_rate, gains.tolist())
    if parameters.noise_snr_db is not None:
        heard = _with_noise(heard, sample_rate, parameters.noise_snr_db, rng)
    heard *= _gain(_either_way(parameters.level_db, rng))
    return np.asarray(heard / max(1.0, np.abs(heard).max()), np.float32)


@dataclass(frozen=True)
class Variation:
    """One of the varied copies of a clip.

    Attributes
    ----------
    parameters : VariationParameters
        How far it may differ from the clip.
    number : int
        Which of the clip's copies, from 1.
    """

    parameters: VariationParameters
    number: int

    def facts(self) -> dict[str, Any]:
        """Return all that decides the copy besides the clip, as plain values.

        How many copies there are besides is left out: they are the same.
        """
        values = self.parameters.to_dict()
        del values["n_variations"]
        return {**values, "number": self.number, "version": VARIATION_VERSION}

    def apply(self, waveform: NDArray[np.floating], sample_rate: int) -> Waveform:
        """Return the varied copy of a waveform, the same each time."""
        samples = np.ascontiguousarray(waveform, np.float32)
        content = int(hash_bytes(samples.tobytes())[:16], 16)
        rng = np.random.default_rng([self.parameters.seed, self.number, content])
        return vary_waveform(samples, sample_rate, self.parameters, rng)


def _either_way(most: float, rng: Generator) -> float:
    return float(rng.uniform(-most, most))


def _gain(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _in_room(
    sound: NDArray[np.float64], sample_rate: int, rng: Generator
) -> NDArray[np.float64]:
    """Add the echoes of a room, fading noise, also past the end of the sound."""
    fade_s = float(np.exp(rng.uniform(*np.log(_ECHO_S))))
    time = np.arange(int(fade_s * sample_rate)) / sample_rate
    echoes = rng.standard_normal(len(time)) * np.exp(-6.9 * time / fade_s)
    echoes[time < rng.uniform(*_FIRST_ECHO_S)] = 0
    echoes *= _gain(rng.uniform(*_ECHO_DB)) / (np.sqrt(np.sum(echoes**2)) + 1e-9)
    echoes[0] = 1
    n_samples = len(sound) + len(echoes) - 1
    size = 1 << (n_samples - 1).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(echoes, size)
    return np.asarray(np.fft.irfft(spectrum, size)[:n_samples])


def _with_noise(
    sound: NDArray[np.float64],
    sample_rate: int,
    snr_db: tuple[float, float],
    rng: Generator,
) -> NDArray[np.float64]:
    slope = rng.uniform(*_NOISE_SLOPES)
    noise = coloured_noise(len(sound), slope, rng, sample_rate=sample_rate)
    level = np.sqrt(np.mean(sound**2)) * _gain(-rng.uniform(*snr_db))
    return np.asarray(sound + level * noise)
