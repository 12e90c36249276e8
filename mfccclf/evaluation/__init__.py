"""Scores of predictions."""

from mfccclf.evaluation.calibration import Calibration, measure_calibration
from mfccclf.evaluation.classification import evaluate
from mfccclf.evaluation.folds import summarise_folds
from mfccclf.evaluation.text import format_fold_scores, format_scores

__all__ = [
    "Calibration",
    "evaluate",
    "format_fold_scores",
    "format_scores",
    "measure_calibration",
    "summarise_folds",
]
