"""Stretches: parts of recordings that are clips of their own, written like paths.

As texts they go wherever paths go: into lists, arrays, data frames and tables.

References
----------
W3C Recommendation "Media Fragments URI 1.0 (basic)", 2012, section 4.2.1: temporal
dimension, in seconds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from os import PathLike

from mfccclf.errors import AudioFileError
from mfccclf.waveform.containers.source import AudioSource, Waveform
from mfccclf.waveform.paths import printable

__all__ = ["Stretch", "StretchSource", "find_stretch", "recording_of"]

_SECONDS = r"\d+(?:\.\d+)?"
_FORM = re.compile(
    rf"(?P<recording>.+)#t=(?P<start>{_SECONDS}),(?P<end>{_SECONDS})", re.DOTALL
)


@dataclass(frozen=True)
class Stretch:
    """A part of a recording; as a text, ``song.wav#t=1.5,3``.

    Parameters
    ----------
    recording : str
        Path of the recording.
    start_s, end_s : float
        Where it starts and ends, in seconds; the text has microseconds.

    Examples
    --------
    >>> from mfccclf.waveform.stretches import Stretch, find_stretch
    >>> str(Stretch("song.wav", 1.5, 3.0))
    'song.wav#t=1.5,3'
    >>> find_stretch("song.wav#t=1.5,3").end_s
    3.0
    """

    recording: str
    start_s: float
    end_s: float

    def __str__(self) -> str:
        """Return the text that stands for the clip."""
        return f"{self.recording}#t={self.times}"

    @property
    def times(self) -> str:
        """Start and end as the text has them."""
        return f"{_spell(self.start_s)},{_spell(self.end_s)}"


class StretchSource:
    """A part of an open sound file, as if the file held nothing else.

    Parameters
    ----------
    audio : AudioSource
        The whole recording.
    stretch : Stretch
        Which part; it ends with the recording at the latest.

    Raises
    ------
    AudioFileError
        If it lies behind the recording's end, or holds no sample.
    """

    unfinished = False

    def __init__(self, audio: AudioSource, stretch: Stretch) -> None:
        rate, length = audio.info.sample_rate, audio.info.n_samples
        self._audio = audio
        self._start = round(stretch.start_s * rate)
        stop = round(stretch.end_s * rate)
        if length is not None:
            stop = min(stop, length)
        self._count = stop - self._start
        if self._count <= 0:
            raise AudioFileError(f"{printable(stretch)} {_empty_text(audio, stretch)}")
        self.declared = None if length is None else self._count
        self.slack = audio.slack
        self.remark = audio.remark
        self.info = replace(audio.info, path=str(stretch), n_samples=self.declared)

    def blocks(self, start: int, count: int | None) -> Iterator[Waveform]:
        """Yield blocks of shape (n, n_channels), ``count`` samples from ``start``."""
        left = max(self._count - start, 0)
        wanted = left if count is None else min(count, left)
        return self._audio.blocks(self._start + start, wanted)

    def close(self) -> None:
        """Close the file."""
        self._audio.close()


def find_stretch(path: str | PathLike[str]) -> Stretch | None:
    """Return the stretch that a text stands for; None for a whole recording.

    Parameters
    ----------
    path : path-like
        Such as ``song.wav`` or ``song.wav#t=1.5,3``.
    """
    match = _FORM.fullmatch(os.fspath(path))
    if match is None:
        return None
    return Stretch(match["recording"], float(match["start"]), float(match["end"]))


def recording_of(path: str | PathLike[str]) -> str:
    """Return the file that holds a clip, be the clip all of it or a stretch."""
    stretch = find_stretch(path)
    return os.fspath(path) if stretch is None else stretch.recording


def _spell(seconds: float) -> str:
    text = f"{seconds:.6f}"
    return text.rstrip("0").rstrip(".")


def _empty_text(audio: AudioSource, stretch: Stretch) -> str:
    if stretch.end_s <= stretch.start_s:
        return "ends before it starts. Correct its times."
    length = audio.info.duration_s
    if length is None or stretch.start_s < length:
        return f"has no sample at {audio.info.sample_rate} Hz. Choose a longer part."
    return f"starts behind the recording's end at {length:.3f} s. Correct its times."
