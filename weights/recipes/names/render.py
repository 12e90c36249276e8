"""Let speech programs say words, and keep what they said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from words import PRONUNCIATIONS

from mfccclf.synthesis.speech import (
    INSTALL,
    PROGRAMS,
    Rendering,
    Words,
    find_programs,
    render_words,
)

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
    """Read the renderings kept in a file; where there is none, render and keep them.

    Parameters
    ----------
    path : Path or None
        File (.npz) to keep the renderings in; None to keep none.
    seed : int
        Seed of who says what in which manner.
    words : mapping of str to tuple of str, optional
        What is said, and its pronunciations; the names if left out.
    takes : mapping of str to int, optional
        Renderings of each word: by espeak-ng's English voices, by those of other
        languages, and by each voice of flite and of Festival.
    """
    if path is not None and path.exists():
        with np.load(path) as kept:
            rows = zip(
                kept["facts"], np.split(kept["audio"], kept["ends"]), strict=True
            )
            return [
                Rendering(label=label, engine=engine, voice=voice, waveform=waveform)
                for (label, engine, voice), waveform in rows
            ]
    check_programs()
    renderings = list(render_words(words, takes, seed, without=SAMPLE_TIMBRES))
    if path is not None:
        waveforms = [rendering.waveform for rendering in renderings]
        facts = [(r.label, r.engine, r.voice) for r in renderings]
        ends = np.cumsum([len(waveform) for waveform in waveforms])[:-1]
        np.savez(path, facts=facts, audio=np.concatenate(waveforms), ends=ends)
    return renderings
