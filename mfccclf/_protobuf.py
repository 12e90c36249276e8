"""The wire format of Protocol Buffers, field by field and without any schema.

References
----------
.. [1] Google, "Protocol Buffers: Encoding", protobuf.dev.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["as_bytes", "read_fields", "read_integers"]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZES = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10


def read_fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the number and value of each field.

    Parameters
    ----------
    message : bytes
        The encoded message; of a memoryview, the values are views, too.

    Yields
    ------
    number : int
        Number of the field.
    value : int or bytes
        An int from 0 to 2^64 - 1 for a varint; else bytes.

    Raises
    ------
    ValueError
        If it is not a message.
    """
    place, end = 0, len(message)
    while place < end:
        tag, place = _varint(message, place)
        kind = tag & 7
        if kind == _VARINT:
            number, place = _varint(message, place)
            yield tag >> 3, number
            continue
        if kind == _BYTES:
            size, place = _varint(message, place)
        elif kind in _FIXED_SIZES:
            size = _FIXED_SIZES[kind]
        else:
            raise ValueError(f"a field of the unknown kind {kind}")
        if place + size > end:
            raise ValueError("a field that ends past the end")
        yield tag >> 3, message[place : place + size]
        place += size


def read_integers(value: int | bytes) -> Iterator[int]:
    """Yield one signed integer, or those that are packed into bytes."""
    if isinstance(value, int):
        yield _signed(value)
        return
    place = 0
    while place < len(value):
        number, place = _varint(value, place)
        yield _signed(number)


def as_bytes(value: int | bytes) -> bytes:
    """Return the value of a field, or raise `ValueError` if it is a number."""
    if isinstance(value, int):
        raise ValueError("a number where a message should be")
    return value


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number


def _varint(message: bytes, place: int) -> tuple[int, int]:
    if place < len(message) and message[place] < 0x80:
        return message[place], place + 1  # by far the most frequent case
    number = 0
    for index in range(_LONGEST_VARINT):
        if place + index >= len(message):
            raise ValueError("a number that ends past the end")
        byte = message[place + index]
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return number & (2**64 - 1), place + index + 1
    raise ValueError("a number of more than ten bytes")
