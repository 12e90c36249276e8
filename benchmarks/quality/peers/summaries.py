"""Classifiers on means and deviations of 20 MFCC, of whole clips and of segments."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.quality.peers.choosing import Choosing, decide
from benchmarks.quality.peers.clips import Answers, Clips, Rows

__all__ = [
    "Forest",
    "Logistic",
    "SupportVectors",
    "count_vectors",
    "count_weights",
    "logistic",
    "support_vectors",
]

SEGMENTS = (1, 4, 6)


class SupportVectors(Choosing):
    """RBF, C=10; the number of segments by inner folds."""

    def __init__(self, clips: Clips) -> None:
        model = support_vectors(clips.multilabel)
        candidates = [(view, model) for view in range(len(SEGMENTS))]
        super().__init__(clips, _views(clips), candidates)

    def count(self) -> int:
        """Count the numbers that the fitted model keeps."""
        return count_vectors(self.model)


class Logistic(Choosing):
    """Balanced; the penalty and the number of segments by inner folds."""

    def __init__(self, clips: Clips) -> None:
        candidates = [
            (view, logistic(clips.multilabel, C=C))
            for view in range(len(SEGMENTS))
            for C in (0.01, 0.1, 1.0)
        ]
        super().__init__(clips, _views(clips), candidates)

    def count(self) -> int:
        """Count weights and intercepts."""
        return count_weights(self.model)


class Forest:
    """300 trees on the statistics of all segments; trees choose among them."""

    def __init__(self, clips: Clips) -> None:
        self.clips = clips
        self.view = np.concatenate(_views(clips), axis=1)

    def fit(self, rows: Rows, seed: int) -> None:
        """Learn from rows."""
        forest = RandomForestClassifier(300, class_weight="balanced", random_state=seed)
        X = self.view[np.asarray(rows)]
        self.model = forest.fit(X, self.clips.targets(rows))

    def predict(self, rows: Rows) -> Answers:
        """Return decisions as 0 and 1, and scores in a multilabel task."""
        return decide(self.clips, self.model, self.view[np.asarray(rows)])

    def count(self) -> int:
        """Count feature, threshold and values of all nodes."""
        return sum(
            2 * tree.tree_.node_count + tree.tree_.value.size
            for tree in self.model.estimators_
        )


def support_vectors(multilabel: bool, *, C: float = 10.0) -> Pipeline:
    """Return an SVM on standardised values, one per label in a multilabel task."""
    return _standardised(SVC(C=C, class_weight="balanced"), multilabel)


def count_vectors(model: Pipeline) -> int:
    """Count the numbers that fitted SVMs keep: support vectors and their weights."""
    machine = model[-1]
    machines = getattr(machine, "estimators_", [machine])
    return sum(
        m.support_vectors_.size + m.dual_coef_.size + m.intercept_.size
        for m in machines
        if hasattr(m, "support_vectors_")
    )


def logistic(multilabel: bool, *, C: float) -> Pipeline:
    """Return logistic regression on standardised values, one per label if several."""
    model = LogisticRegression(C=C, max_iter=2000, class_weight="balanced")
    return _standardised(model, multilabel)


def count_weights(model: Pipeline) -> int:
    """Count weights and intercepts of fitted linear models."""
    models = getattr(model[-1], "estimators_", [model[-1]])
    return sum(m.coef_.size + m.intercept_.size for m in models)


def _standardised(model: Any, multilabel: bool) -> Pipeline:
    """Return a model on standardised values, one per label in a multilabel task."""
    return make_pipeline(
        StandardScaler(), OneVsRestClassifier(model) if multilabel else model
    )


def _views(clips: Clips) -> list[NDArray[Any]]:
    """Return the clips as vectors, once per number of segments."""
    return [np.stack([_summarise(s, n) for s in clips.sequences]) for n in SEGMENTS]


def _summarise(sequence: NDArray[Any], n_segments: int) -> NDArray[Any]:
    """Return mean and deviation of each coefficient in each of equal segments."""
    edges = np.linspace(0, len(sequence), n_segments + 1)
    parts = [
        sequence[int(start) : max(int(np.ceil(end)), int(start) + 1)]
        for start, end in itertools.pairwise(edges)
    ]
    return np.concatenate([v for p in parts for v in (p.mean(axis=0), p.std(axis=0))])
