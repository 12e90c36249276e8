"""What a user may hand over as clips: paths and waveforms, in many containers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf._batching import batch_by_size
from mfccclf.errors import AudioFileError
from mfccclf.features.protocol import Extraction, load_clips
from mfccclf.waveform import Reading

_WANTED = "a list of paths or a list of waveforms"

# Waveforms that are held at a time, at most.
_MOST_CLIPS, _MOST_SAMPLES = 64, 2**21


@dataclass(frozen=True)
class Clip:
    """One clip of a list, with its place in it.

    Attributes
    ----------
    index : int
        Place in the list, for messages about waveforms.
    source : path-like or floating ndarray of shape (n_samples,)
        A file, or a waveform.
    """

    index: int
    source: Any

    @property
    def is_file(self) -> bool:
        """Whether the clip is still to be read."""
        return isinstance(self.source, str | PathLike)

    def waveform(self, extraction: Extraction) -> NDArray[np.floating]:
        """Return the waveform that was handed over, checked."""
        waveform = np.asarray(self.source)
        problem = extraction.problem(waveform)
        if problem:
            raise ValueError(f"Clip {self.index} {problem}")
        return waveform


class Outcome(NamedTuple):
    """A clip's sequence, and the warnings on the way to it."""

    sequence: NDArray[np.float32]
    warnings: list[Warning]


class _Sound(NamedTuple):
    """A clip's waveform, and the warnings on the way to it."""

    waveform: NDArray[Any]
    warnings: list[Warning]


def list_clips(X: Any) -> list[Clip]:
    """Return the clips of a list, an array or a data frame's column.

    Raises
    ------
    ValueError
        If ``X`` is one clip instead of a list, holds none, or has no such shape.
    TypeError
        If ``X`` or one of its items is neither a path nor a waveform.
    """
    if isinstance(X, str | PathLike):
        raise ValueError(
            f"X is the single path {str(X)!r}, not {_WANTED}. Write [path]."
        )
    if hasattr(X, "columns"):
        raise ValueError(
            f"X is a table, not {_WANTED}. Give its column of paths, such as X['path']."
        )
    _check_axes(X)
    if not (hasattr(X, "__len__") and hasattr(X, "__iter__")):
        raise TypeError(f"X is of type {type(X).__name__}, not {_WANTED}.")
    items = list(X)
    if not items:
        raise ValueError(f"X holds no clips. It must be {_WANTED}.")
    if all(np.ndim(item) == 0 and _is_number(item) for item in items):
        raise ValueError(f"X is a single waveform, not {_WANTED}. Write [waveform].")
    for index, item in enumerate(items):
        _check_item(index, item)
    return [Clip(index, item) for index, item in enumerate(items)]


def extract_clips(
    clips: Sequence[Clip], extraction: Extraction, reading: Reading
) -> list[Outcome]:
    """Extract some clips; warnings are returned, since a worker's would be lost."""
    files = [clip.source for clip in clips if clip.is_file]
    loaded = load_clips(files, extraction, reading)
    batches = batch_by_size(
        (_listen(clip, loaded, extraction) for clip in clips),
        max_items=_MOST_CLIPS,
        size_of=lambda sound: len(sound.waveform),
        max_size=_MOST_SAMPLES,
    )
    return [outcome for batch in batches for outcome in _compute(batch, extraction)]


def _listen(
    clip: Clip, loaded: Iterator[NDArray[Any] | AudioFileError], extraction: Extraction
) -> _Sound:
    """Return a clip's waveform, the next that is loaded if it is a file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        waveform = next(loaded) if clip.is_file else clip.waveform(extraction)
    if isinstance(waveform, AudioFileError):
        raise waveform
    return _Sound(waveform, _messages(caught))


def _compute(sounds: list[_Sound], extraction: Extraction) -> list[Outcome]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sequences = extraction.compute_each([sound.waveform for sound in sounds])
    if not caught:
        pairs = zip(sequences, sounds, strict=True)
        return [Outcome(sequence, sound.warnings) for sequence, sound in pairs]
    if len(sounds) == 1:
        return [Outcome(sequences[0], [*sounds[0].warnings, *_messages(caught)])]
    # One by one, to know which clip the warnings are about.
    return [outcome for sound in sounds for outcome in _compute([sound], extraction)]


def _messages(caught: list[warnings.WarningMessage]) -> list[Warning]:
    return [w.message for w in caught if isinstance(w.message, Warning)]


def _check_axes(X: Any) -> None:
    if not isinstance(X, np.ndarray):
        return
    is_numeric = np.issubdtype(X.dtype, np.number)
    most = 2 if is_numeric else 1
    if X.ndim > most or X.ndim == 0:
        wanted = "(n_clips, n_samples)" if is_numeric else "(n_clips,)"
        raise ValueError(f"X has shape {X.shape}, not {wanted}. Give {_WANTED}.")


def _is_number(item: Any) -> bool:
    return isinstance(item, int | float | np.number)


def _check_item(index: int, item: Any) -> None:
    is_waveform = isinstance(item, list | tuple | np.ndarray)
    if isinstance(item, str | PathLike) or is_waveform:
        return
    raise TypeError(
        f"Clip {index} is {item!r} ({type(item).__name__}), neither a path nor a "
        "waveform."
    )
