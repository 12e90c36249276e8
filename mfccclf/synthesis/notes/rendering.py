"""Data sets of single notes that SoundFonts play, in NSynth's layout."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._files import filled_folder, make_empty_folder
from mfccclf._typing import Progress
from mfccclf.synthesis.clip_folder import write_pcm16
from mfccclf.synthesis.notes.planning import (
    NOTE_RATE,
    Note,
    list_families,
    number_fonts,
    plan_notes,
)
from mfccclf.synthesis.notes.sound_fonts import RENDER_RATE, Player, open_player
from mfccclf.waveform.resampling import resample

__all__ = ["RenderedNotes", "render_notes"]

# As in NSynth: 4 s, the key released after 3 s.
_LENGTH_S, _HELD_S = 4.0, 3.0
_SPLITS = {"train": "nsynth-train", "validation": "nsynth-valid", "test": "nsynth-test"}


@dataclass(frozen=True, kw_only=True)
class RenderedNotes:
    """What was rendered.

    Attributes
    ----------
    folder : pathlib.Path
        The data set.
    n_notes : int
        Notes that were written.
    n_silent : int
        Notes left out because the font has no such program or nothing sounded.
    splits : dict of str to list of str
        Font families of each split; under "all" if there is only one family.
    """

    folder: Path
    n_notes: int
    n_silent: int
    splits: dict[str, list[str]]


def render_notes(
    sound_fonts: Sequence[str | PathLike[str]],
    output: str | PathLike[str],
    *,
    pitch_step: int = 6,
    velocities: Sequence[int] = (50, 100),
    n_notes: int | None = None,
    on_progress: Progress | None = None,
) -> RenderedNotes:
    """Render notes with SoundFonts, for a data set in NSynth's layout.

    Each program of General MIDI that belongs to one of NSynth's families plays a grid
    of pitches, within its instrument's natural range, and of velocities: 4 s, released
    after 3, without reverberation, rendered at 48 kHz and resampled to 16 kHz. The
    same call gives the same bytes. The data set appears whole or not at all.

    Fonts made from the same samples form a family, which is never split. Of two
    families, the second is the test split; of more, the last is the test split and the
    one before it the validation split. A single family is not split.

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
        Number of notes, spread evenly over the grid; None renders the whole grid.
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
    fonts = number_fonts([Path(font).expanduser() for font in sound_fonts])
    notes = plan_notes(fonts, pitch_step, velocities, n_notes)
    folder = make_empty_folder(output)
    with filled_folder(folder) as temporary:
        n_written = _write_notes(notes, temporary, on_progress)
    return RenderedNotes(
        folder=folder,
        n_notes=n_written,
        n_silent=len(notes) - n_written,
        splits=list_families(fonts),
    )


def _write_notes(notes: list[Note], folder: Path, on_progress: Progress | None) -> int:
    """Render notes into a folder with an index per split; return how many sounded."""
    indexes: dict[str | None, dict[str, Any]] = {note.font.split: {} for note in notes}
    for split in indexes:
        (_split_folder(folder, split) / "audio").mkdir(parents=True)
    for done, (note, waveform) in enumerate(_play(notes), start=1):
        if waveform is not None:
            home = _split_folder(folder, note.font.split)
            write_pcm16(home / "audio" / f"{note.name}.wav", waveform, NOTE_RATE)
            indexes[note.font.split][note.name] = note.fields()
        if on_progress is not None:
            on_progress(done, len(notes))
    for split, index in indexes.items():
        _write_index(_split_folder(folder, split) / "examples.json", index)
    return sum(map(len, indexes.values()))


def _play(
    notes: list[Note],
) -> Iterator[tuple[Note, NDArray[np.float32] | None]]:
    """Yield each note with its waveform at the notes' rate, font after font."""
    for font in dict.fromkeys(note.font for note in notes):
        with open_player(font.path) as player:
            for note in notes:
                if note.font == font:
                    yield note, _render(player, note)


def _render(player: Player, note: Note) -> NDArray[np.float32] | None:
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


def _write_index(path: Path, index: dict[str, Any]) -> None:
    text = json.dumps(index, indent=1, sort_keys=True) + "\n"
    path.write_text(text, encoding="utf-8")


def _split_folder(folder: Path, split: str | None) -> Path:
    return folder if split is None else folder / _SPLITS[split]
