"""What speech programs are asked to say, and what they said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from mfccclf.synthesis.speech.voices import SPEAKERS_IN_TWO_PROGRAMS

__all__ = [
    "SPEECH_RATE",
    "Recording",
    "Rendering",
    "Request",
    "Takes",
    "Words",
    "read_trimmed",
    "speaker_of",
]

Words = Mapping[str, tuple[str, ...]]
Takes = Mapping[str, int]

SPEECH_RATE = 16000
_EDGE_S = 0.01
# Shortest and longest word.
_LENGTHS_S = (0.08, 1.9)


@dataclass(frozen=True)
class Request:
    """What programs are asked to say.

    Attributes
    ----------
    words : mapping of str to tuple of str
        Words with their pronunciations.
    takes : mapping of str to int
        How often each kind of voice says each word.
    rng : random.Random
        Draws who says what in which manner.
    folder : pathlib.Path
        For files that come and go.
    without : collection of str
        Timbres of espeak-ng to leave out.
    """

    words: Words
    takes: Takes
    rng: Random
    folder: Path
    without: Collection[str] = ()

    @property
    def n_pronounced(self) -> int:
        """Words whose pronunciation is known."""
        return sum(bool(known) for known in self.words.values())


class Recording(NamedTuple):
    """A word that a voice was asked to say; the file is missing if it could not."""

    label: str
    voice: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """A word as one voice said it: mono, at 16 kHz, no silence around it, peak 0.9.

    Attributes
    ----------
    label : str
        The word.
    engine : str
        The program.
    voice : str
        What the program calls it; for espeak-ng, the timbre.
    waveform : float32 ndarray of shape (n_samples,)
        The sound.
    """

    label: str
    engine: str
    voice: str
    waveform: NDArray[np.float32]

    @property
    def speaker(self) -> str:
        """Whose voice it is."""
        return speaker_of(self.voice)


def speaker_of(voice: str) -> str:
    """Return whose voice it is: two people lent theirs to two programs."""
    return SPEAKERS_IN_TWO_PROGRAMS.get(voice, voice)


def read_trimmed(path: Path) -> NDArray[np.float32] | None:
    """Read a spoken word without its silence.

    Parameters
    ----------
    path : pathlib.Path
        What a program wrote.

    Returns
    -------
    waveform : float32 ndarray of shape (n_samples,), or None
        At ``SPEECH_RATE``; None if the voice said nothing of use.
    """
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    if len(audio) < rate // 20 or np.abs(audio).max() < 1e-3:
        return None
    waveform = soxr.resample(audio[:, 0], rate, SPEECH_RATE)
    waveform *= 0.9 / np.abs(waveform).max()
    loud = np.flatnonzero(np.abs(waveform) > 0.009)
    edge = int(_EDGE_S * SPEECH_RATE)
    waveform = waveform[max(0, loud[0] - edge) : loud[-1] + 2 * edge]
    shortest, longest = _LENGTHS_S
    return waveform if shortest < len(waveform) / SPEECH_RATE < longest else None
