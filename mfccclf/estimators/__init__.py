"""Scikit-learn classifiers of sequences."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfccclf.estimators.description import (
        count_parameters,
        describe_layers,
        module_of,
    )
    from mfccclf.estimators.lstm import LSTMClassifier

_HOME = {
    "LSTMClassifier": "lstm",
    "count_parameters": "description",
    "describe_layers": "description",
    "module_of": "description",
}

__all__ = ["LSTMClassifier", "count_parameters", "describe_layers", "module_of"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
