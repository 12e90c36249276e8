"""Sequences of different lengths in one array, with NaN past the end of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfccclf._array_blocks import row_blocks
from mfccclf._validation import argument_error, check_int

__all__ = ["join_sequences", "pad_sequences", "sequence_lengths"]

# Clips looked at together, so that an array mapped from a file is never held whole.


def pad_sequences(
    sequences: Sequence[ArrayLike], *, n_frames: int | None = None
) -> NDArray[np.float32]:
    """Stack sequences into one array, with NaN past the end of the shorter ones.

    Parameters
    ----------
    sequences : sequence of arrays of shape (n_frames_i, n_features)
        One per clip, with one frame or more; all with the same number of features.
    n_frames : int or None, default=None
        Frames of the result; longer sequences are cut. None means the length of the
        longest.

    Returns
    -------
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        The sequences; NaN in every frame past a clip's end.

    Raises
    ------
    ValueError
        If there is no sequence, or one is empty, not finite or of another shape.

    Examples
    --------
    >>> from mfccclf import pad_sequences
    >>> pad_sequences([[[1.0], [2.0]], [[3.0]]])[:, :, 0]
    array([[ 1.,  2.],
           [ 3., nan]], dtype=float32)
    """
    if n_frames is not None:
        check_int("n_frames", n_frames, minimum=1, owner="pad_sequences")
    arrays = [np.asarray(sequence, dtype=np.float32) for sequence in sequences]
    if not arrays:
        raise argument_error(
            "sequences", sequences, "one sequence or more", owner="pad_sequences"
        )
    for clip, array in enumerate(arrays):
        _check_sequence(clip, array, arrays[0].shape[-1])
    longest = max(len(array) for array in arrays) if n_frames is None else n_frames
    X = np.full((len(arrays), longest, arrays[0].shape[1]), np.nan, np.float32)
    for clip, array in enumerate(arrays):
        X[clip, : len(array)] = array[:longest]
    return X


def join_sequences(
    first: NDArray[np.float32], second: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Join the sequences of two arrays, as long as the longer of both.

    Parameters
    ----------
    first, second : float32 ndarray of shape (n_clips, n_frames, n_features)
        Sequences with NaN past a clip's end; they may differ in clips and frames.

    Returns
    -------
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        Those of the first, then those of the second.
    """
    n_frames = max(first.shape[1], second.shape[1])
    shape = (len(first) + len(second), n_frames, first.shape[2])
    X = np.full(shape, np.nan, np.float32)
    X[: len(first), : first.shape[1]] = first
    X[len(first) :, : second.shape[1]] = second
    return X


def sequence_lengths(X: ArrayLike) -> NDArray[np.int64]:
    """Count the frames of each clip up to its end.

    A frame is past the end if all its features are NaN, and those of all frames after
    it.

    Parameters
    ----------
    X : floating array of shape (n_clips, n_frames, n_features)
        Sequences, as `pad_sequences` makes them.

    Returns
    -------
    lengths : int64 ndarray of shape (n_clips,)
        Frames per clip; 0 for a clip that is NaN throughout.

    Raises
    ------
    ValueError
        If X does not have three axes, or has NaN before a clip's end.

    Examples
    --------
    >>> from mfccclf import sequence_lengths
    >>> sequence_lengths([[[1.0], [2.0]], [[3.0], [float("nan")]]])
    array([2, 1])
    """
    array = np.asarray(X)
    if array.ndim != 3:
        raise ValueError(
            f"X has shape {array.shape}, not (n_clips, n_frames, n_features)."
        )
    counts = [np.empty(0, np.int64)]
    first = 0
    for block in row_blocks(array):
        counts.append(_count_frames(block, first))
        first += len(block)
    return np.concatenate(counts)


def _count_frames(block: NDArray[Any], first: int) -> NDArray[np.int64]:
    """Count the frames of some clips, the first of which is clip ``first``."""
    missing = np.isnan(block)
    n_missing = missing.sum(axis=2)
    past_end = n_missing == block.shape[2]
    lengths: NDArray[np.int64] = np.sum(~past_end, axis=1, dtype=np.int64)
    before_end = np.arange(block.shape[1]) < lengths[:, np.newaxis]
    wrong = np.argwhere((n_missing > 0) & (before_end | ~past_end))
    if len(wrong):
        clip, frame = (int(index) for index in wrong[0])
        raise ValueError(_nan_text(first + clip, frame, missing[clip, frame]))
    return lengths


def _nan_text(clip: int, frame: int, missing: NDArray[np.bool_]) -> str:
    where = f"Clip {clip} has NaN in frame {frame}"
    columns = np.flatnonzero(missing)
    if len(columns) < len(missing):
        where += f", column {columns[0]}, but not in all columns"
    else:
        where += ", before its end"
    return f"{where}. NaN may only fill whole frames past a clip's end."


def _check_sequence(clip: int, array: NDArray[np.float32], n_features: int) -> None:
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(
            f"Sequence {clip} has shape {array.shape}, not (n_frames, n_features) with "
            "one frame and one feature at least."
        )
    if array.shape[1] != n_features:
        raise ValueError(
            f"Sequence {clip} has {array.shape[1]} features, but sequence 0 has "
            f"{n_features}. Extract all clips with the same parameters."
        )
    if not np.isfinite(array).all():
        frame, column = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"Sequence {clip} has the value {array[frame, column]} in frame {frame}, "
            f"column {column}. Every value must be finite."
        )
