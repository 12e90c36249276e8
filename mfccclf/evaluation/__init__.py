"""Scores of predictions, one module per task."""

from mfccclf.evaluation.classification import evaluate
from mfccclf.evaluation.text import format_scores

__all__ = ["evaluate", "format_scores"]
