"""``tf.train.Example`` messages: lists of bytes, floats or integers by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfccclf._protobuf import as_bytes, read_fields, read_integers

__all__ = ["Feature", "parse_example"]

Feature = list[bytes] | list[int] | NDArray[np.float32]

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
    for number, value in read_fields(message):
        if number != 1:
            continue
        for inner, entry in read_fields(as_bytes(value)):
            if inner == 1:
                name, feature = _parse_entry(as_bytes(entry))
                features[name] = feature
    return features


def _parse_entry(entry: bytes) -> tuple[str, Feature]:
    found = dict(read_fields(entry))
    name = as_bytes(found.get(1, b"")).decode("utf-8")
    for kind, content in read_fields(as_bytes(found.get(2, b""))):
        values = [
            value for number, value in read_fields(as_bytes(content)) if number == 1
        ]
        if kind == _BYTES_LIST:
            return name, [as_bytes(value) for value in values]
        if kind == _FLOAT_LIST:
            joined = b"".join(as_bytes(value) for value in values)
            if len(joined) % 4:
                raise ValueError(f"the floats of {name!r} end within one")
            return name, np.frombuffer(joined, "<f4").astype(np.float32)
        if kind == _INT64_LIST:
            return name, [number for value in values for number in read_integers(value)]
    return name, []
