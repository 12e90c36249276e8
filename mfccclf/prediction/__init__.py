"""Predict from a model file without torch or scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf._lazy import lazy_names

if TYPE_CHECKING:
    from mfccclf.prediction.model_file import ModelFile
    from mfccclf.prediction.outcome import Prediction, WindowPrediction
    from mfccclf.prediction.predictor import Predictor
    from mfccclf.prediction.shipped import open_model, shipped_models
    from mfccclf.prediction.windows import merge_windows

__all__ = [
    "ModelFile",
    "Prediction",
    "Predictor",
    "WindowPrediction",
    "merge_windows",
    "open_model",
    "shipped_models",
]

_HOME = {
    "ModelFile": "model_file",
    "Prediction": "outcome",
    "Predictor": "predictor",
    "WindowPrediction": "outcome",
    "merge_windows": "windows",
    "open_model": "shipped",
    "shipped_models": "shipped",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
