"""espeak-ng: English voices, and voices of other languages, in many timbres."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Iterator
from random import Random

from mfccclf.synthesis.speech.spoken_words import Recording, Request
from mfccclf.synthesis.speech.voices import (
    ENGLISH,
    LANGUAGES,
    PUNCTUATION,
    ROBOTS,
    espeak_phonemes,
)

__all__ = ["count_espeak", "espeak_command", "say_by_espeak"]


def espeak_command(voice: str, text: str, *, pitch: int, speed: int) -> list[str]:
    """Return the command that makes espeak-ng say a text, without its output file.

    The output must be a file: to a pipe, espeak-ng writes a header with a wrong size.
    """
    manner = ["-p", str(pitch), "-s", str(speed), "-z"]
    return ["espeak-ng", "-v", voice, *manner, text, "-w"]


def count_espeak(request: Request) -> int:
    """Return how many recordings `say_by_espeak` tries to make."""
    takes = request.takes
    plain, accented = takes["espeak-ng"], takes["accents"]
    return plain * len(request.words) + accented * request.n_pronounced


def say_by_espeak(request: Request) -> Iterator[Recording]:
    """Let espeak-ng say every word; each recording replaces the one before."""
    path = request.folder / "clip.wav"
    for label, voice, command in _list_commands(request):
        subprocess.run([*command, str(path)], capture_output=True, check=False)
        yield Recording(label, voice, path)


def _list_commands(request: Request) -> Iterator[tuple[str, str, list[str]]]:
    rng, takes = request.rng, request.takes
    timbres = _list_timbres(request.without)
    english = [(accent, timbre) for accent in ENGLISH for timbre in timbres]
    for label, pronunciations in request.words.items():
        for accent, timbre in rng.sample(english, takes["espeak-ng"]):
            text = label + rng.choice(PUNCTUATION)
            yield label, timbre, _draw_manner(f"{accent}+{timbre}", text, rng)
        for take in range(takes["accents"] if pronunciations else 0):
            timbre = rng.choice(timbres)
            text = espeak_phonemes(rng.choice(pronunciations))
            voice = f"{LANGUAGES[take % len(LANGUAGES)]}+{timbre}"
            yield label, timbre, _draw_manner(voice, text, rng)


def _list_timbres(without: Collection[str]) -> list[str]:
    """List espeak-ng's timbres (variants of a voice) that a mouth could have."""
    listing = subprocess.run(
        ["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=True
    )
    files = [line.split("!v/")[-1].strip() for line in listing.stdout.splitlines()[1:]]
    return sorted(set(files) - ROBOTS - set(without))


def _draw_manner(voice: str, text: str, rng: Random) -> list[str]:
    pitch, speed = rng.randint(20, 80), rng.randint(95, 190)
    return espeak_command(voice, text, pitch=pitch, speed=speed)
