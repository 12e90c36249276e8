"""Scores of a pipeline on sequences that its front end has made already."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf._array_blocks import row_blocks
from mfccclf.datasets import Dataset
from mfccclf.evaluation import evaluate
from mfccclf.workflows.epochs import EPOCHS, pipeline_at

__all__ = ["score_epochs", "score_sequences"]


def score_sequences(
    pipeline: Pipeline, X: NDArray[np.float32], clips: Dataset
) -> dict[str, Any]:
    """Return what `mfccclf.evaluate` says of a pipeline, given its front end's X."""
    classifier = pipeline[-1]
    classes = [str(label) for label in classifier.classes_]
    scores = np.concatenate([pipeline[1:].predict_proba(x) for x in row_blocks(X)])
    if classifier.thresholds_ is None:
        return evaluate(clips.labels, scores, classes)
    thresholds = classifier.thresholds_.tolist()
    return evaluate(clips.label_sets, scores, classes, thresholds=thresholds)


def score_epochs(
    pipeline: Pipeline, X: NDArray[np.float32], clips: Dataset
) -> dict[str, dict[str, Any]]:
    """Score the best and the last epoch, where both were kept."""
    pipelines = {epoch: pipeline_at(pipeline, epoch) for epoch in EPOCHS}
    return {
        f"validation, {epoch} epoch": score_sequences(then, X, clips)
        for epoch, then in pipelines.items()
        if then is not None
    }
