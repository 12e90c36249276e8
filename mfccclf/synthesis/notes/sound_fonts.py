"""SoundFonts: which of them share samples, and a synthesiser that plays them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf.errors import DatasetError, MissingExtraError

__all__ = ["RENDER_RATE", "Player", "check_font", "font_family", "open_player"]

# At 16 kHz itself, fluidsynth's interpolation lets high partials alias.
RENDER_RATE = 48000

# Fonts that are made from one another, known by how their file names begin.
_FAMILIES = (
    ("fluid", r"fluid|musescore[_-]?general|ms[_-]?general"),
    ("timgm", r"timgm|sf[_-]gmbank"),
    ("opl3", r"opl-?3"),
)
_HEAD = 12
_GAIN = 0.8
_BANK, _CHANNEL = 0, 0
# Below this level, fluidsynth has played nothing but its dither.
_SILENCE = 4e-4


def font_family(path: Path) -> str:
    """Return a name for all fonts that share samples.

    Parameters
    ----------
    path : Path
        A SoundFont; links are followed, so a link such as ``default-GM.sf2`` belongs to
        its target's family.

    Returns
    -------
    family : str
        "fluid" (FluidR3, FluidR3Mono, MuseScore General), "timgm" (TimGM6mb, the bank
        of csound), "opl3", or the file's own name without its ending.
    """
    stem = path.resolve().stem.casefold()
    for family, pattern in _FAMILIES:
        if re.match(pattern, stem):
            return family
    return re.sub(r"\W+", "-", stem).strip("-")


@contextmanager
def open_player(path: Path) -> Iterator[Player]:
    """Open a synthesiser with one SoundFont, and close it at the end.

    Raises
    ------
    DatasetError
        If the file is not a SoundFont.
    MissingExtraError
        If pyfluidsynth, or the library that it wraps, is not installed.
    """
    check_font(path)
    synthesizer = _load_fluidsynth().Synth(
        gain=_GAIN,
        samplerate=RENDER_RATE,
        channels=16,
        **{"synth.reverb.active": 0, "synth.chorus.active": 0},
    )
    try:
        font = synthesizer.sfload(str(path))
        if font < 0:
            raise DatasetError(f"{path} is not a SoundFont that fluidsynth can play.")
        yield Player(synthesizer, font)
    finally:
        synthesizer.delete()


class Player:
    """A synthesiser that plays one note at a time.

    Parameters
    ----------
    synthesizer : fluidsynth.Synth
        With reverberation and chorus off.
    font : int
        The synthesiser's number for the SoundFont.
    """

    def __init__(self, synthesizer: Any, font: int) -> None:
        self._synthesizer = synthesizer
        self._font = font

    def play(
        self, program: int, pitch: int, velocity: int, *, held_s: float, length_s: float
    ) -> NDArray[np.float32] | None:
        """Play a note.

        Parameters
        ----------
        program, pitch, velocity : int
            As in MIDI, from 0.
        held_s, length_s : float
            Seconds until the key is released, and in all.

        Returns
        -------
        waveform : float32 ndarray of shape (n_samples,), or None
            Mean of both channels at ``RENDER_RATE``; None if the font has no such
            program or nothing sounds.
        """
        synthesizer = self._synthesizer
        if synthesizer.sfpreset_name(self._font, _BANK, program) is None:
            return None
        synthesizer.system_reset()
        synthesizer.program_select(_CHANNEL, self._font, _BANK, program)
        n_held, n_all = (round(s * RENDER_RATE) for s in (held_s, length_s))
        synthesizer.noteon(_CHANNEL, pitch, velocity)
        held = synthesizer.get_samples(n_held)
        synthesizer.noteoff(_CHANNEL, pitch)
        released = synthesizer.get_samples(n_all - n_held)
        stereo = np.concatenate([held, released]).astype(np.float32)
        # Left and right alternate; a sum of strides is far quicker than their mean.
        waveform = (stereo[0::2] + stereo[1::2]) / np.float32(65536)
        return waveform if np.abs(waveform).max() > _SILENCE else None


def check_font(path: Path) -> None:
    """Raise `DatasetError` if a file cannot be read or is not a SoundFont."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise DatasetError(
            f"SoundFont {path} cannot be read ({error.strerror}). Check its path."
        ) from error
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise DatasetError(f"{path} is not a SoundFont. Name an .sf2 or .sf3 file.")


def _load_fluidsynth() -> Any:
    try:
        import fluidsynth
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "Rendering notes needs pyfluidsynth, which is not installed. Install it "
            "with pip install 'mfccclf[render]'."
        ) from error
    except (AttributeError, ImportError, OSError) as error:
        raise MissingExtraError(
            "Rendering notes needs the library fluidsynth, which was not found. "
            "Install it with your system's packages: libfluidsynth3 on Debian and "
            "Ubuntu, fluidsynth on Fedora and with Homebrew."
        ) from error
    return fluidsynth
