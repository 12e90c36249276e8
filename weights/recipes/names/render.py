"""Let espeak-ng, flite and festival say the names."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from voices import (
    ENGLISH,
    FESTIVAL_VOICES,
    FLITE_PITCHES,
    LANGUAGES,
    PRONUNCIATIONS,
    ROBOTS,
    SAMPLE_TIMBRES,
    SPEAKERS_IN_TWO_PROGRAMS,
    espeak_phonemes,
    festival_entry,
)

Words = Mapping[str, tuple[str, ...]]

SAMPLE_RATE = 16000
PROGRAMS = ("espeak-ng", "flite", "festival")
INSTALL = (
    "apt-get install espeak-ng flite festival festvox-kallpc16k festvox-kdlpc16k "
    "festvox-us-slt-hts festvox-italp16k festvox-itapc16k festvox-czech-dita "
    "festvox-czech-krb festvox-czech-machac festvox-czech-ph festvox-suopuhe-lj "
    "festvox-suopuhe-mv festvox-ca-ona-hts"
)
NAME_TAKES = {"espeak-ng": 330, "accents": 192, "flite": 24, "festival": 16}
_PUNCTUATION = ("", ".", "?", "!", ",")
_EDGE_S = 0.01
_SAY = (
    "(define (say word entry stretch file) (unwind-protect (begin (lex.add.entry entry)"
    " (Parameter.set 'Duration_Stretch stretch) (utt.save.wave (utt.synth (eval "
    "(list 'Utterance 'Text word))) file)) nil))"
)


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """A word as one voice said it: mono, at 16 kHz, no silence around it, peak 0.9."""

    label: str
    engine: str
    voice: str
    waveform: NDArray[np.float32]

    @property
    def speaker(self) -> str:
        """Whose voice it is: two people lent theirs to two programs."""
        return SPEAKERS_IN_TWO_PROGRAMS.get(self.voice, self.voice)


def check_programs() -> None:
    """Stop with the command that installs what is missing."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise SystemExit(f"Not installed: {', '.join(missing)}. Run: {INSTALL}")


def load_or_render(
    path: Path | None,
    seed: int,
    *,
    words: Words = PRONUNCIATIONS,
    takes: Mapping[str, int] = NAME_TAKES,
) -> list[Rendering]:
    """Read the renderings kept in a file; where there is none, render and keep them.

    Parameters
    ----------
    path : Path or None
        File (.npz) to keep the renderings in; None to keep none.
    seed : int
        Seed of who says what in which manner.
    words : mapping of str to tuple of str, optional
        What is said, and its pronunciations; the names if left out.
    takes : mapping of str to int, optional
        Renderings of each word: by espeak-ng's English voices, by those of other
        languages, and by each voice of flite and of Festival.
    """
    if path is not None and path.exists():
        with np.load(path) as kept:
            rows = zip(
                kept["facts"], np.split(kept["audio"], kept["ends"]), strict=True
            )
            return [
                Rendering(label=label, engine=engine, voice=voice, waveform=waveform)
                for (label, engine, voice), waveform in rows
            ]
    renderings = render_words(words, takes, seed)
    if path is not None:
        waveforms = [rendering.waveform for rendering in renderings]
        facts = [(r.label, r.engine, r.voice) for r in renderings]
        ends = np.cumsum([len(waveform) for waveform in waveforms])[:-1]
        np.savez(path, facts=facts, audio=np.concatenate(waveforms), ends=ends)
    return renderings


def render_words(words: Words, takes: Mapping[str, int], seed: int) -> list[Rendering]:
    """Render every word by all voices of the three programs; see `load_or_render`."""
    check_programs()
    rng = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.wav"
        renderings = [
            *_speak("espeak-ng", _espeak_jobs(words, takes, rng), path),
            *_speak("flite", _flite_jobs(words, takes, rng), path),
        ]
        for voice in FESTIVAL_VOICES:
            renderings += _festival(voice, words, takes, rng, Path(folder))
    return renderings


def espeak_timbres() -> list[str]:
    """List espeak-ng's timbres (variants of a voice) that the training may use."""
    listing = subprocess.run(
        ["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=True
    )
    files = [line.split("!v/")[-1].strip() for line in listing.stdout.splitlines()[1:]]
    return sorted(set(files) - ROBOTS - set(SAMPLE_TIMBRES))


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
    waveform = soxr.resample(audio[:, 0], rate, SAMPLE_RATE)
    waveform *= 0.9 / np.abs(waveform).max()
    loud = np.flatnonzero(np.abs(waveform) > 0.009)
    edge = int(_EDGE_S * SAMPLE_RATE)
    waveform = waveform[max(0, loud[0] - edge) : loud[-1] + 2 * edge]
    return waveform if 0.08 < len(waveform) / SAMPLE_RATE < 1.9 else None


_Job = tuple[str, str, list[str]]


def _espeak_jobs(words: Words, takes: Mapping[str, int], rng: Random) -> Iterator[_Job]:
    timbres = espeak_timbres()
    english = [(accent, timbre) for accent in ENGLISH for timbre in timbres]
    for label, pronunciations in words.items():
        for accent, timbre in rng.sample(english, takes["espeak-ng"]):
            text = label + rng.choice(_PUNCTUATION)
            yield label, timbre, _any_manner(f"{accent}+{timbre}", text, rng)
        for take in range(takes["accents"]):
            timbre = rng.choice(timbres)
            text = espeak_phonemes(rng.choice(pronunciations))
            voice = f"{LANGUAGES[take % len(LANGUAGES)]}+{timbre}"
            yield label, timbre, _any_manner(voice, text, rng)


def _any_manner(voice: str, text: str, rng: Random) -> list[str]:
    pitch, speed = rng.randint(20, 80), rng.randint(95, 190)
    return espeak_command(voice, text, pitch=pitch, speed=speed)


def _flite_jobs(words: Words, takes: Mapping[str, int], rng: Random) -> Iterator[_Job]:
    for label, pronunciations in words.items():
        for voice, pitch in FLITE_PITCHES.items():
            for take in range(takes["flite"]):
                command = ["flite", "-voice", voice]
                command += ["--setf", f"duration_stretch={rng.uniform(0.75, 1.6):.2f}"]
                if take % 2:
                    hertz = pitch * rng.uniform(0.75, 1.35)
                    command += ["--setf", f"int_f0_target_mean={hertz:.0f}"]
                if take % 3 == 2:
                    phones = rng.choice(pronunciations).replace("- ", "")
                    command += ["-p", f"pau {phones} pau"]
                else:
                    command += ["-t", label + rng.choice(_PUNCTUATION)]
                yield label, voice, [*command, "-o"]


def _speak(engine: str, jobs: Iterator[_Job], path: Path) -> Iterator[Rendering]:
    for label, voice, command in jobs:
        subprocess.run([*command, str(path)], capture_output=True, check=False)
        yield from _collect(label, engine, voice, path)


def _festival(
    voice: str, words: Words, takes: Mapping[str, int], rng: Random, folder: Path
) -> Iterator[Rendering]:
    """Render all takes of a voice in one process: its start takes longest."""
    script = [_SAY, f"(voice_{voice})"]
    said: list[tuple[str, Path]] = []
    for label, pronunciations in words.items():
        for _ in range(takes["festival"]):
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
        yield from _collect(label, "festival", voice, path)


def _made_up_word(number: int) -> str:
    """Return a word of its own for each take: of two entries for one, the first wins.

    It must look like a word: some voices spell what has no vowels, lexicon or not.
    """
    last, middle, first = ("aeiou"[number // 5**power % 5] for power in range(3))
    start = "bdgkmprst"[number // 125]
    return f"{start}{first}n{middle}l{last}"


def _collect(label: str, engine: str, voice: str, path: Path) -> Iterator[Rendering]:
    if not path.exists():
        return
    waveform = read_trimmed(path)
    path.unlink()
    if waveform is not None:
        yield Rendering(label=label, engine=engine, voice=voice, waveform=waveform)
