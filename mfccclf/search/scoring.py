"""Scorers by scikit-learn's names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sklearn.metrics import get_scorer, get_scorer_names, log_loss, make_scorer

from mfccclf._validation import suggest

__all__ = ["Scorer", "make_scorers"]

Scorer = Callable[..., float]


def make_scorers(names: Sequence[str], classes: Sequence[Any]) -> dict[str, Scorer]:
    """Return scikit-learn's scorers of some names.

    Parameters
    ----------
    names : sequence of str
        Such as "accuracy", "balanced_accuracy", "f1_macro", "neg_log_loss".
    classes : sequence
        Every label of the data; the log loss needs them where a fold lacks one.

    Returns
    -------
    scorers : dict of str to callable
        In the order of the names.

    Raises
    ------
    ValueError
        If scikit-learn has no such scorer, or there are none.
    """
    if not names:
        raise ValueError("There is no score to compare by. Name one, say 'accuracy'.")
    return {name: _make_scorer(name, classes) for name in names}


def _make_scorer(name: str, classes: Sequence[Any]) -> Scorer:
    if name == "neg_log_loss":
        scorer: Scorer = make_scorer(
            log_loss,
            greater_is_better=False,
            response_method="predict_proba",
            labels=list(classes),
        )
        return scorer
    known = get_scorer_names()
    if name not in known:
        raise ValueError(
            f"scikit-learn has no scorer {name!r}. "
            + (suggest(name, known) or "Use one such as 'accuracy' or 'f1_macro'.")
        )
    found: Scorer = get_scorer(name)
    return found
