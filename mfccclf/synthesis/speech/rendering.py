"""Data sets of words that speech programs say, in the layout of Speech Commands."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import soundfile

from mfccclf._files import filled_folder, make_empty_folder
from mfccclf._hashing import hash_text
from mfccclf._typing import Progress
from mfccclf._validation import argument_error, check_int
from mfccclf.datasets.splits import canonical_split
from mfccclf.errors import DatasetError
from mfccclf.synthesis.speech.festival import look_up
from mfccclf.synthesis.speech.programs import (
    INSTALL,
    PROGRAMS,
    find_programs,
    render_words,
)
from mfccclf.synthesis.speech.spoken_words import SPEECH_RATE, Rendering, speaker_of
from mfccclf.synthesis.speech.voices import FESTIVAL_VOICES, FLITE_PITCHES
from mfccclf.waveform.resampling import resample

__all__ = ["VOICES_NAME", "RenderedSpeech", "render_speech"]

VOICES_NAME = "voices.csv"
_OWNER = "render_speech"
_WORD = re.compile(r"[A-Za-z][A-Za-z']*( [A-Za-z][A-Za-z']*)*")
_LABEL = re.compile(r"[^\W_][^/\\:*?\"<>|]*")
# Of a word's clips: espeak-ng has the most voices, Festival's are the most natural.
_SHARES = {"espeak-ng": 0.3, "accents": 0.3, "flite": 0.15, "festival": 0.25}
_MAX_CLIPS = 1000
_LOWEST_RATE = 8000


@dataclass(frozen=True, kw_only=True)
class RenderedSpeech:
    """What was said.

    Attributes
    ----------
    folder : pathlib.Path
        The data set.
    n_clips : int
        Clips that were written.
    n_voices : int
        Different voices.
    programs : dict of str to int
        Clips of each program.
    missing : list of str
        Programs that are not installed.
    """

    folder: Path
    n_clips: int
    n_voices: int
    programs: dict[str, int]
    missing: list[str]


def render_speech(
    words: Sequence[str] | Mapping[str, str],
    output: str | PathLike[str],
    *,
    n_clips: int = 200,
    sample_rate: int = SPEECH_RATE,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> RenderedSpeech:
    """Let speech programs say words, for a data set in the layout of Speech Commands.

    espeak-ng, flite and Festival say each word in up to a hundred voices, in all
    pitches and tempos and with the accents of 32 languages; pronunciations are looked
    up in Festival's lexicon. Clips are trimmed; the voice is the clip's group, and
    ``voices.csv`` beside the clips names it. The data set appears whole or not at all.
    Equal calls give equal clips if programs and voices are the same.

    Parameters
    ----------
    words : sequence of str, or mapping of str to str
        English words in letters, or short phrases; as a mapping, with their labels.
    output : path-like
        Folder to make; it must be empty or not there.
    n_clips : int, default=200
        Approximate number of clips of each word: every voice of flite and Festival
        speaks at least once, and what a voice cannot say is left out.
    sample_rate : int, default=16000
        Rate of the clips in Hz, from 8,000 to 16,000; ideally that of the recordings
        that the clips are used with.
    seed : int, default=0
        Decides who says what in which manner.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    rendered : RenderedSpeech
        Counts.

    Raises
    ------
    DatasetError
        If no speech program is installed, the folder is not empty, or no voice can say
        a word.
    ValueError
        If a word or label cannot be used.

    Examples
    --------
    >>> from mfccclf.synthesis import render_speech
    >>> render_speech(["yes", "no"], "spoken", n_clips=100).n_clips  # doctest: +SKIP
    200
    """
    labels = _check_words(words)
    check_int("n_clips", n_clips, minimum=1, maximum=_MAX_CLIPS, owner=_OWNER)
    check_int(
        "sample_rate",
        sample_rate,
        minimum=_LOWEST_RATE,
        maximum=SPEECH_RATE,
        owner=_OWNER,
    )
    installed = find_programs()
    if not installed:
        raise DatasetError(f"No speech program is installed. Run: {INSTALL}.")
    folder = make_empty_folder(output)
    known = look_up(list(labels))
    with filled_folder(folder) as temporary:
        files = _Files(temporary, sample_rate)
        for spoken in render_words(
            known, _count_takes(n_clips), seed, on_progress=on_progress
        ):
            files.write(spoken, labels[spoken.label])
        _check_spoken(labels, files.words)
        files.write_voices()
    programs = Counter(engine for engine, _ in files.voices.elements())
    return RenderedSpeech(
        folder=folder,
        n_clips=files.voices.total(),
        n_voices=len(files.voices),
        programs=dict(programs),
        missing=[program for program in PROGRAMS if program not in installed],
    )


class _Files:
    """The files of a data set while they are written."""

    def __init__(self, folder: Path, sample_rate: int) -> None:
        self._folder, self._rate = folder, sample_rate
        self._takes: Counter[tuple[str, str]] = Counter()
        self.voices: Counter[tuple[str, str]] = Counter()
        self.words: set[str] = set()

    def write(self, rendering: Rendering, label: str) -> None:
        """Write a clip into the folder of its label."""
        speaker = _hash(rendering.speaker)
        take = self._takes[label, speaker]
        path = self._folder / label / f"{speaker}_nohash_{take}.wav"
        path.parent.mkdir(exist_ok=True)
        waveform = resample(
            rendering.waveform, from_rate=SPEECH_RATE, to_rate=self._rate
        )
        soundfile.write(path, waveform, self._rate, subtype="PCM_16")
        self._takes[label, speaker] += 1
        self.voices[rendering.engine, rendering.voice] += 1
        self.words.add(rendering.label)

    def write_voices(self) -> None:
        """Write who speaks by which program; two people lent their voice to two."""
        with (self._folder / VOICES_NAME).open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["speaker", "program", "voice", "clips"])
            for (engine, voice), count in sorted(self.voices.items()):
                table.writerow([_hash(speaker_of(voice)), engine, voice, count])


def _check_words(words: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Return the label of each word."""
    if isinstance(words, str) or not words:
        raise argument_error("words", words, "a list of words", owner=_OWNER)
    pairs = (
        words.items() if isinstance(words, Mapping) else zip(words, words, strict=True)
    )
    labels = dict(pairs)
    for word, label in labels.items():
        if not _WORD.fullmatch(word):
            expected = "English words in letters, such as 'seven' for '7'"
            raise argument_error("words", word, expected, owner=_OWNER)
        if not _LABEL.fullmatch(label) or canonical_split(label) is not None:
            expected = "labels that can name a folder and are no split's name"
            raise argument_error("words", label, expected, owner=_OWNER)
    return labels


def _check_spoken(words: Iterable[str], spoken: set[str]) -> None:
    silent = sorted(set(words) - spoken)
    if silent:
        raise DatasetError(
            f"No voice could say {', '.join(silent)}. Spell it another way, or "
            f"install more voices: {INSTALL}."
        )


def _count_takes(n_clips: int) -> dict[str, int]:
    counts = {name: share * n_clips for name, share in _SHARES.items()}
    counts["flite"] /= len(FLITE_PITCHES)
    counts["festival"] /= len(FESTIVAL_VOICES)
    return {name: max(1, round(count)) for name, count in counts.items()}


def _hash(speaker: str) -> str:
    """Return what stands for a speaker in a file's name."""
    return hash_text(speaker)[:8]
