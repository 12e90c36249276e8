"""Look up how English words are pronounced, in Festival's lexicon."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mfccclf.synthesis.speech.programs import Words

__all__ = ["look_up"]

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
    """Return the pronunciation of English words; what is in no lexicon is guessed.

    Parameters
    ----------
    words : sequence of str
        In letters; one may be several words with spaces between them.

    Returns
    -------
    pronunciations : dict of str to tuple of str
        For each word one pronunciation, in the phones of the CMU dictionary with "1"
        after a stressed vowel and " - " between syllables, such as "z ih1 - r ow"; none
        where Festival or its American lexicon is not installed.
    """
    if shutil.which("festival") is None:
        return dict.fromkeys(words, ())
    parts = sorted({part for word in words for part in word.lower().split()})
    script = ["(voice_kal_diphone)"]
    script += [f'(format t "%l\\n" (lex.lookup "{part}"))' for part in parts]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "lookup.scm"
        program.write_text("\n".join(script))
        run = ["festival", "-b", str(program)]
        lines = subprocess.run(run, capture_output=True, text=True, check=False).stdout
    known = dict(map(_read_entry, _ENTRY.finditer(lines)))
    return {word: _join(word.lower().split(), known) for word in words}


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
