"""``tf.train.Example`` messages: the part of Protocol Buffers that they use.

References
----------
.. [1] Google, "Protocol Buffers: Encoding", protobuf.dev.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["Feature", "parse_example"]

Feature = list[bytes] | list[int] | NDArray[np.float32]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZES = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10
_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 1, 2, 3


def parse_example(message: bytes) -> dict[str, Feature]:
    """Read one ``tf.train.Example``.

    Parameters
    ----------
    message : bytes
        The encoded message.

    Returns
    -------
    features : dict of str to Feature
        Each is a list of bytes, a list of ints or a float32 ndarray.

    Raises
    ------
    ValueError
        If it is not such a message.
    """
    features: dict[str, Feature] = {}
    for number, value in _fields(message):
        if number != 1:
            continue
        for inner, entry in _fields(_as_bytes(value)):
            if inner == 1:
                name, feature = _parse_entry(_as_bytes(entry))
                features[name] = feature
    return features


def _parse_entry(entry: bytes) -> tuple[str, Feature]:
    found = dict(_fields(entry))
    name = _as_bytes(found.get(1, b"")).decode("utf-8")
    for kind, content in _fields(_as_bytes(found.get(2, b""))):
        values = [value for number, value in _fields(_as_bytes(content)) if number == 1]
        if kind == _BYTES_LIST:
            return name, [_as_bytes(value) for value in values]
        if kind == _FLOAT_LIST:
            joined = b"".join(_as_bytes(value) for value in values)
            if len(joined) % 4:
                raise ValueError(f"the floats of {name!r} end within one")
            return name, np.frombuffer(joined, "<f4").astype(np.float32)
        if kind == _INT64_LIST:
            return name, [number for value in values for number in _integers(value)]
    return name, []


def _integers(value: int | bytes) -> Iterator[int]:
    """Yield one integer, or those that are packed into bytes."""
    if isinstance(value, int):
        yield _signed(value)
        return
    place = 0
    while place < len(value):
        number, place = _varint(value, place)
        yield _signed(number)


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the number and value of each field: an int for a varint, else bytes."""
    place = 0
    while place < len(message):
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
        if place + size > len(message):
            raise ValueError("a field that ends past the end")
        yield tag >> 3, message[place : place + size]
        place += size


def _varint(message: bytes, place: int) -> tuple[int, int]:
    number = 0
    for index in range(_LONGEST_VARINT):
        if place + index >= len(message):
            raise ValueError("a number that ends past the end")
        byte = message[place + index]
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return number & (2**64 - 1), place + index + 1
    raise ValueError("a number of more than ten bytes")


def _as_bytes(value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    raise ValueError("a number where a message should be")
