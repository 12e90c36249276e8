"""Sets of parameters as plain values, to JSON and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from mfccclf._parameters import check_each
from mfccclf._validation import suggest

__all__ = ["PlainParameters"]


@dataclass(frozen=True, kw_only=True)
class PlainParameters:
    """Base of immutable, comparable and hashable sets of parameters."""

    def __post_init__(self) -> None:
        """Turn lists into tuples and NumPy scalars into Python's."""
        for field in fields(self):
            value = _plain(getattr(self, field.name))
            object.__setattr__(self, field.name, value)

    def validate(self, *, owner: object = None) -> Self:
        """Return the parameters, checked, each by what it is declared with.

        Parameters
        ----------
        owner : object, default=None
            What an error says the parameter belongs to; None means this object.

        Returns
        -------
        parameters : PlainParameters
            The same values.

        Raises
        ------
        ValueError, TypeError
            If a value is out of range or of a wrong type.
        """
        return check_each(type(self), self, owner=owner)

    def to_dict(self) -> dict[str, Any]:
        """Return all parameters as types of JSON; infinity becomes "inf"."""
        return {
            field.name: _to_json(getattr(self, field.name)) for field in fields(self)
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make parameters from what `to_dict` returns; missing ones get their defaults.

        Raises
        ------
        ValueError
            If a key is not the name of a parameter.
        """
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                hint = suggest(name, known)
                raise ValueError(
                    f"{cls.__name__} has no parameter {name!r}. {hint}".rstrip()
                )
        return cls(**{name: _from_json(value) for name, value in values.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return tuple(_plain(item) for item in value)
    return value


def _to_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    return "inf" if isinstance(value, float) and math.isinf(value) else value


def _from_json(value: Any) -> Any:
    return math.inf if value == "inf" else value
