"""Let speech programs say the digits, and other words."""

from __future__ import annotations

from pathlib import Path

from mfccclf import Dataset, load_dataset
from mfccclf.synthesis import render_speech

__all__ = ["speak_digits", "speak_other_words"]

_DIGITS = (
    *("zero", "one", "two", "three", "four"),
    *("five", "six", "seven", "eight", "nine"),
)
# The last three lines sound like digits.
_OTHER_WORDS = (
    *("yes", "no", "stop", "go", "left", "right", "up", "down", "hello", "please"),
    *("house", "water", "people", "music", "window", "summer", "apple", "never"),
    *("again", "because", "different", "morning", "garden", "paper", "machine"),
    *("maria", "james", "sophia", "monica", "andrea", "banana", "arena", "camera"),
    *("happy", "dog", "bird", "tree", "hero", "fun", "sun", "run", "shoe", "do"),
    *("free", "door", "more", "hive", "live", "fix", "sick", "heaven", "eleven"),
    *("late", "day", "fine", "line", "mine", "night", "knee", "sofa", "sixty", "teen"),
)
# The recordings have 8 kHz; those of other people will have more.
_RATES = (8000, 16000)
_CLIPS, _OTHER_CLIPS = 100, 30


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


def speak_other_words(work: Path) -> list[Path]:
    """Return the folder of other words at each rate."""
    folders = [work / f"words-{rate}" for rate in _RATES]
    for half, (rate, folder) in enumerate(zip(_RATES, folders, strict=True)):
        if not folder.exists():
            words = _OTHER_WORDS[half::2]
            render_speech(words, folder, n_clips=_OTHER_CLIPS, sample_rate=rate)
    return folders
