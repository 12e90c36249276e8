"""A classifier on vectors that chooses among candidates by folds of its own."""

from __future__ import annotations

import numpy as np
from clips import Clips
from sklearn.base import clone
from sklearn.model_selection import cross_val_score


class Choosing:
    """The best of several pairs of view and classifier, by inner folds.

    Parameters
    ----------
    clips : Clips
        All clips.
    views : list of ndarray of shape (n_clips, n_values)
        Ways to see the clips as vectors.
    candidates : list of (int, estimator)
        Number of a view, and a scikit-learn classifier for it.
    """

    def __init__(self, clips: Clips, views: list, candidates: list) -> None:
        self.clips = clips
        self.views = views
        self.candidates = candidates

    def fit(self, rows, seed: int) -> None:
        """Choose by folds within the rows, then learn from all of them."""
        y = self.clips.targets(rows)
        folds = self.clips.inner_folds(rows, seed)
        scoring = "f1_macro" if self.clips.multilabel else "balanced_accuracy"
        found = []
        for view, model in self.candidates:
            X, tried = self.views[view][rows], seeded(model, seed)
            scores = cross_val_score(tried, X, y, cv=folds, scoring=scoring)
            found.append(scores.mean())
        view, model = self.candidates[int(np.nanargmax(found))]
        self.view = self.views[view]
        self.model = seeded(model, seed).fit(self.view[rows], y)

    def predict(self, rows) -> tuple:
        """Return decisions as 0 and 1, and scores where there are several labels."""
        return decide(self.clips, self.model, self.view[rows])


def decide(clips: Clips, model, X) -> tuple:
    """Return decisions as 0 and 1, and scores where there are several labels."""
    predicted = model.predict(X)
    if not clips.multilabel:
        return clips.as_matrix(predicted), None
    return np.asarray(predicted, int), scores_of(model, X)


def seeded(model, seed: int):
    """Return a copy with every ``random_state`` set."""
    copy = clone(model)
    names = [name for name in copy.get_params() if name.endswith("random_state")]
    return copy.set_params(**dict.fromkeys(names, seed))


def scores_of(model, X) -> np.ndarray:
    """Return scores of shape (n_clips, n_labels), higher for likelier labels."""
    if hasattr(model, "decision_function"):
        return model.decision_function(X)
    proba = model.predict_proba(X)
    if not isinstance(proba, list):
        return proba
    # A forest: (absent, present) per label, or one column where all clips agreed.
    return np.stack([p[:, -1] if p.shape[1] > 1 else p[:, 0] * 0 for p in proba], 1)
