"""Let espeak-ng, flite and Festival say words."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from mfccclf._typing import Progress
from mfccclf.synthesis.speech.voices import (
    ENGLISH,
    FESTIVAL_VOICES,
    FLITE_PITCHES,
    LANGUAGES,
    ROBOTS,
    SPEAKERS_IN_TWO_PROGRAMS,
    espeak_phonemes,
    festival_entry,
)

__all__ = [
    "INSTALL",
    "PROGRAMS",
    "SPEECH_RATE",
    "Rendering",
    "Takes",
    "Words",
    "espeak_command",
    "find_programs",
    "read_trimmed",
    "render_words",
    "speaker_of",
]

Words = Mapping[str, tuple[str, ...]]
Takes = Mapping[str, int]

SPEECH_RATE = 16000
PROGRAMS = ("espeak-ng", "flite", "festival")
INSTALL = (
    "apt-get install espeak-ng flite festival festvox-kallpc16k festvox-kdlpc16k "
    "festvox-us-slt-hts festvox-italp16k festvox-itapc16k festvox-czech-dita "
    "festvox-czech-krb festvox-czech-machac festvox-czech-ph festvox-suopuhe-lj "
    "festvox-suopuhe-mv festvox-ca-ona-hts"
)
_PUNCTUATION = ("", ".", "?", "!", ",")
_EDGE_S = 0.01
# Shortest and longest word.
_LENGTHS_S = (0.08, 1.9)
_SAY = (
    "(define (say word entry stretch file) (unwind-protect (begin (lex.add.entry entry)"
    " (Parameter.set 'Duration_Stretch stretch) (utt.save.wave (utt.synth (eval "
    "(list 'Utterance 'Text word))) file)) nil))"
)


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """A word as one voice said it: mono, at 16 kHz, no silence around it, peak 0.9.

    Attributes
    ----------
    label : str
        The word.
    engine : str
        The program.
    voice : str
        As the program calls it; of espeak-ng, the timbre.
    waveform : float32 ndarray of shape (n_samples,)
        The sound.
    """

    label: str
    engine: str
    voice: str
    waveform: NDArray[np.float32]

    @property
    def speaker(self) -> str:
        """Whose voice it is."""
        return speaker_of(self.voice)


def speaker_of(voice: str) -> str:
    """Return whose voice it is: two people lent theirs to two programs."""
    return SPEAKERS_IN_TWO_PROGRAMS.get(voice, voice)


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
        a word is said by English voices of espeak-ng and flite only, as they read it.
    takes : mapping of str to int
        Renderings of each word: by espeak-ng's English voices ("espeak-ng"), by its
        voices of other languages ("accents"), and by each voice of "flite" and of
        "festival".
    seed : int
        Seed of who says what in which manner.
    without : collection of str, optional
        Timbres of espeak-ng to leave out.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Yields
    ------
    rendering : Rendering
        What a voice cannot say is left out.
    """
    programs = find_programs()
    rng = Random(seed)
    count = _Count(_count_takes(words, takes, programs), on_progress)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "espeak-ng" in programs:
            jobs = _espeak_jobs(words, takes, rng, _timbres(without))
            yield from _speak("espeak-ng", jobs, folder / "clip.wav", count)
        if "flite" in programs:
            jobs = _flite_jobs(words, takes, rng)
            yield from _speak("flite", jobs, folder / "clip.wav", count)
        if "festival" in programs:
            for voice in FESTIVAL_VOICES:
                yield from _festival(voice, words, takes, rng, folder, count)


def espeak_command(voice: str, text: str, *, pitch: int, speed: int) -> list[str]:
    """Return the command that lets espeak-ng say a text, but for its output file.

    The output must be a file: to a pipe, espeak-ng writes a header with a wrong size.
    """
    manner = ["-p", str(pitch), "-s", str(speed), "-z"]
    return ["espeak-ng", "-v", voice, *manner, text, "-w"]


def read_trimmed(path: Path) -> NDArray[np.float32] | None:
    """Read a rendering without its silence; None where a voice said nothing of use."""
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    if len(audio) < rate // 20 or np.abs(audio).max() < 1e-3:
        return None
    waveform = soxr.resample(audio[:, 0], rate, SPEECH_RATE)
    waveform *= 0.9 / np.abs(waveform).max()
    loud = np.flatnonzero(np.abs(waveform) > 0.009)
    edge = int(_EDGE_S * SPEECH_RATE)
    waveform = waveform[max(0, loud[0] - edge) : loud[-1] + 2 * edge]
    shortest, longest = _LENGTHS_S
    return waveform if shortest < len(waveform) / SPEECH_RATE < longest else None


_Job = tuple[str, str, list[str]]


class _Count:
    """How many takes are done."""

    def __init__(self, total: int, on_progress: Progress | None) -> None:
        self.done, self.total = 0, total
        self._on_progress = on_progress

    def add(self) -> None:
        self.done += 1
        if self._on_progress is not None:
            self._on_progress(self.done, self.total)


def _count_takes(words: Words, takes: Takes, programs: list[str]) -> int:
    n_pronounced = sum(bool(known) for known in words.values())
    total = 0
    if "espeak-ng" in programs:
        total += takes["espeak-ng"] * len(words) + takes["accents"] * n_pronounced
    if "flite" in programs:
        total += takes["flite"] * len(words) * len(FLITE_PITCHES)
    if "festival" in programs:
        total += takes["festival"] * n_pronounced * len(FESTIVAL_VOICES)
    return total


def _timbres(without: Collection[str]) -> list[str]:
    """List espeak-ng's timbres (variants of a voice) of mouths."""
    listing = subprocess.run(
        ["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=True
    )
    files = [line.split("!v/")[-1].strip() for line in listing.stdout.splitlines()[1:]]
    return sorted(set(files) - ROBOTS - set(without))


def _espeak_jobs(
    words: Words, takes: Takes, rng: Random, timbres: list[str]
) -> Iterator[_Job]:
    english = [(accent, timbre) for accent in ENGLISH for timbre in timbres]
    for label, pronunciations in words.items():
        for accent, timbre in rng.sample(english, takes["espeak-ng"]):
            text = label + rng.choice(_PUNCTUATION)
            yield label, timbre, _any_manner(f"{accent}+{timbre}", text, rng)
        for take in range(takes["accents"] if pronunciations else 0):
            timbre = rng.choice(timbres)
            text = espeak_phonemes(rng.choice(pronunciations))
            voice = f"{LANGUAGES[take % len(LANGUAGES)]}+{timbre}"
            yield label, timbre, _any_manner(voice, text, rng)


def _any_manner(voice: str, text: str, rng: Random) -> list[str]:
    pitch, speed = rng.randint(20, 80), rng.randint(95, 190)
    return espeak_command(voice, text, pitch=pitch, speed=speed)


def _flite_jobs(words: Words, takes: Takes, rng: Random) -> Iterator[_Job]:
    for label, pronunciations in words.items():
        for voice, pitch in FLITE_PITCHES.items():
            for take in range(takes["flite"]):
                command = ["flite", "-voice", voice]
                command += ["--setf", f"duration_stretch={rng.uniform(0.75, 1.6):.2f}"]
                if take % 2:
                    hertz = pitch * rng.uniform(0.75, 1.35)
                    command += ["--setf", f"int_f0_target_mean={hertz:.0f}"]
                if take % 3 == 2 and pronunciations:
                    phones = rng.choice(pronunciations).replace("- ", "")
                    command += ["-p", f"pau {phones} pau"]
                else:
                    command += ["-t", label + rng.choice(_PUNCTUATION)]
                yield label, voice, [*command, "-o"]


def _speak(
    engine: str, jobs: Iterator[_Job], path: Path, count: _Count
) -> Iterator[Rendering]:
    for label, voice, command in jobs:
        subprocess.run([*command, str(path)], capture_output=True, check=False)
        count.add()
        yield from _collect(label, engine, voice, path)


def _festival(
    voice: str, words: Words, takes: Takes, rng: Random, folder: Path, count: _Count
) -> Iterator[Rendering]:
    """Render all takes of a voice in one process: its start takes longest."""
    script = [_SAY, f"(voice_{voice})"]
    said: list[tuple[str, Path]] = []
    for label, pronunciations in words.items():
        for _ in range(takes["festival"] if pronunciations else 0):
            word = _made_up_word(len(said))
            entry = festival_entry(word, rng.choice(pronunciations), voice)
            path = folder / f"{word}.wav"
            stretch = f"{rng.uniform(0.8, 1.7):.2f}"
            script.append(f'(say "{word}" \'{entry} {stretch} "{path}")')
            said.append((label, path))
    program = folder / "say.scm"
    program.write_text("\n".join(script))
    subprocess.run(["festival", "-b", str(program)], capture_output=True, check=False)
    for label, path in said:
        count.add()
        yield from _collect(label, "festival", voice, path)


def _made_up_word(number: int) -> str:
    """Return a word of its own for each take: of two entries for one, the first wins.

    It must look like a word: some voices spell what has no vowels, lexicon or not.
    """
    last, middle, first = ("aeiou"[number // 5**power % 5] for power in range(3))
    start = _made_up_start(number // 125)
    return f"{start}{first}n{middle}l{last}"


def _made_up_start(number: int) -> str:
    """Return a consonant, after some thousand words with syllables before it."""
    consonants = "bdgkmprst"
    more, place = divmod(number, len(consonants))
    before = "" if not more else _made_up_start(more - 1) + "a"
    return before + consonants[place]


def _collect(label: str, engine: str, voice: str, path: Path) -> Iterator[Rendering]:
    if not path.exists():
        return
    waveform = read_trimmed(path)
    path.unlink()
    if waveform is not None:
        yield Rendering(label=label, engine=engine, voice=voice, waveform=waveform)
