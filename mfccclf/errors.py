"""Errors and warnings: one root, and one class per kind of file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mfccclf._inert import printable

__all__ = [
    "AudioFileError",
    "AudioFileWarning",
    "BadClip",
    "BadClipsError",
    "CacheWarning",
    "DatasetError",
    "ExportError",
    "MfccclfError",
    "MissingExtraError",
    "ModelFileError",
    "StorageError",
]

_MAX_LINES = 100


class MfccclfError(Exception):
    """Root of all errors about the user's files; wrong arguments raise others.

    The message is one line: the file, what is wrong with it, and what to do.
    """


class AudioFileError(MfccclfError, OSError):
    """An audio file is missing, unreadable or damaged, or has nothing to classify."""


class StorageError(AudioFileError):
    """An archive, a member of one, or an address on another machine cannot be read."""


@dataclass(frozen=True)
class BadClip:
    """A clip that cannot be used.

    Attributes
    ----------
    index : int
        Its place in the list of clips, from 0.
    path : str or None
        Its file; None for a waveform.
    problem : str
        One line that names the clip and says what is wrong and what to do.
    """

    index: int
    path: str | None
    problem: str


class BadClipsError(AudioFileError, ValueError):
    """Some of the clips cannot be used; the message lists all of them.

    Parameters
    ----------
    clips : sequence of BadClip
        The clips that cannot be used, one or more.
    n_clips : int
        How many clips there are in all.
    hint : str, default=""
        Another sentence: what to do.
    """

    def __init__(self, clips: Sequence[BadClip], n_clips: int, hint: str = "") -> None:
        self.clips = tuple(clips)
        self.n_clips = n_clips
        self.hint = hint
        super().__init__(self._message())

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to make the error again in another process."""
        return type(self), (self.clips, self.n_clips, self.hint)

    def _message(self) -> str:
        lines = [printable(" ".join(clip.problem.split("\n"))) for clip in self.clips]
        if len(self.clips) == 1:
            return f"{lines[0]} {self.hint}".rstrip()
        heading = f"{len(lines)} of {self.n_clips} clips cannot be used:"
        lines = list(dict.fromkeys(lines))  # many clips may be of one recording
        shown = [f"  - {line}" for line in lines[:_MAX_LINES]]
        if len(lines) > _MAX_LINES:
            shown.append(f"  ... and {len(lines) - _MAX_LINES} more")
        return "\n".join([heading, *shown, *filter(None, [self.hint])])


class ModelFileError(MfccclfError, ValueError):
    """A model file is missing, damaged, altered or of an unknown format."""


class DatasetError(MfccclfError, ValueError):
    """A data set cannot be used as it is; the message lists every problem found."""


class ExportError(MfccclfError, ValueError):
    """A model, or a part of it, cannot be made into what another program runs."""


class MissingExtraError(MfccclfError, ImportError):
    """An optional dependency is missing; the message names the extra to install."""


class AudioFileWarning(UserWarning):
    """An audio file can be used, but may not be what was intended."""


class CacheWarning(UserWarning):
    """The feature cache was damaged or cannot be used; features are not affected."""
