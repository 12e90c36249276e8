"""flite: four English voices."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from random import Random

from mfccclf.synthesis.speech.spoken_words import Recording, Request
from mfccclf.synthesis.speech.voices import FLITE_PITCHES, PUNCTUATION

__all__ = ["count_flite", "say_by_flite"]


def count_flite(request: Request) -> int:
    """Return how many recordings `say_by_flite` tries to make."""
    return request.takes["flite"] * len(request.words) * len(FLITE_PITCHES)


def say_by_flite(request: Request) -> Iterator[Recording]:
    """Let flite say every word; each recording replaces the one before."""
    path = request.folder / "clip.wav"
    for label, pronunciations in request.words.items():
        for voice in FLITE_PITCHES:
            for take in range(request.takes["flite"]):
                command = _draw_command(voice, label, pronunciations, take, request.rng)
                subprocess.run([*command, str(path)], capture_output=True, check=False)
                yield Recording(label, voice, path)


def _draw_command(
    voice: str, label: str, pronunciations: tuple[str, ...], take: int, rng: Random
) -> list[str]:
    """Vary the tempo always, the pitch every second time, the text every third."""
    command = ["flite", "-voice", voice]
    command += ["--setf", f"duration_stretch={rng.uniform(0.75, 1.6):.2f}"]
    if take % 2:
        hertz = FLITE_PITCHES[voice] * rng.uniform(0.75, 1.35)
        command += ["--setf", f"int_f0_target_mean={hertz:.0f}"]
    if take % 3 == 2 and pronunciations:
        phones = rng.choice(pronunciations).replace("- ", "")
        return [*command, "-p", f"pau {phones} pau", "-o"]
    return [*command, "-t", label + rng.choice(PUNCTUATION), "-o"]
