"""Add the clips of a mixture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfccclf.synthesis.mixtures.planning import Mixture, Voice
from mfccclf.synthesis.mixtures.settings import MixtureSettings
from mfccclf.variation.equaliser import equalise
from mfccclf.waveform import load_waveform

__all__ = ["render_mixture"]

_PEAK = 0.99
_MEAN_LEVEL = 0.1  # -20 dB


def render_mixture(mixture: Mixture, settings: MixtureSettings) -> NDArray[np.float32]:
    """Return the waveform of a mixture.

    Parameters
    ----------
    mixture : Mixture
        What `plan_mixtures` returned.
    settings : MixtureSettings
        Its duration and sample rate count.

    Returns
    -------
    waveform : float32 ndarray of shape (n_samples,)
        As long as ``settings.duration``, or as the longest of its clips.

    Raises
    ------
    AudioFileError
        If a clip cannot be read.
    """
    waves = [_play(voice, settings.sample_rate) for voice in mixture.voices]
    if settings.duration is None:
        length = max(len(wave) for wave in waves)
    else:
        length = round(settings.duration * settings.sample_rate)
    mixed = np.zeros(length, np.float64)
    for wave, voice in zip(waves, mixture.voices, strict=True):
        _add(mixed, wave, voice)
    peak = float(np.abs(mixed).max())
    return (mixed * min(1.0, _PEAK / max(peak, 1e-12))).astype(np.float32)


def _play(voice: Voice, sample_rate: int) -> NDArray[np.float64]:
    """Read a voice's clip, at its pitch and through its equaliser."""
    # Samples of a lower rate, played at the rate of the mixture, sound higher.
    read_rate = round(sample_rate / 2 ** (voice.semitones / 12))
    wave = load_waveform(voice.path, sample_rate=read_rate).astype(np.float64)
    if not voice.equaliser_db:
        return wave
    return equalise(wave, sample_rate, voice.equaliser_db)


def _add(mixed: NDArray[np.float64], wave: NDArray[np.float64], voice: Voice) -> None:
    """Add a voice at its offset, brought to one mean level and then by its gain."""
    level = np.sqrt(np.mean(wave**2))
    gain = _MEAN_LEVEL * 10 ** (voice.gain_db / 20) / max(level, 1e-9)
    start = round(voice.offset * abs(len(wave) - len(mixed)))
    if len(wave) > len(mixed):
        mixed += gain * wave[start : start + len(mixed)]
    else:
        mixed[start : start + len(wave)] += gain * wave
