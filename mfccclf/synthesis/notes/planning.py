"""Which notes are played: fonts, instruments, pitches and velocities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mfccclf._validation import argument_error, check_int
from mfccclf.synthesis.notes.general_midi import (
    FAMILIES,
    GENERAL_MIDI,
    SOURCES,
    Instrument,
)
from mfccclf.synthesis.notes.sound_fonts import check_font, font_family

__all__ = ["NOTE_RATE", "Font", "Note", "list_families", "number_fonts", "plan_notes"]

# As in NSynth.
NOTE_RATE = 16000
_N_PROGRAMS = 128
# Fonts whose every program is synthesised, whatever it stands for.
_SYNTHETIC_FONTS = frozenset({"opl3"})
_OWNER = "render_notes"


@dataclass(frozen=True)
class Font:
    """A SoundFont.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    number : int
        Its place, from 0.
    family : str
        What it shares with fonts made from the same samples.
    split : str or None
        "train", "validation" or "test".
    """

    path: Path
    number: int
    family: str
    split: str | None


@dataclass(frozen=True)
class Note:
    """A note to be played.

    Attributes
    ----------
    font : Font
        By which SoundFont.
    instrument : Instrument
        By which of its instruments.
    pitch, velocity : int
        As in MIDI.
    """

    font: Font
    instrument: Instrument
    pitch: int
    velocity: int

    @property
    def source(self) -> str:
        """One of ``SOURCES``."""
        synthetic = self.font.family in _SYNTHETIC_FONTS
        return "synthetic" if synthetic else self.instrument.source

    @property
    def instrument_number(self) -> int:
        """A number for each instrument of each font."""
        return self.font.number * _N_PROGRAMS + self.instrument.program

    @property
    def instrument_name(self) -> str:
        """The instrument as NSynth names them."""
        number = f"{self.instrument_number:03d}"
        return f"{self.instrument.family}_{self.source}_{number}"

    @property
    def name(self) -> str:
        """The note as NSynth names them."""
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


def number_fonts(paths: Sequence[Path]) -> list[Font]:
    """Check SoundFonts, and put each family of them into a split.

    Raises
    ------
    DatasetError
        If a font cannot be used.
    ValueError
        If there is none.
    """
    if not paths:
        raise argument_error(
            "sound_fonts", paths, "one SoundFont or more", owner=_OWNER
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
        Font(path, number, font_family(path), splits[font_family(path)])
        for number, path in enumerate(paths)
    ]


def list_families(fonts: Sequence[Font]) -> dict[str, list[str]]:
    """Return the font families of each split; under "all" if there are no splits."""
    found: dict[str, list[str]] = {}
    for font in fonts:
        families = found.setdefault(font.split or "all", [])
        if font.family not in families:
            families.append(font.family)
    return found


def plan_notes(
    fonts: Sequence[Font],
    pitch_step: int,
    velocities: Sequence[int],
    n_notes: int | None,
) -> list[Note]:
    """List the notes of a grid, or some of them; parameters as for `render_notes`.

    Raises
    ------
    ValueError, TypeError
        If a parameter is out of range or of a wrong type.
    """
    step = check_int("pitch_step", pitch_step, minimum=1, owner=_OWNER)
    for velocity in velocities:
        check_int("velocities", velocity, minimum=1, maximum=127, owner=_OWNER)
    grid = [
        Note(font, instrument, pitch, velocity)
        for font in fonts
        for instrument in GENERAL_MIDI
        for pitch in range(instrument.lowest, instrument.highest + 1, step)
        for velocity in velocities
    ]
    if n_notes is None:
        return grid
    check_int("n_notes", n_notes, minimum=1, maximum=len(grid), owner=_OWNER)
    chosen = np.linspace(0, len(grid) - 1, n_notes).round().astype(int)
    return [grid[index] for index in chosen]
