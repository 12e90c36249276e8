"""Checks of arguments, all with the same wording of errors.

Each check returns the given value, converted to the plain Python type, so that
``n_mfcc = check_int("n_mfcc", self.n_mfcc, minimum=1, owner=self)`` reads well.
"""

from __future__ import annotations

import difflib
import math
import numbers
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from mfccclf._inert import shown

__all__ = [
    "argument_error",
    "check_bool",
    "check_choice",
    "check_int",
    "check_real",
    "suggest",
]


def argument_error(
    name: str,
    value: object,
    expected: str,
    *,
    owner: object,
    error: type[Exception] = ValueError,
    hint: str = "",
) -> Exception:
    """Make the error for a bad argument.

    Parameters
    ----------
    name : str
        The parameter's name.
    value : object
        The value that was given.
    expected : str
        Accepted values, to follow "must be".
    owner : object
        Instance, class or name of the function that has the parameter.
    error : type of Exception, default=ValueError
        Class of the error to make.
    hint : str, default=""
        Another sentence: what to do.

    Returns
    -------
    error : Exception
        For the caller to raise.
    """
    text = f"The {name!r} parameter of {_owner_name(owner)} must be {expected}. "
    text += f"Got {shown(value)} instead."
    return error(f"{text} {hint}".rstrip())


def check_int(
    name: str,
    value: Any,
    *,
    owner: object,
    minimum: int | None = None,
    maximum: int | None = None,
) -> int:
    """Return ``value`` as an int, or raise if it is not an int in the range."""
    is_int = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if is_int and _in_range(int(value), minimum, maximum):
        return int(value)
    expected = "an int" + _range_text(minimum, maximum)
    kind = ValueError if is_int else TypeError
    raise argument_error(name, value, expected, owner=owner, error=kind)


def check_real(
    name: str,
    value: Any,
    *,
    owner: object,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> float:
    """Return ``value`` as a finite float, or raise if it is not in the range.

    ``minimum`` and ``maximum`` are in the range, ``above`` and ``below`` are not.
    """
    is_real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if (
        is_real
        and _is_finite(value)
        and _in_range(float(value), minimum, maximum)
        and (above is None or value > above)
        and (below is None or value < below)
    ):
        return float(value)
    expected = "a float" + _range_text(minimum, maximum, above, below)
    kind = ValueError if is_real else TypeError
    raise argument_error(name, value, expected, owner=owner, error=kind)


def check_bool(name: str, value: Any, *, owner: object) -> bool:
    """Return ``value`` if it is True or False, or raise."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise argument_error(name, value, "a bool", owner=owner, error=TypeError)


def check_choice(
    name: str, value: Any, choices: Iterable[Any], *, owner: object
) -> Any:
    """Return ``value`` if it is one of ``choices``, or raise with a near match."""
    accepted = list(choices)
    if any(value is choice or value == choice for choice in accepted):
        return value
    expected = "one of " + ", ".join(repr(choice) for choice in accepted)
    hint = suggest(value, accepted)
    raise argument_error(name, value, expected, owner=owner, hint=hint)


def suggest(value: object, choices: Iterable[object]) -> str:
    """Return "Did you mean 'x'?" for the closest of ``choices``, or ""."""
    names = [str(choice) for choice in choices]
    near = difflib.get_close_matches(str(value), names, n=1) or [
        name
        for name in names
        if difflib.get_close_matches(str(value), re.split("[-_]+", name), cutoff=0.8)
    ]
    return f"Did you mean {near[0]!r}?" if near else ""


def _owner_name(owner: object) -> str:
    if isinstance(owner, str):
        return owner
    if isinstance(owner, type):
        return owner.__name__
    return type(owner).__name__


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond any float
        return False


def _in_range(value: float, minimum: float | None, maximum: float | None) -> bool:
    if minimum is not None and value < minimum:
        return False
    return maximum is None or value <= maximum


def _range_text(
    minimum: float | None,
    maximum: float | None,
    above: float | None = None,
    below: float | None = None,
) -> str:
    bounds = ((">=", minimum), (">", above), ("<=", maximum), ("<", below))
    parts = [f"{sign} {bound}" for sign, bound in bounds if bound is not None]
    return " " + " and ".join(parts) if parts else ""
