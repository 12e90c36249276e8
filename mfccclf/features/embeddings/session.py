"""Run the graph of a pre-trained net on sequences of any length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._onnx_session import open_session
from mfccclf.errors import ModelFileError

__all__ = ["Reach", "run_graph"]

# Frames that a net is given at a time; its activations are some hundred times as large.
_MAX_FRAMES = 2048

Sequence2D = NDArray[np.float32]

# Each net is opened once per process.
_open_session = lru_cache(maxsize=4)(open_session)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Which frames a vector depends on.

    Attributes
    ----------
    step : int
        Frames from one vector's first frame to the next one's.
    span : int
        Frames of one vector; a sequence has ``(n_frames - span) // step + 1``.
    context : int
        Frames before and after the span that matter, too; a multiple of ``step``. The
        net itself stands zeros in for those beyond the ends of a sequence.
    """

    step: int
    span: int
    context: int = 0

    def count(self, n_frames: int) -> int:
        """Return how many vectors a sequence gives."""
        return max(0, (n_frames - self.span) // self.step + 1)


def run_graph(
    graph: bytes, sequences: Sequence[Sequence2D], reach: Reach
) -> list[Sequence2D]:
    """Turn sequences of bands into sequences of vectors.

    Parameters
    ----------
    graph : bytes
        From (n_clips, n_frames, n_bands) to (n_clips, n_vectors, n_values).
    sequences : sequence of float32 ndarray of shape (n_frames, n_bands)
        Of any lengths; equal lengths are run together, long ones in pieces.
    reach : Reach
        Which frames a vector depends on.

    Returns
    -------
    vectors : list of float32 ndarray of shape (n_vectors, n_values)
        As if each sequence were run alone and whole, within float32's rounding.
    """
    session = _open_session(graph)
    vectors: list[Any] = [None] * len(sequences)
    for rows in _batches([len(sequence) for sequence in sequences]):
        if len(sequences[rows[0]]) > _MAX_FRAMES:
            (row,) = rows
            vectors[row] = _run_pieces(session, sequences[row], reach)
            continue
        outputs = _run(session, np.stack([sequences[row] for row in rows]), reach)
        for row, output in zip(rows, outputs, strict=True):
            vectors[row] = output
    return vectors


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield rows of equal length, as many together as are quick to run."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: lengths[row]):
        n_frames = (len(batch) + 1) * lengths[row]
        if batch and (lengths[row] != lengths[batch[0]] or n_frames > _MAX_FRAMES):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _run_pieces(session: Any, sequence: Sequence2D, reach: Reach) -> Sequence2D:
    n_vectors = reach.count(len(sequence))
    size = max(1, (_MAX_FRAMES - 2 * reach.context - reach.span) // reach.step)
    before = reach.context // reach.step
    pieces = []
    for first in range(0, n_vectors, size):
        last = min(first + size, n_vectors)
        begin = max(0, first - before)
        end = (last - 1) * reach.step + reach.span + reach.context
        piece = sequence[begin * reach.step : end]
        output = _run(session, piece[np.newaxis], reach)[0]
        pieces.append(output[first - begin :][: last - first])
    return np.concatenate(pieces)


def _run(session: Any, batch: NDArray[np.float32], reach: Reach) -> NDArray[np.float32]:
    (name,) = (item.name for item in session.get_inputs())
    n_clips, n_frames, _ = batch.shape
    result: NDArray[np.float32]
    try:
        (result,) = session.run(None, {name: batch})
    except Exception as error:  # onnxruntime's errors have no common class of their own
        raise ModelFileError(
            f"The graph of a pre-trained net cannot be run on {n_frames} frames. "
            "Copy or download the model file again."
        ) from error
    if result.shape[:2] != (n_clips, reach.count(n_frames)):
        raise ModelFileError(
            "The graph of a pre-trained net gives another number of vectors than it "
            "should. Copy or download the model file again."
        )
    return result
