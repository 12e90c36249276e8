"""Estimators within a step, such as a calibrated SVM, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mfccclf.persistence.plain_values import from_plain, to_plain
from mfccclf.step_kinds import fetch

__all__ = ["describe_value", "make_value"]

# Only these are ever imported, whatever a model file names.
_INNER = {"LinearSVC": "sklearn.svm:LinearSVC"}
_KEY = "$estimator"


def describe_value(value: Any) -> Any:
    """Return a parameter of a step as plain values; an estimator with its own.

    Raises
    ------
    TypeError
        If a model file cannot hold it.
    """
    name = type(value).__name__
    if name not in _INNER or type(value) is not fetch(_INNER[name]):
        return to_plain(value)
    parameters = value.get_params(deep=False).items()
    return {_KEY: name, "parameters": {key: to_plain(one) for key, one in parameters}}


def make_value(plain: Any) -> Any:
    """Undo `describe_value`; the estimator is not fitted.

    Raises
    ------
    KeyError, TypeError
        If an estimator is unknown or has other parameters.
    """
    if not (isinstance(plain, Mapping) and _KEY in plain):
        return from_plain(plain)
    return fetch(_INNER[plain[_KEY]])(**from_plain(plain["parameters"]))
