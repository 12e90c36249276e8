"""Scorers by scikit-learn's names."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import get_scorer, get_scorer_names, log_loss, make_scorer

from mfccclf._validation import suggest
from mfccclf.search.search_targets import SearchTargets

__all__ = ["FixedClassifier", "Scorer", "make_scorers"]

Scorer = Callable[..., float]


def make_scorers(names: Sequence[str], targets: SearchTargets) -> dict[str, Scorer]:
    """Return scikit-learn's scorers by their names.

    Parameters
    ----------
    names : sequence of str
        Such as "accuracy", "balanced_accuracy", "f1_macro", "neg_log_loss". In a
        multilabel search, "neg_log_loss" is the mean over clips and labels.
    targets : SearchTargets
        Labels of all clips; the log loss needs them where a fold lacks one.

    Returns
    -------
    scorers : dict of str to callable
        In the order of the names.

    Raises
    ------
    ValueError
        If there are no names, scikit-learn has no such scorer, or a scorer does not
        accept such labels.
    """
    if not names:
        raise ValueError("There is no score to compare by. Name one, say 'accuracy'.")
    scorers = {name: _make_scorer(name, targets) for name in names}
    for name, scorer in scorers.items():
        _check_scorer(name, scorer, targets)
    return scorers


def _make_scorer(name: str, targets: SearchTargets) -> Scorer:
    if name == "neg_log_loss":
        return _make_log_loss(targets)
    known = get_scorer_names()
    if name not in known:
        raise ValueError(
            f"scikit-learn has no scorer {name!r}. "
            + (suggest(name, known) or "Use one such as 'accuracy' or 'f1_macro'.")
        )
    found: Scorer = get_scorer(name)
    return found


def _make_log_loss(targets: SearchTargets) -> Scorer:
    loss, options = (
        (_binary_log_loss, {})
        if targets.multilabel
        else (log_loss, {"labels": targets.classes})
    )
    scorer: Scorer = make_scorer(
        loss, greater_is_better=False, response_method="predict_proba", **options
    )
    return scorer


def _binary_log_loss(y: NDArray[np.int64], proba: NDArray[np.float64]) -> float:
    """Return the mean binary cross-entropy over clips and labels."""
    return float(log_loss(y.ravel(), proba.ravel(), labels=[0, 1]))


class FixedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier that returns given predictions, so that a scorer can score them.

    Parameters
    ----------
    proba : float64 ndarray of shape (n_clips, n_labels)
        Probability of each label.
    labels : ndarray
        What ``predict`` returns.
    classes : list
        Value of ``classes_``. A multilabel classifier needs one pair per label: given
        one list of two labels, scikit-learn would take each for the opposite of the
        other.
    """

    def __init__(
        self, proba: NDArray[np.float64], labels: NDArray[Any], classes: list[Any]
    ) -> None:
        self.proba = proba
        self.labels = labels
        self.classes = classes

    @classmethod
    def multilabel(cls, proba: NDArray[np.float64]) -> FixedClassifier:
        """Return a classifier that predicts each label of 0.5 or more."""
        pairs = [np.arange(2)] * proba.shape[1]
        return cls(proba, (proba >= 0.5).astype(np.int64), pairs)

    @property
    def classes_(self) -> Any:
        """The labels."""
        return self.classes if self.labels.ndim == 2 else np.asarray(self.classes)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the labels, whatever X is."""
        return self.labels

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probabilities, whatever X is."""
        return self.proba


def _check_scorer(name: str, scorer: Scorer, targets: SearchTargets) -> None:
    """Raise, before any fit, if a scorer does not accept labels of this kind."""
    truth, perfect = _perfect_classifier(targets)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scorer(perfect, np.zeros((len(truth), 1)), truth)
    except (ValueError, TypeError, AttributeError) as error:
        kind, usual = "these labels", "accuracy, balanced_accuracy, f1_macro"
        if targets.multilabel:
            kind = "several labels per clip"
            usual = "f1_macro, f1_micro, average_precision"
        reason = " ".join(str(error).split()).rstrip(".")
        raise ValueError(
            f"The scorer {name!r} does not take {kind} ({reason}). Use one of {usual} "
            "or neg_log_loss."
        ) from error


def _perfect_classifier(targets: SearchTargets) -> tuple[NDArray[Any], FixedClassifier]:
    """Return each label once, absent and present, and a classifier that is right."""
    eye = np.eye(len(targets.classes))
    if targets.multilabel:
        truth = np.vstack([eye, 1 - eye])
        return truth.astype(np.int64), FixedClassifier.multilabel(truth)
    labels = np.array(targets.classes)
    return labels, FixedClassifier(eye, labels, targets.classes)
