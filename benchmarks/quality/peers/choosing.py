"""A classifier on vectors, chosen among candidates by inner cross-validation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from benchmarks.quality.peers.clips import Answers, Clips, Rows

__all__ = ["Choosing", "decide"]


class Choosing:
    """The best of several pairs of view and classifier, by inner folds.

    Parameters
    ----------
    clips : Clips
        All clips.
    views : list of ndarray of shape (n_clips, n_values)
        Ways to represent the clips as vectors.
    candidates : list of (int, estimator)
        Index of a view, and a scikit-learn classifier for it.
    """

    def __init__(
        self, clips: Clips, views: list[NDArray[Any]], candidates: list[tuple[int, Any]]
    ) -> None:
        self.clips = clips
        self.views = views
        self.candidates = candidates

    def fit(self, rows: Rows, seed: int) -> None:
        """Choose by folds within the rows, then learn from all of them."""
        y = self.clips.targets(rows)
        folds = self.clips.inner_folds(rows, seed)
        scoring = "f1_macro" if self.clips.multilabel else "balanced_accuracy"
        found = []
        for view, model in self.candidates:
            X, tried = self.views[view][rows], _seeded(model, seed)
            scores = cross_val_score(tried, X, y, cv=folds, scoring=scoring)
            found.append(scores.mean())
        view, model = self.candidates[int(np.nanargmax(found))]
        self.view = self.views[view]
        self.model = _seeded(model, seed).fit(self.view[rows], y)

    def predict(self, rows: Rows) -> Answers:
        """Return decisions as 0 and 1, and scores in a multilabel task."""
        return decide(self.clips, self.model, self.view[rows])


def decide(clips: Clips, model: Any, X: NDArray[Any]) -> Answers:
    """Return decisions as 0 and 1, and scores in a multilabel task."""
    predicted = model.predict(X)
    if not clips.multilabel:
        return clips.as_matrix(predicted), None
    return np.asarray(predicted, int), _scores(model, X)


def _seeded(model: Any, seed: int) -> Any:
    """Return a copy with every ``random_state`` set."""
    copy = clone(model)
    names = [name for name in copy.get_params() if name.endswith("random_state")]
    return copy.set_params(**dict.fromkeys(names, seed))


def _scores(model: Any, X: NDArray[Any]) -> NDArray[np.float64]:
    """Return scores of shape (n_clips, n_labels), higher for likelier labels."""
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(X))
    proba = model.predict_proba(X)
    if not isinstance(proba, list):
        return np.asarray(proba)
    # A forest: (absent, present) per label, or one column where all clips agreed.
    return np.stack([p[:, -1] if p.shape[1] > 1 else p[:, 0] * 0 for p in proba], 1)
