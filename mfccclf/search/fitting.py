"""One fit: train on some clips of a fold, and score on the others."""

from __future__ import annotations

import math
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import check_scoring

from mfccclf.estimators.familiarity.measure import leave_out_familiarity
from mfccclf.estimators.labels.thresholds import best_thresholds
from mfccclf.search.scorers import FixedClassifier, Scorer
from mfccclf.variation.rows import copy_rows

__all__ = ["FitOutcome", "fit_and_score"]

# torch's generator and number of threads belong to the whole process, so fits that
# share a process (a Dask worker with several threads) take turns.
_TURN = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class FitOutcome:
    """The outcome of one fit.

    Attributes
    ----------
    key : str
        Identifies the fit.
    scores : dict of str to float
        Score by each scorer's name; NaN if the fit failed.
    fit_s, score_s : float
        Seconds that training and scoring took.
    error : str or None
        Why the fit failed; None if it succeeded.
    thresholds : list of float, or None
        In a multilabel search, the best threshold of each label on the scored clips;
        NaN for a label that none of them has. None otherwise.
    """

    key: str
    scores: dict[str, float]
    fit_s: float
    score_s: float
    error: str | None = None
    thresholds: list[float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, with None in place of NaN."""
        values = asdict(self)
        values["scores"] = {name: _to_plain(s) for name, s in self.scores.items()}
        if self.thresholds is not None:
            values["thresholds"] = [_to_plain(t) for t in self.thresholds]
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> FitOutcome:
        """Read what ``to_dict`` returned."""
        read = dict(values)
        read["scores"] = {name: _from_plain(s) for name, s in values["scores"].items()}
        if values.get("thresholds") is not None:
            read["thresholds"] = [_from_plain(t) for t in values["thresholds"]]
        return cls(**read)


def fit_and_score(
    key: str,
    estimator: BaseEstimator,
    *,
    X: NDArray[np.float32],
    y: NDArray[Any],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    scorers: Mapping[str, Scorer],
    fit_parameters: Mapping[str, NDArray[Any]] | None = None,
    n_copies: int = 1,
) -> FitOutcome:
    """Train an estimator on some clips and score it on others.

    Every search uses this function, in this process or in workers. It computes on one
    thread, so scores do not depend on where it runs, or on what runs beside it.

    Parameters
    ----------
    key : str
        Identifies the fit.
    estimator : estimator
        Unfitted; takes X.
    X : float32 ndarray of shape (n_clips * n_copies, n_frames, n_features)
        Sequences of all clips, each followed by its varied copies.
    y : ndarray of shape (n_clips,), or indicator matrix of shape (n_clips, n_labels)
        Their labels.
    train, test : int64 ndarray
        Indices of the clips to train on, and of those to score on.
    scorers : mapping of str to callable
        Scorers by name.
    fit_parameters : mapping of str to ndarray of shape (n_clips * n_copies,), optional
        Further arguments of ``fit``, one value per row of X.
    n_copies : int, default=1
        Rows that each clip takes. Copies are learned from, and never scored on.

    Returns
    -------
    outcome : FitOutcome
        Scores and times. If ``fit`` raises a ``ValueError``, as when training
        diverges, the scores are NaN.
    """
    with _TURN, _one_thread():
        started = time.perf_counter()
        rows = copy_rows(train, n_copies)
        extra = {name: v[rows] for name, v in (fit_parameters or {}).items()}
        try:
            with leave_out_familiarity():  # no score asks for it
                estimator.fit(X[rows], np.repeat(y[train], n_copies, axis=0), **extra)
        except ValueError as error:
            seconds = time.perf_counter() - started
            return _failed(key, scorers, seconds, error)
        fitted = time.perf_counter()
        scores, thresholds = _score_classifier(
            estimator, X[test * n_copies], y[test], scorers
        )
        scored = time.perf_counter()
    return FitOutcome(
        key=key,
        scores=scores,
        fit_s=fitted - started,
        score_s=scored - fitted,
        thresholds=thresholds,
    )


def _score_classifier(
    estimator: BaseEstimator,
    X: NDArray[np.float32],
    y: NDArray[Any],
    scorers: Mapping[str, Scorer],
) -> tuple[dict[str, float], list[float] | None]:
    """Return the scores and, in a multilabel search, the best thresholds."""
    if y.ndim == 1:
        score = check_scoring(estimator, scoring=dict(scorers))
        return _compute(lambda: score(estimator, X, y)), None
    fixed = FixedClassifier.multilabel(estimator.predict_proba(X))
    unknown = np.full(y.shape[1], np.nan)
    thresholds: list[float] = best_thresholds(y, fixed.proba, unknown).tolist()
    return _compute(lambda: {n: s(fixed, X, y) for n, s in scorers.items()}), thresholds


def _compute(score: Callable[[], Mapping[str, Any]]) -> dict[str, float]:
    with warnings.catch_warnings():
        # A class that is never predicted counts as 0; each fold would warn of it.
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        warnings.filterwarnings("ignore", message="No positive class found in y_true")
        return {name: float(value) for name, value in score().items()}


def _to_plain(value: float) -> float | None:
    return None if math.isnan(value) else value


def _from_plain(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _failed(
    key: str, scorers: Mapping[str, Scorer], seconds: float, error: ValueError
) -> FitOutcome:
    scores = dict.fromkeys(scorers, math.nan)
    text = " ".join(str(error).split())
    return FitOutcome(key=key, scores=scores, fit_s=seconds, score_s=0.0, error=text)


@contextmanager
def _one_thread() -> Iterator[None]:
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)
