"""Sequences in memory, and batches cut to their longest sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from mfccclf._array_blocks import row_blocks, take_rows
from mfccclf.sequences import sequence_lengths

__all__ = ["Batch", "SequenceBatches", "SequenceDataset", "make_dataset", "split_long"]

Batch = tuple[dict[str, Tensor], tuple[Tensor, Tensor]]

# Padded frames of a batch: more only if it has this many times the frames of a batch of
# median length. So one long clip among short ones does not take all memory.
_MAX_FRAMES, _MAX_RATIO = 2**15, 4
# Bucketing sorts so many batches of shuffled sequences by length at a time.
BUCKET_BATCHES = 16


class SequenceDataset(Dataset[Any]):
    """Sequences with their lengths, encoded targets and weights.

    Parameters
    ----------
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        Sequences, any values past a sequence's end.
    lengths : int64 ndarray of shape (n_clips,)
        True frames per sequence.
    targets : ndarray of shape (n_clips,) or (n_clips, n_outputs), default=None
        What the loss compares the outputs with; None for prediction.
    weights : ndarray of shape (n_clips,), default=None
        Weight of each sequence in the loss; None for 1.
    rows : ndarray of int of shape (n_clips,), default=None
        Which sequences of X there are, and in which order; None for all.
    """

    def __init__(
        self,
        X: NDArray[np.float32],
        lengths: NDArray[np.int64],
        targets: NDArray[Any] | None = None,
        weights: NDArray[Any] | None = None,
        *,
        rows: NDArray[np.intp] | None = None,
    ) -> None:
        n_clips = len(lengths)
        self._X = X
        self._rows = rows
        self.lengths = lengths
        self.targets = np.zeros(n_clips, np.int64) if targets is None else targets
        self.weights = np.ones(n_clips, np.float32) if weights is None else weights

    def __len__(self) -> int:
        """Return the number of sequences."""
        return len(self.lengths)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of sequences, frames of the longest, and values of a frame."""
        return len(self), self._X.shape[1], self._X.shape[2]

    def subset(self, indices: NDArray[np.intp]) -> SequenceDataset:
        """Return the sequences with some indices, without a copy of them."""
        return SequenceDataset(
            self._X,
            self.lengths[indices],
            self.targets[indices],
            self.weights[indices],
            rows=self._places(indices),
        )

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Yield all sequences in order, some at a time."""
        for indices in row_blocks(np.arange(len(self))):
            yield take_rows(self._X, self._places(indices), self._X.shape[1])

    def batch(self, indices: NDArray[np.int64]) -> Batch:
        """Return some sequences, cut to the longest and padded with zeros."""
        lengths = self.lengths[indices]
        n_frames = int(lengths.max())
        X = take_rows(self._X, self._places(indices), n_frames)
        if lengths.min() < n_frames:
            X[np.arange(n_frames) >= lengths[:, None]] = 0.0
        inputs = {"X": torch.from_numpy(X), "lengths": torch.from_numpy(lengths)}
        targets = torch.from_numpy(self.targets[indices])
        return inputs, (targets, torch.from_numpy(self.weights[indices]))

    def _places(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        return indices if self._rows is None else self._rows[indices]


class SequenceBatches:
    """One pass over the sequences of a data set, batch by batch.

    Parameters
    ----------
    dataset : SequenceDataset
        Sequences.
    batch_size : int
        Sequences per batch; the last batch may be smaller, and so may batches with a
        sequence many times as long as most, see `split_long`.
    shuffle : bool, default=False
        Whether to draw a new order each time, from torch's global generator.
    bucketing : bool, default=False
        Whether to put sequences of similar length together, to pad less.
    vary : callable, default=None
        Takes each batch, and returns the one to give in its place.
    """

    def __init__(
        self,
        dataset: SequenceDataset,
        *,
        batch_size: int,
        shuffle: bool = False,
        bucketing: bool = False,
        vary: Callable[[Batch], Batch] | None = None,
    ) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.bucketing = bucketing
        self.vary = vary

    def __len__(self) -> int:
        """Return the number of batches, unless long sequences make it larger."""
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches of one epoch."""
        for indices in self.index_batches():
            batch = self.dataset.batch(indices)
            yield batch if self.vary is None else self.vary(batch)

    def index_batches(self) -> list[NDArray[np.int64]]:
        """Return the indices of each batch."""
        order = np.arange(len(self.dataset))
        if self.shuffle:
            order = torch.randperm(len(order)).numpy()
        if self.bucketing:
            order = self._sort_buckets(order)
        starts = range(0, len(order), self.batch_size)
        batches = [order[start : start + self.batch_size] for start in starts]
        batches = split_long(batches, self.dataset.lengths, self.batch_size)
        if self.bucketing and self.shuffle:
            # Otherwise each epoch would go through the lengths in order.
            batches = [batches[i] for i in torch.randperm(len(batches)).tolist()]
        return batches

    def _sort_buckets(self, order: NDArray[np.int64]) -> NDArray[np.int64]:
        size = self.batch_size * BUCKET_BATCHES if self.shuffle else len(order)
        lengths = self.dataset.lengths
        buckets = [order[start : start + size] for start in range(0, len(order), size)]
        return np.concatenate(
            [bucket[np.argsort(lengths[bucket], kind="stable")] for bucket in buckets]
        )


def split_long(
    batches: list[NDArray[np.int64]], lengths: NDArray[np.int64], batch_size: int
) -> list[NDArray[np.int64]]:
    """Split batches that a few long sequences would pad to too many frames.

    Parameters
    ----------
    batches : list of int64 ndarray
        Indices of the sequences of each batch.
    lengths : int64 ndarray of shape (n_clips,)
        Frames of each sequence.
    batch_size : int
        Sequences of a full batch.

    Returns
    -------
    batches : list of int64 ndarray
        In the same order; a sequence that is too long even alone is a batch of its own.
    """
    if not len(lengths) or batch_size * int(lengths.max()) <= _MAX_FRAMES:
        return batches
    usual = batch_size * float(np.median(lengths))
    max_frames = int(max(_MAX_FRAMES, _MAX_RATIO * usual))
    return [part for batch in batches for part in _split(batch, lengths, max_frames)]


def _split(
    batch: NDArray[np.int64], lengths: NDArray[np.int64], max_frames: int
) -> Iterator[NDArray[np.int64]]:
    """Yield consecutive parts of a batch of up to ``max_frames`` padded frames."""
    start = longest = 0
    for place, length in enumerate(lengths[batch].tolist()):
        longest = max(longest, length)
        if place > start and (place + 1 - start) * longest > max_frames:
            yield batch[start:place]
            start, longest = place, length
    yield batch[start:]


def make_dataset(
    X: NDArray[np.floating[Any]],
    targets: NDArray[Any] | None = None,
    weights: NDArray[Any] | None = None,
) -> SequenceDataset:
    """Turn a checked X into a data set.

    Parameters
    ----------
    X : ndarray of shape (n_clips, n_frames, n_features) or (n_clips, n_features)
        Sequences, NaN past a clip's end; or one frame per clip.
    targets, weights : ndarray, default=None
        As for `SequenceDataset`.

    Returns
    -------
    dataset : SequenceDataset
        In single precision.

    Raises
    ------
    ValueError
        If a clip has no frames, or a value is too large for single precision.
    """
    X = _as_float32(X)
    if X.ndim == 2:
        lengths = np.ones(len(X), np.int64)
        return SequenceDataset(X[:, None, :], lengths, targets, weights)
    lengths = sequence_lengths(X)
    if lengths.min() == 0:
        raise ValueError(
            f"Clip {int(lengths.argmin())} of X has no frames: all its values are NaN. "
            "Each clip needs one frame or more. Remove it."
        )
    return SequenceDataset(X, lengths, targets, weights)


def _as_float32(X: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    if X.dtype == np.float32:
        return X
    with np.errstate(over="ignore"):
        converted = X.astype(np.float32)
    if np.isinf(converted).any():
        raise ValueError(
            "Input X contains a value too large for dtype('float32'). Scale the "
            "features, for instance with SequenceStandardScaler."
        )
    return converted
