"""Festival: voices of many languages, and a lexicon of English pronunciations."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from mfccclf.synthesis.speech.spoken_words import Recording, Request, Words
from mfccclf.synthesis.speech.voices import FESTIVAL_VOICES, festival_entry

__all__ = ["count_festival", "look_up", "say_by_festival"]

_SAY = (
    "(define (say word entry stretch file) (unwind-protect (begin (lex.add.entry entry)"
    " (Parameter.set 'Duration_Stretch stretch) (utt.save.wave (utt.synth (eval "
    "(list 'Utterance 'Text word))) file)) nil))"
)
# An entry reads ("zero" n (((z ih r) 1) ((ow) 0))): syllables, each with its stress.
_ENTRY = re.compile(r'\("(?P<word>[^"]*)" \S+ \((?P<syllables>.*)\)\)')
_SYLLABLE = re.compile(r"\(\((?P<phones>[a-z ]+)\) (?P<stress>\d)\)")
_VOWELS = frozenset(
    (
        *("aa", "ae", "ah", "ao", "aw", "ax", "ay", "eh"),
        *("er", "ey", "ih", "iy", "ow", "oy", "uh", "uw"),
    )
)


def look_up(words: Sequence[str]) -> Words:
    """Return the pronunciation of English words; Festival guesses unknown ones.

    Parameters
    ----------
    words : sequence of str
        In letters; one may be several words with spaces between them.

    Returns
    -------
    pronunciations : dict of str to tuple of str
        For each word one pronunciation, in the phones of the CMU dictionary with "1"
        after a stressed vowel and " - " between syllables, such as "z ih1 - r ow"; none
        if Festival or its American lexicon is not installed.
    """
    if shutil.which("festival") is None:
        return dict.fromkeys(words, ())
    parts = sorted({part for word in words for part in word.lower().split()})
    script = ["(voice_kal_diphone)"]
    script += [f'(format t "%l\\n" (lex.lookup "{part}"))' for part in parts]
    with tempfile.TemporaryDirectory() as folder:
        printed = _run(script, Path(folder) / "lookup.scm")
    known = dict(map(_read_entry, _ENTRY.finditer(printed)))
    return {word: _join(word.lower().split(), known) for word in words}


def count_festival(request: Request) -> int:
    """Return how many recordings `say_by_festival` tries to make."""
    return request.takes["festival"] * request.n_pronounced * len(FESTIVAL_VOICES)


def say_by_festival(request: Request) -> Iterator[Recording]:
    """Let Festival say every word whose pronunciation is known."""
    for voice in FESTIVAL_VOICES:
        yield from _say_by_voice(voice, request)


def _say_by_voice(voice: str, request: Request) -> list[Recording]:
    """Say all takes of a voice in one process: its start takes longest."""
    rng = request.rng
    script = [_SAY, f"(voice_{voice})"]
    said: list[Recording] = []
    for label, pronunciations in request.words.items():
        for _ in range(request.takes["festival"] if pronunciations else 0):
            word = _invent_word(len(said))
            entry = festival_entry(word, rng.choice(pronunciations), voice)
            path = request.folder / f"{word}.wav"
            stretch = f"{rng.uniform(0.8, 1.7):.2f}"
            script.append(f'(say "{word}" \'{entry} {stretch} "{path}")')
            said.append(Recording(label, voice, path))
    _run(script, request.folder / "say.scm")
    return said


def _run(script: list[str], program: Path) -> str:
    """Run a script; return what it printed."""
    program.write_text("\n".join(script))
    command = ["festival", "-b", str(program)]
    run = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False
    )
    return run.stdout


def _invent_word(number: int) -> str:
    """Return another word for each take: of two entries for one word, the first wins.

    It must look like a word: some voices spell what has no vowels, lexicon or not.
    """
    last, middle, first = ("aeiou"[number // 5**power % 5] for power in range(3))
    start = _invent_start(number // 125)
    return f"{start}{first}n{middle}l{last}"


def _invent_start(number: int) -> str:
    """Return a consonant; after some thousand words, with syllables before it."""
    consonants = "bdgkmprst"
    more, place = divmod(number, len(consonants))
    before = "" if not more else _invent_start(more - 1) + "a"
    return before + consonants[place]


def _read_entry(entry: re.Match[str]) -> tuple[str, str]:
    syllables = [
        " ".join(
            phone + "1" * (phone in _VOWELS and found["stress"] == "1")
            for phone in found["phones"].split()
        )
        for found in _SYLLABLE.finditer(entry["syllables"])
    ]
    return entry["word"], " - ".join(syllables)


def _join(parts: Sequence[str], known: dict[str, str]) -> tuple[str, ...]:
    if not all(known.get(part) for part in parts):
        return ()
    return (" - ".join(known[part] for part in parts),)
