"""Read clips and tell which cannot be used, without computing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mfccclf.errors import AudioFileError
from mfccclf.features.clip_loading import load_each_clip
from mfccclf.features.protocol import Extraction
from mfccclf.waveform import Reading
from mfccclf.waveform.paths import AnySource

__all__ = ["CheckedClip", "check_each_clip"]


@dataclass(frozen=True)
class CheckedClip:
    """What is to be said of a clip before its features are computed.

    Attributes
    ----------
    problem : str or None
        Why it cannot be used, in one line that names it; None if it can.
    remarks : tuple of str
        Why it may not be what was intended, a line each.
    """

    problem: str | None
    remarks: tuple[str, ...]


def check_each_clip(
    paths: Iterable[AnySource], extraction: Extraction, reading: Reading
) -> Iterator[CheckedClip]:
    """Read file after file as an extraction does.

    Parameters
    ----------
    paths : iterable of path-like
        Sound files.
    extraction : Extraction
        What would compute their features.
    reading : Reading
        How to read them, checked.

    Yields
    ------
    checked : CheckedClip
        One per file, in order.
    """
    for loaded in load_each_clip(paths, extraction, reading):
        is_bad = isinstance(loaded.outcome, AudioFileError)
        yield CheckedClip(
            problem=str(loaded.outcome) if is_bad else None,
            remarks=tuple(str(warning) for warning in loaded.warnings),
        )
