"""What users may pass as clips: paths or waveforms, in a list, array or column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.protocol import Extraction
from mfccclf.storage.held_clip import HeldClip
from mfccclf.waveform.paths import source_name

__all__ = ["ClipInput", "Varying", "list_clips"]

_WANTED = "a list of paths or a list of waveforms"
_PAIR_TEXT = (
    "a pair of waveform and sample rate, as librosa.load returns it. Give the path; or "
    "the waveform alone, loaded with sr= the sample_rate of the front end."
)


class Varying(Protocol):
    """What makes a varied copy of a clip, always the same one."""

    def facts(self) -> Mapping[str, Any]:
        """Return all that decides the copy besides the clip, as plain values."""

    def apply(
        self, waveform: NDArray[np.floating], sample_rate: int
    ) -> NDArray[np.float32]:
        """Return the copy of a waveform."""


@dataclass(frozen=True)
class ClipInput:
    """One item of a list of clips: a file or a waveform, and its place.

    Attributes
    ----------
    index : int
        Place in the list, for messages about waveforms.
    source : path-like or floating ndarray of shape (n_samples,)
        A file, or a waveform.
    variation : Varying or None, default=None
        What makes a varied copy of it; None leaves it as it is.
    """

    index: int
    source: Any
    variation: Varying | None = None

    @property
    def is_file(self) -> bool:
        """Whether the clip is still to be read."""
        return isinstance(self.source, str | PathLike | HeldClip)

    @property
    def name(self) -> str:
        """What messages call the clip."""
        return source_name(self.source) if self.is_file else f"Clip {self.index}"

    def waveform(self, extraction: Extraction) -> NDArray[np.floating]:
        """Return the given waveform, checked."""
        waveform = np.asarray(self.source)
        problem = extraction.problem(waveform)
        if problem:
            raise ValueError(f"{self.name} {problem}")
        return waveform

    def varied(self, variation: Varying) -> ClipInput:
        """Return a copy that is varied once it has been read."""
        return replace(self, variation=variation)

    def vary(
        self, waveform: NDArray[np.floating], extraction: Extraction
    ) -> NDArray[np.floating]:
        """Return what is heard of the clip's checked waveform."""
        if self.variation is None:
            return waveform
        varied = self.variation.apply(waveform, extraction.sample_rate)
        missing = max(0, len(waveform) - len(varied))
        is_fit = extraction.problem(varied) is None
        return varied if is_fit else np.pad(varied, (0, missing))


def list_clips(X: Any) -> list[ClipInput]:
    """Return the clips of a list, an array or a data frame's column.

    A table of one column, also an array of paths of shape (n_clips, 1), is that column.
    Items that are `ClipInput` already stay as they are.

    Raises
    ------
    ValueError
        If ``X`` is a single clip or a table, holds no clips, or has another shape; or
        if a clip is a pair of waveform and sample rate.
    TypeError
        If ``X`` or one of its items is neither a path nor a waveform.
    """
    if isinstance(X, str | PathLike):
        raise ValueError(
            f"X is the single path {str(X)!r}, not {_WANTED}. Write [path]."
        )
    X = _only_column(X)
    if hasattr(X, "columns"):
        raise ValueError(
            f"X is a table, not {_WANTED}. Give its column of paths, such as X['path']."
        )
    _check_axes(X)
    if isinstance(X, tuple) and _is_loaded_pair(X):
        raise ValueError(f"X is {_PAIR_TEXT}")
    if not (hasattr(X, "__len__") and hasattr(X, "__iter__")):
        raise TypeError(f"X is of type {type(X).__name__}, not {_WANTED}.")
    items = list(X)
    if not items:
        raise ValueError(f"X holds no clips. It must be {_WANTED}.")
    if all(_is_number(item) for item in items):
        raise ValueError(f"X is a single waveform, not {_WANTED}. Write [waveform].")
    for index, item in enumerate(items):
        _check_item(index, item)
    return [
        item if isinstance(item, ClipInput) else ClipInput(index, item)
        for index, item in enumerate(items)
    ]


def _only_column(X: Any) -> Any:
    if hasattr(X, "columns"):
        return X[X.columns[0]] if len(X.columns) == 1 else X
    is_table = isinstance(X, np.ndarray) and X.ndim == 2 and X.shape[1] == 1
    return X[:, 0] if is_table and not np.issubdtype(X.dtype, np.number) else X


def _is_loaded_pair(item: Any) -> bool:
    """Return whether an item is ``(y, sr)``, as librosa and torchaudio return it."""
    return len(item) == 2 and np.ndim(item[0]) > 0 and np.ndim(item[1]) == 0


def _check_axes(X: Any) -> None:
    if not isinstance(X, np.ndarray):
        return
    is_numeric = np.issubdtype(X.dtype, np.number)
    max_ndim = 2 if is_numeric else 1
    if X.ndim > max_ndim or X.ndim == 0:
        wanted = "(n_clips, n_samples)" if is_numeric else "(n_clips,)"
        raise ValueError(f"X has shape {X.shape}, not {wanted}. Give {_WANTED}.")


def _is_number(item: Any) -> bool:
    return isinstance(item, int | float | np.number)


def _check_item(index: int, item: Any) -> None:
    is_waveform = isinstance(item, list | tuple | np.ndarray)
    if isinstance(item, list | tuple) and _is_loaded_pair(item):
        raise ValueError(f"Clip {index} is {_PAIR_TEXT}")
    if isinstance(item, str | PathLike | HeldClip | ClipInput) or is_waveform:
        return
    raise TypeError(
        f"Clip {index} is {item!r} ({type(item).__name__}), neither a path nor a "
        "waveform."
    )
