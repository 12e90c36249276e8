"""Let speech programs say words, and keep what they said."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mfccclf.synthesis.speech import (
    INSTALL,
    PROGRAMS,
    Rendering,
    Words,
    espeak_command,
    find_programs,
    read_trimmed,
    render_words,
)
from weights.recipes.names.words import PRONUNCIATIONS

__all__ = ["check_programs", "load_or_render", "say"]

NAME_TAKES = {"espeak-ng": 330, "accents": 192, "flite": 24, "festival": 16}
# Timbres of espeak-ng that are kept for the samples.
SAMPLE_TIMBRES = ("Andrea", "Gene", "belinda", "max", "steph")


def check_programs() -> None:
    """Stop with the command that installs what is missing."""
    installed = find_programs()
    missing = [program for program in PROGRAMS if program not in installed]
    if missing:
        raise SystemExit(f"Not installed: {', '.join(missing)}. Run: {INSTALL}")


def load_or_render(
    path: Path | None,
    seed: int,
    *,
    words: Words = PRONUNCIATIONS,
    takes: Mapping[str, int] = NAME_TAKES,
) -> list[Rendering]:
    """Read renderings from a file, or render and keep them there.

    Parameters
    ----------
    path : Path or None
        File (.npz) to keep the renderings in; None to keep none.
    seed : int
        Seed of the choice of voices and manners.
    words : mapping of str to tuple of str, optional
        Words with their pronunciations; the names if left out.
    takes : mapping of str to int, optional
        Renderings of each word: by espeak-ng's English voices, by those of other
        languages, and by each voice of flite and of Festival.

    Returns
    -------
    renderings : list of Rendering
        All of them.
    """
    if path is not None and path.exists():
        return _load(path)
    check_programs()
    renderings = list(render_words(words, takes, seed, without=SAMPLE_TIMBRES))
    if path is not None:
        _save(path, renderings)
    return renderings


def _load(path: Path) -> list[Rendering]:
    with np.load(path) as kept:
        rows = zip(kept["facts"], np.split(kept["audio"], kept["ends"]), strict=True)
        return [
            Rendering(label=label, engine=engine, voice=voice, waveform=waveform)
            for (label, engine, voice), waveform in rows
        ]


def _save(path: Path, renderings: Sequence[Rendering]) -> None:
    waveforms = [rendering.waveform for rendering in renderings]
    facts = [(r.label, r.engine, r.voice) for r in renderings]
    ends = np.cumsum([len(waveform) for waveform in waveforms])[:-1]
    np.savez(path, facts=facts, audio=np.concatenate(waveforms), ends=ends)


def say(voice: str, text: str, *, pitch: int, speed: int) -> NDArray[np.float32]:
    """Let espeak-ng say a text; pitch is from 0 to 99, speed in words a minute."""
    command = espeak_command(voice, text, pitch=pitch, speed=speed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.wav"
        subprocess.run([*command, str(path)], capture_output=True, check=True)
        word = read_trimmed(path)
    if word is None:
        raise SystemExit(f"No usable sound from: {' '.join(command)}.")
    return word
