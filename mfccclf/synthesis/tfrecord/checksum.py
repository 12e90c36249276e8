"""CRC-32C, the checksum of TFRecord files, with NumPy.

A record of NSynth holds a quarter of a megabyte, too much for a loop over bytes. Since
the checksum is linear, pieces are computed side by side and combined afterwards.

References
----------
.. [1] G. Castagnoli, S. Braeuer and M. Herrmann, "Optimization of Cyclic
   Redundancy-Check Codes with 24 and 32 Parity Bits", IEEE Transactions on
   Communications 41(6), 1993.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["crc32c", "masked_crc32c"]

_POLYNOMIAL = 0x82F63B78  # Castagnoli's, lowest bit first
_ALL = 0xFFFFFFFF
_MASK_DELTA = 0xA282EAD8
_PIECE = 512  # bytes; enough pieces per record, and few steps within one


def crc32c(data: bytes) -> int:
    """Return the CRC-32C of some bytes.

    Examples
    --------
    >>> from mfccclf.synthesis.tfrecord.checksum import crc32c
    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    state = _ALL
    n_pieces = len(data) // _PIECE
    if n_pieces:
        whole = np.frombuffer(data, np.uint8, n_pieces * _PIECE)
        shift = _shift_table()
        for piece in _run(np.zeros(n_pieces, np.uint32), whole.reshape(n_pieces, -1)):
            state = int(piece) ^ _look_up(shift, state)
    table = _byte_table()
    for byte in data[n_pieces * _PIECE :]:
        state = int(table[(state ^ byte) & 0xFF]) ^ (state >> 8)
    return state ^ _ALL


def masked_crc32c(data: bytes) -> int:
    """Return the checksum as TFRecord files store it: rotated, plus an offset."""
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & _ALL


def _run(states: NDArray[np.uint32], rows: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Take each state through the bytes of its row."""
    table = _byte_table()
    for column in rows.T:
        states = table[(states ^ column) & 0xFF] ^ (states >> np.uint32(8))
    return states


def _look_up(shift: NDArray[np.uint32], state: int) -> int:
    found = shift[0, state & 0xFF] ^ shift[1, (state >> 8) & 0xFF]
    return int(found ^ shift[2, (state >> 16) & 0xFF] ^ shift[3, state >> 24])


@lru_cache(maxsize=1)
def _byte_table() -> NDArray[np.uint32]:
    states = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        odd = (states & 1).astype(bool)
        states = (states >> np.uint32(1)) ^ np.where(odd, np.uint32(_POLYNOMIAL), 0)
        states = states.astype(np.uint32)
    return states


@lru_cache(maxsize=1)
def _shift_table() -> NDArray[np.uint32]:
    """Return what a piece of zeros turns each byte of a state into."""
    bytes_ = np.arange(256, dtype=np.uint32)
    states = np.concatenate([bytes_ << np.uint32(8 * place) for place in range(4)])
    zeros = np.zeros((len(states), _PIECE), np.uint8)
    return _run(states, zeros).reshape(4, 256)
