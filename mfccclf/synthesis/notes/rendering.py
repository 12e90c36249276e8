"""Data sets of single notes, played by SoundFonts and laid out as NSynth is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from mfccclf._files import filled_folder, make_empty_folder
from mfccclf._typing import Progress
from mfccclf._validation import argument_error, check_int
from mfccclf.synthesis.notes.general_midi import (
    FAMILIES,
    GENERAL_MIDI,
    SOURCES,
    Instrument,
)
from mfccclf.synthesis.notes.sound_fonts import (
    RENDER_RATE,
    Player,
    check_font,
    font_family,
    open_player,
)
from mfccclf.waveform.resampling import resample

__all__ = ["NOTE_RATE", "RenderedNotes", "render_notes"]


# As in NSynth: 4 s at 16 kHz, the key released after 3 s.
NOTE_RATE = 16000
_LENGTH_S, _HELD_S = 4.0, 3.0
_N_PROGRAMS = 128
_SPLITS = {"train": "nsynth-train", "validation": "nsynth-valid", "test": "nsynth-test"}
# Fonts whose every program is synthesised, whatever it stands for.
_SYNTHETIC_FONTS = frozenset({"opl3"})


@dataclass(frozen=True, kw_only=True)
class RenderedNotes:
    """What was rendered.

    Attributes
    ----------
    folder : pathlib.Path
        Where.
    n_notes : int
        Notes that were written.
    n_silent : int
        Notes left out, since the font has no such program or nothing sounded.
    splits : dict of str to list of str
        Font families of each split; a single family makes no split, under "all".
    """

    folder: Path
    n_notes: int
    n_silent: int
    splits: dict[str, list[str]]


@dataclass(frozen=True)
class _Font:
    path: Path
    number: int
    family: str
    split: str | None


@dataclass(frozen=True)
class _Note:
    font: _Font
    instrument: Instrument
    pitch: int
    velocity: int

    @property
    def source(self) -> str:
        synthetic = self.font.family in _SYNTHETIC_FONTS
        return "synthetic" if synthetic else self.instrument.source

    @property
    def instrument_number(self) -> int:
        return self.font.number * _N_PROGRAMS + self.instrument.program

    @property
    def instrument_name(self) -> str:
        number = f"{self.instrument_number:03d}"
        return f"{self.instrument.family}_{self.source}_{number}"

    @property
    def name(self) -> str:
        return f"{self.instrument_name}-{self.pitch:03d}-{self.velocity:03d}"

    def fields(self) -> dict[str, Any]:
        """Return what NSynth's ``examples.json`` holds of a note, and the font."""
        family = self.instrument.family
        return {
            "note_str": self.name,
            "instrument": self.instrument_number,
            "instrument_str": self.instrument_name,
            "instrument_family": FAMILIES.index(family),
            "instrument_family_str": family,
            "instrument_source": SOURCES.index(self.source),
            "instrument_source_str": self.source,
            "pitch": self.pitch,
            "velocity": self.velocity,
            "sample_rate": NOTE_RATE,
            "program": self.instrument.program,
            "sound_font": self.font.path.resolve().name,
            "font_family": self.font.family,
        }


def render_notes(
    sound_fonts: Sequence[str | PathLike[str]],
    output: str | PathLike[str],
    *,
    pitch_step: int = 6,
    velocities: Sequence[int] = (50, 100),
    n_notes: int | None = None,
    on_progress: Progress | None = None,
) -> RenderedNotes:
    """Render notes with SoundFonts into a data set in NSynth's layout.

    Each program of General MIDI that belongs to one of NSynth's families plays a grid
    of pitches, within its instrument's natural range, and velocities: 4 s, released
    after 3, without reverberation, rendered at 48 kHz and resampled to 16 kHz. The
    same call gives the same bytes. They appear whole or not at all.

    Fonts that were made from the same samples form a family, and a family is never
    split: of two families the second is the test split; of more, the last is the test
    split and the one before it the validation split. One family is not split at all.

    Parameters
    ----------
    sound_fonts : sequence of path-like
        SoundFonts (``.sf2``, ``.sf3``) with General MIDI programs.
    output : path-like
        Folder to make; it must be empty or not there.
    pitch_step : int, default=6
        Semitones from one pitch to the next.
    velocities : sequence of int, default=(50, 100)
        Velocities from 1 to 127.
    n_notes : int or None, default=None
        Notes in all, spread evenly over the grid; None renders all of it.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    rendered : RenderedNotes
        Counts and splits.

    Raises
    ------
    DatasetError
        If a font cannot be used, or the folder is not empty.
    MissingExtraError
        If fluidsynth is not installed.

    Examples
    --------
    >>> from mfccclf.synthesis import render_notes
    >>> fonts = ["FluidR3_GM.sf2", "TimGM6mb.sf2"]
    >>> render_notes(fonts, "notes", n_notes=1000).splits  # doctest: +SKIP
    {'train': ['fluid'], 'test': ['timgm']}
    """
    fonts = _number_fonts([Path(font).expanduser() for font in sound_fonts])
    notes = _plan(fonts, pitch_step, velocities, n_notes)
    folder = make_empty_folder(output)
    with filled_folder(folder) as temporary:
        n_written = _write_notes(notes, temporary, on_progress)
    return RenderedNotes(
        folder=folder,
        n_notes=n_written,
        n_silent=len(notes) - n_written,
        splits=_split_families(fonts),
    )


def _write_notes(notes: list[_Note], folder: Path, on_progress: Progress | None) -> int:
    """Render notes into a folder with an index per split; return how many sounded."""
    indexes: dict[str | None, dict[str, Any]] = {note.font.split: {} for note in notes}
    for split in indexes:
        (_split_folder(folder, split) / "audio").mkdir(parents=True)
    for done, (note, waveform) in enumerate(_play(notes), start=1):
        if waveform is not None:
            home = _split_folder(folder, note.font.split)
            _write_wav(home / "audio" / f"{note.name}.wav", waveform)
            indexes[note.font.split][note.name] = note.fields()
        if on_progress is not None:
            on_progress(done, len(notes))
    for split, index in indexes.items():
        _write_index(_split_folder(folder, split) / "examples.json", index)
    return sum(map(len, indexes.values()))


def _number_fonts(paths: list[Path]) -> list[_Font]:
    if not paths:
        raise argument_error(
            "sound_fonts", paths, "one SoundFont or more", owner="render_notes"
        )
    for path in paths:
        check_font(path)
    families = list(dict.fromkeys(map(font_family, paths)))
    splits: dict[str, str | None] = dict.fromkeys(families, "train")
    if len(families) == 1:
        splits[families[0]] = None
    else:
        splits[families[-1]] = "test"
    if len(families) > 2:
        splits[families[-2]] = "validation"
    return [
        _Font(path, number, font_family(path), splits[font_family(path)])
        for number, path in enumerate(paths)
    ]


def _split_families(fonts: list[_Font]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for font in fonts:
        families = found.setdefault(font.split or "all", [])
        if font.family not in families:
            families.append(font.family)
    return found


def _plan(
    fonts: list[_Font], pitch_step: int, velocities: Sequence[int], n_notes: int | None
) -> list[_Note]:
    owner = "render_notes"
    step = check_int("pitch_step", pitch_step, minimum=1, owner=owner)
    for velocity in velocities:
        check_int("velocities", velocity, minimum=1, maximum=127, owner=owner)
    grid = [
        _Note(font, instrument, pitch, velocity)
        for font in fonts
        for instrument in GENERAL_MIDI
        for pitch in range(instrument.lowest, instrument.highest + 1, step)
        for velocity in velocities
    ]
    if n_notes is None:
        return grid
    check_int("n_notes", n_notes, minimum=1, maximum=len(grid), owner=owner)
    chosen = np.linspace(0, len(grid) - 1, n_notes).round().astype(int)
    return [grid[index] for index in chosen]


def _play(
    notes: list[_Note],
) -> Iterator[tuple[_Note, NDArray[np.float32] | None]]:
    """Yield each note with its waveform at the notes' rate, font after font."""
    for font in dict.fromkeys(note.font for note in notes):
        with open_player(font.path) as player:
            for note in notes:
                if note.font == font:
                    yield note, _render(player, note)


def _render(player: Player, note: _Note) -> NDArray[np.float32] | None:
    waveform = player.play(
        note.instrument.program,
        note.pitch,
        note.velocity,
        held_s=_HELD_S,
        length_s=_LENGTH_S,
    )
    if waveform is None:
        return None
    return resample(waveform, from_rate=RENDER_RATE, to_rate=NOTE_RATE)


def _write_wav(path: Path, waveform: NDArray[np.float32]) -> None:
    samples = np.clip(np.rint(waveform * 32768), -32768, 32767).astype(np.int16)
    soundfile.write(path, samples, NOTE_RATE, subtype="PCM_16")


def _write_index(path: Path, index: dict[str, Any]) -> None:
    text = json.dumps(index, indent=1, sort_keys=True) + "\n"
    path.write_text(text, encoding="utf-8")


def _split_folder(folder: Path, split: str | None) -> Path:
    return folder if split is None else folder / _SPLITS[split]
