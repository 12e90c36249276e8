"""How sure a model is of its predictions, to find what is worth labelling next.

References
----------
B. Settles, "Active Learning Literature Survey", University of Wisconsin, 2009, section
3.1: margin sampling.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from mfccclf.prediction.outcome import Prediction

__all__ = ["measure_sureness", "sort_least_sure_first"]

AnyPrediction = TypeVar("AnyPrediction", bound=Prediction)


def measure_sureness(
    prediction: Prediction, thresholds: Mapping[Any, float] | None = None
) -> float:
    """Return how far a prediction is from being another one.

    Parameters
    ----------
    prediction : Prediction
        Not of a silent window.
    thresholds : mapping or None, default=None
        Least score at which each label is given, if labels do not exclude each other.

    Returns
    -------
    sureness : float
        The best score less the second best; with ``thresholds``, the distance of the
        score that is nearest to its threshold. From 0, not sure at all, to 1.

    Examples
    --------
    >>> from mfccclf.prediction import Prediction, measure_sureness
    >>> said = Prediction(
    ...     file=None, label="yes", labels=["yes"], scores={"no": 0.25, "yes": 0.75},
    ...     model="mine", duration_s=1.0,
    ... )
    >>> measure_sureness(said)
    0.5
    """
    scores = prediction.scores
    if thresholds is not None:
        return min(abs(scores[label] - least) for label, least in thresholds.items())
    best, second, *_ = [*sorted(scores.values(), reverse=True), 0.0]
    return best - second


def sort_least_sure_first(
    predictions: Iterable[AnyPrediction],
    thresholds: Mapping[Any, float] | None = None,
) -> list[AnyPrediction]:
    """Return predictions with their sureness, the least sure first.

    Parameters
    ----------
    predictions : iterable of Prediction
        Of clips or windows.
    thresholds : mapping or None, default=None
        As for `measure_sureness`; see ``Predictor.thresholds``.

    Returns
    -------
    ranked : list of Prediction
        With ``sureness``; equally sure ones keep their order. Silent windows, of which
        nothing can be said, are left out.

    Examples
    --------
    >>> from mfccclf.prediction import Prediction, sort_least_sure_first
    >>> sure, unsure = (
    ...     Prediction(
    ...         file=None, label="yes", labels=["yes"], model="m", duration_s=1.0,
    ...         scores={"no": 1 - score, "yes": score},
    ...     )
    ...     for score in (0.9, 0.6)
    ... )
    >>> ranked = sort_least_sure_first([sure, unsure])
    >>> [round(prediction.sureness, 1) for prediction in ranked]
    [0.2, 0.8]
    """
    measured = [
        replace(one, sureness=measure_sureness(one, thresholds))
        for one in predictions
        if one.scores
    ]
    return sorted(measured, key=_sureness_of)


def _sureness_of(prediction: Prediction) -> float:
    return prediction.sureness or 0.0
