"""Let speech programs say the digits, and other words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mfccclf import Dataset, load_dataset
from mfccclf.synthesis import render_speech

__all__ = ["speak_digits", "speak_other_words"]

_DIGITS = (
    *("zero", "one", "two", "three", "four"),
    *("five", "six", "seven", "eight", "nine"),
)
_OTHER_WORDS = (
    *("yes", "no", "stop", "go", "left", "right", "up", "down", "hello", "please"),
    *("house", "water", "people", "music", "window", "summer", "apple", "never"),
    *("again", "because", "different", "morning", "garden", "paper"),
)
# The recordings have 8 kHz; those of other people will have more.
_RATES = (8000, 16000)
_CLIPS, _OTHER_CLIPS = 100, 10


def speak_digits(work: Path) -> Dataset:
    """Return each digit by some hundred voices, at both rates."""
    said = {word: str(digit) for digit, word in enumerate(_DIGITS)}
    parts = []
    for seed, rate in enumerate(_RATES):
        folder = work / f"digits-{rate}"
        if not folder.exists():
            render_speech(said, folder, n_clips=_CLIPS, sample_rate=rate, seed=seed)
        parts.append(load_dataset(folder, layout="speech-commands"))
    first, second = parts
    return first.join(second)


def speak_other_words(work: Path) -> Iterable[Path]:
    """Yield the folder of other words at each rate."""
    for half, rate in enumerate(_RATES):
        folder = work / f"words-{rate}"
        if not folder.exists():
            words = _OTHER_WORDS[half::2]
            render_speech(words, folder, n_clips=_OTHER_CLIPS, sample_rate=rate)
        yield folder
