"""Turn parameters and facts into values that JSON can hold, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["from_plain", "labels_from_plain", "labels_to_plain", "to_plain"]

# Mappings with keys other than texts, such as class weights of numbered classes.
_PAIRS = "$pairs"
_FLOAT = "$float"
_LABEL_TYPES = frozenset(
    ["bool", "float32", "float64", "int32", "int64", "object", "str", "uint8"]
)


def to_plain(value: Any) -> Any:
    """Return ``value`` made of dict, list, str, int, float, bool and None only.

    Tuples become lists, and NumPy's values Python's. What JSON cannot hold, such as
    infinity, becomes a mapping with a single key that begins with "$".

    Raises
    ------
    TypeError
        If a part is of another type.
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {_FLOAT: str(value)}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    raise TypeError(f"{value!r} is not plain data")


def _plain_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    if all(isinstance(key, str) for key in value):
        return {key: to_plain(item) for key, item in value.items()}
    return {_PAIRS: [[to_plain(key), to_plain(item)] for key, item in value.items()]}


def from_plain(value: Any) -> Any:
    """Undo `to_plain`; a list stays a list."""
    if isinstance(value, list):
        return [from_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {_FLOAT}:
        return float(value[_FLOAT])
    if set(value) == {_PAIRS}:
        return {key: from_plain(item) for key, item in value[_PAIRS]}
    return {key: from_plain(item) for key, item in value.items()}


def labels_to_plain(labels: NDArray[Any]) -> tuple[list[Any], str]:
    """Return labels as plain texts, numbers or bools, and the name of their type.

    Raises
    ------
    TypeError
        If a label is of another type.
    """
    values = labels.tolist()
    for label in values:
        if not isinstance(label, str | int | float | bool):
            raise TypeError(f"label {label!r} is not a text or a number")
    kind = labels.dtype.kind
    return values, "str" if kind == "U" else labels.dtype.name


def labels_from_plain(values: list[Any], dtype: str) -> NDArray[Any]:
    """Undo `labels_to_plain`.

    Raises
    ------
    TypeError or ValueError
        If the labels do not fit the type, or it is not a type of labels.
    """
    if dtype not in _LABEL_TYPES:
        raise ValueError(f"{dtype!r} is not a type of labels")
    labels = np.array(values, dtype=dtype)
    if labels_to_plain(labels)[0] != values:
        raise ValueError(f"the labels are not all of type {dtype}")
    return labels
