"""Predict from a model file without torch or scikit-learn."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfccclf.prediction.model_file import ModelFile
    from mfccclf.prediction.outcome import Prediction
    from mfccclf.prediction.predictor import Predictor
    from mfccclf.prediction.shipped import open_model, shipped_models

__all__ = ["ModelFile", "Prediction", "Predictor", "open_model", "shipped_models"]

_HOME = {
    "ModelFile": "model_file",
    "Prediction": "outcome",
    "Predictor": "predictor",
    "open_model": "shipped",
    "shipped_models": "shipped",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
