"""Sequences as bytes."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

__all__ = ["pack_sequence", "unpack_sequence"]

_HEADER = struct.Struct("<II")  # frames, features


def pack_sequence(sequence: NDArray[np.float32]) -> bytes:
    """Return a sequence of shape (n_frames, n_features) as bytes."""
    values = np.ascontiguousarray(sequence, "<f4").tobytes()
    return _HEADER.pack(*sequence.shape) + values


def unpack_sequence(record: bytes) -> NDArray[np.float32]:
    """Return the sequence of `pack_sequence`, read-only."""
    shape = _HEADER.unpack_from(record)
    return np.frombuffer(record, "<f4", offset=_HEADER.size).reshape(shape)
