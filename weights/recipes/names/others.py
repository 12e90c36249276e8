"""Other words and names, and sounds without words, to learn when to name nobody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from numpy.random import Generator

from mfccclf.synthesis.speech import Rendering, look_up
from weights.recipes.made_sounds import SOUNDS, VOICES, make_sound, make_voices
from weights.recipes.names.augment import Waveform, alone, change_voice_and_room, place
from weights.recipes.names.render import load_or_render
from weights.recipes.names.words import OTHER_NAMES, OTHER_WORDS, SIMILAR_WORDS

__all__ = ["OtherClips", "load_or_render_others"]

_TAKES = {"espeak-ng": 5, "accents": 4, "flite": 1, "festival": 1}
_SHARES = {"words": 0.5, "voices": 0.2, "sounds": 0.3}
# How many sounds have no background.
_ALONE = 0.4


def load_or_render_others(path: Path | None, seed: int) -> list[Rendering]:
    """Read or render words and names that are none of the five, about 5,800 clips."""
    similar = look_up([*OTHER_NAMES.split(), *SIMILAR_WORDS.split()])
    words = {**OTHER_WORDS, **similar}
    return load_or_render(path, seed, words=words, takes=_TAKES)


class OtherClips:
    """Makes clips that hold no name.

    Parameters
    ----------
    words : sequence of Rendering
        Other words and names.
    names : sequence of Rendering
        The names, to be played backwards and the like.
    """

    def __init__(self, words: Sequence[Rendering], names: Sequence[Rendering]) -> None:
        self._words = words
        self._spoken = [rendering.waveform for rendering in (*words, *names)]

    def make(
        self, count: int, rng: Generator
    ) -> tuple[list[Waveform], list[tuple[str, str]]]:
        """Make clips, varied and placed like the names.

        With each clip comes its word or kind, and its speaker: "" for a made sound.
        """
        parts = rng.choice([*_SHARES], count, p=[*_SHARES.values()])
        made = [self._make(part, rng) for part in parts]
        return [clip for clip, _ in made], [facts for _, facts in made]

    def _make(self, part: str, rng: Generator) -> tuple[Waveform, tuple[str, str]]:
        if part == "words":
            said = self._words[int(rng.integers(len(self._words)))]
            word = change_voice_and_room(said.waveform, rng)
            return place(word, rng), (said.label, said.speaker)
        kind = str(rng.choice([*(VOICES if part == "voices" else SOUNDS)]))
        if part == "voices":
            voices = make_voices(kind, self._spoken, rng)
            return place(change_voice_and_room(voices, rng), rng), (kind, "")
        sound = make_sound(kind, rng)
        fill = alone if rng.random() < _ALONE else place
        return fill(sound, rng), (kind, "")
