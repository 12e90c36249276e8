"""Let every installed speech program say words."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from mfccclf._typing import Progress
from mfccclf.synthesis.speech.espeak import count_espeak, say_by_espeak
from mfccclf.synthesis.speech.festival import count_festival, say_by_festival
from mfccclf.synthesis.speech.flite import count_flite, say_by_flite
from mfccclf.synthesis.speech.spoken_words import (
    Recording,
    Rendering,
    Request,
    Takes,
    Words,
    read_trimmed,
)

__all__ = ["INSTALL", "PROGRAMS", "find_programs", "render_words"]

INSTALL = (
    "apt-get install espeak-ng flite festival festvox-kallpc16k festvox-kdlpc16k "
    "festvox-us-slt-hts festvox-italp16k festvox-itapc16k festvox-czech-dita "
    "festvox-czech-krb festvox-czech-machac festvox-czech-ph festvox-suopuhe-lj "
    "festvox-suopuhe-mv festvox-ca-ona-hts"
)


class _Program(NamedTuple):
    """How many recordings a program tries to make, and how it makes them."""

    count: Callable[[Request], int]
    say: Callable[[Request], Iterator[Recording]]


_PROGRAMS = {
    "espeak-ng": _Program(count_espeak, say_by_espeak),
    "flite": _Program(count_flite, say_by_flite),
    "festival": _Program(count_festival, say_by_festival),
}
PROGRAMS = tuple(_PROGRAMS)


def find_programs() -> list[str]:
    """Return which of the programs are installed."""
    return [program for program in PROGRAMS if shutil.which(program) is not None]


def render_words(
    words: Words,
    takes: Takes,
    seed: int,
    *,
    without: Collection[str] = (),
    on_progress: Progress | None = None,
) -> Iterator[Rendering]:
    """Let the installed programs say every word in many voices and manners.

    Parameters
    ----------
    words : mapping of str to tuple of str
        What is said, and how it is pronounced, see `look_up`. Without a pronunciation,
        a word is said only by English voices of espeak-ng and flite, as they read it.
    takes : mapping of str to int
        Renderings of each word: by espeak-ng's English voices ("espeak-ng"), by its
        voices of other languages ("accents"), and by each voice of "flite" and of
        "festival".
    seed : int
        Decides who says what in which manner.
    without : collection of str, optional
        Timbres of espeak-ng to leave out.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Yields
    ------
    rendering : Rendering
        What a voice cannot say is left out.
    """
    installed = find_programs()
    with tempfile.TemporaryDirectory() as name:
        request = Request(words, takes, Random(seed), Path(name), without)
        total = sum(_PROGRAMS[program].count(request) for program in installed)
        done = 0
        for program in installed:
            for recording in _PROGRAMS[program].say(request):
                done += 1
                if on_progress is not None:
                    on_progress(done, total)
                yield from _collect(program, recording)


def _collect(program: str, recording: Recording) -> Iterator[Rendering]:
    if not recording.path.exists():
        return
    waveform = read_trimmed(recording.path)
    recording.path.unlink()
    if waveform is not None:
        yield Rendering(
            label=recording.label,
            engine=program,
            voice=recording.voice,
            waveform=waveform,
        )
