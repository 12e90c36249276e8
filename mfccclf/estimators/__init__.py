"""Scikit-learn classifiers of sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf._lazy import lazy_names

if TYPE_CHECKING:
    from mfccclf.estimators.cnn import CNNClassifier
    from mfccclf.estimators.description import (
        count_parameters,
        describe_layers,
        module_of,
    )
    from mfccclf.estimators.lstm import LSTMClassifier

_HOME = {
    "CNNClassifier": "cnn",
    "LSTMClassifier": "lstm",
    "count_parameters": "description",
    "describe_layers": "description",
    "module_of": "description",
}

__all__ = [
    "CNNClassifier",
    "LSTMClassifier",
    "count_parameters",
    "describe_layers",
    "module_of",
]

__getattr__, __dir__ = lazy_names(__name__, _HOME)
