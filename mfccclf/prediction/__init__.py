"""Predict from a model file without torch or scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf._lazy import lazy_names

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

__getattr__, __dir__ = lazy_names(__name__, _HOME)
