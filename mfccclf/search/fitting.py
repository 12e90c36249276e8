"""One fit: train on the clips of a fold and score on the others."""

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

from mfccclf.estimators.labels.thresholds import best_thresholds
from mfccclf.search.scoring import Answers, Scorer

__all__ = ["FitOutcome", "fit_and_score"]

# torch's generator and its number of threads belong to the whole process, so fits that
# share a process (a Dask worker with several threads) take turns.
_TURN = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class FitOutcome:
    """What came out of one fit.

    Attributes
    ----------
    key : str
        What identifies the fit.
    scores : dict of str to float
        Score by each scorer's name; NaN if the fit failed.
    fit_s, score_s : float
        Seconds that training and scoring took.
    error : str or None
        Why the fit failed.
    thresholds : list of float, or None
        Where clips have several labels: the threshold of each label that suits the
        scored clips best; NaN for a label that none of them has.
    """

    key: str
    scores: dict[str, float]
    fit_s: float
    score_s: float
    error: str | None = None
    thresholds: list[float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, fit for JSON: None in place of NaN."""
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
    X: NDArray[np.float32],
    y: NDArray[Any],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    *,
    scorers: Mapping[str, Scorer],
    fit_parameters: Mapping[str, NDArray[Any]] | None = None,
) -> FitOutcome:
    """Train an estimator on some clips and score it on others.

    Every search uses this function, in this process or in workers; it computes on one
    thread, so scores do not depend on where and beside what it runs.

    Parameters
    ----------
    key : str
        What identifies the fit.
    estimator : estimator
        Unfitted; starts at X.
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        Sequences of all clips.
    y : ndarray of shape (n_clips,), or indicator matrix of shape (n_clips, n_labels)
        Their labels.
    train, test : int64 ndarray
        Indices of the clips to learn from, and to score on.
    scorers : mapping of str to callable
        Scorers by name.
    fit_parameters : mapping of str to ndarray of shape (n_clips,), optional
        Further arguments of ``fit``, one value per clip.

    Returns
    -------
    outcome : FitOutcome
        Scores and times; a ``ValueError`` of ``fit``, as when training diverges, makes
        the scores NaN.
    """
    with _TURN, _one_thread():
        started = time.perf_counter()
        extra = {name: v[train] for name, v in (fit_parameters or {}).items()}
        try:
            estimator.fit(X[train], y[train], **extra)
        except ValueError as error:
            seconds = time.perf_counter() - started
            return _failed(key, scorers, seconds, error)
        fitted = time.perf_counter()
        scores, thresholds = _judge(estimator, X[test], y[test], scorers)
        scored = time.perf_counter()
    return FitOutcome(
        key=key,
        scores=scores,
        fit_s=fitted - started,
        score_s=scored - fitted,
        thresholds=thresholds,
    )


def _judge(
    estimator: BaseEstimator,
    X: NDArray[np.float32],
    y: NDArray[Any],
    scorers: Mapping[str, Scorer],
) -> tuple[dict[str, float], list[float] | None]:
    """Return the scores and, where clips have several labels, the best thresholds."""
    if y.ndim == 1:
        score = check_scoring(estimator, scoring=dict(scorers))
        return _score(lambda: score(estimator, X, y)), None
    answers = Answers.of_several(estimator.predict_proba(X))
    unknown = np.full(y.shape[1], np.nan)
    thresholds: list[float] = best_thresholds(y, answers.proba, unknown).tolist()
    return _score(lambda: {n: s(answers, X, y) for n, s in scorers.items()}), thresholds


def _score(compute: Callable[[], Mapping[str, Any]]) -> dict[str, float]:
    with warnings.catch_warnings():
        # A class that is never predicted counts as 0, and each fold would say so.
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        warnings.filterwarnings("ignore", message="No positive class found in y_true")
        return {name: float(score) for name, score in compute().items()}


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
