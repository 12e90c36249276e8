"""Write sounds without words, and voices that say none, for the net to learn from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.random import Generator
from numpy.typing import NDArray

from mfccclf.synthesis.speech import SPEECH_RATE
from mfccclf.waveform import load_waveform
from weights.recipes.made_sounds import SOUNDS, VOICES, make_sound, make_voices

__all__ = ["write_sounds"]

_CLIPS, _VOICE_CLIPS = 80, 300
_RATES = (8000, 16000)
_FAINTEST_DB = -40.0

Waveform = NDArray[np.float32]
Make = Callable[[Generator], Waveform]


def write_sounds(
    folder: Path, paths: Sequence[str], *, seed: int, without: Sequence[str] = ()
) -> Path:
    """Write clips of every kind of `weights.recipes.made_sounds`.

    Parameters
    ----------
    folder : Path
        To make. If it is there, it is made anew.
    paths : sequence of str
        Clips of words, to be played backwards and the like.
    seed : int
        Equal seeds give equal clips.
    without : sequence of str, default=()
        Kinds to leave out.

    Returns
    -------
    folder : Path
        With WAV files at 8 and 16 kHz, at all levels.
    """
    spoken = [load_waveform(path, sample_rate=SPEECH_RATE) for path in paths]
    rng = np.random.default_rng(seed)
    counts = {kind: (_CLIPS, partial(make_sound, kind)) for kind in SOUNDS}
    counts |= {
        kind: (_VOICE_CLIPS, partial(make_voices, kind, spoken)) for kind in VOICES
    }
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for kind, (count, make) in counts.items():
        if kind not in without:
            for number in range(count):
                path = folder / f"{kind.replace(' ', '-')}-{number:03d}.wav"
                _write(path, make(rng), rng)
    return folder


def _write(path: Path, sound: Waveform, rng: Generator) -> None:
    rate = int(rng.choice(_RATES))
    wave = soxr.resample(sound, SPEECH_RATE, rate)
    gain = 10 ** (rng.uniform(_FAINTEST_DB, 0) / 20)
    soundfile.write(path, gain * wave / (np.abs(wave).max() + 1e-9), rate, "PCM_16")
