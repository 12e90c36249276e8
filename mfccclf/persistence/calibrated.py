"""The state of calibrated linear SVMs in model files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from mfccclf.persistence.state import Arrays, ModelFacts, StepState, check_finite

__all__ = ["CALIBRATED", "SigmoidRows", "sigmoid_rows"]

_MOST_MODELS = 1000
_NAMES = ("coef", "intercept", "slope", "offset")


@dataclass(frozen=True, kw_only=True)
class SigmoidRows:
    """Linear SVMs with a sigmoid behind each row; their probabilities are averaged.

    Attributes
    ----------
    coef : float64 ndarray of shape (n_models, n_rows, n_features)
        Weights of the SVMs. Two classes share one row.
    intercept, slope, offset : float64 ndarray of shape (n_models, n_rows)
        Of the SVMs; and of the sigmoids ``1 / (1 + exp(slope * value + offset))``.
    """

    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    slope: NDArray[np.float64]
    offset: NDArray[np.float64]


def sigmoid_rows(classifier: Any) -> SigmoidRows:
    """Take the numbers of a fitted `sklearn.calibration.CalibratedClassifierCV`.

    Raises
    ------
    ValueError, TypeError
        If it holds anything but linear SVMs with sigmoids.
    """
    models = classifier.calibrated_classifiers_
    others = [m for m in models if not isinstance(m.estimator, LinearSVC | _Linear)]
    if others:
        kind = type(others[0].estimator).__name__
        raise TypeError(
            f"A model file cannot hold a calibrated {kind}. Calibrate a LinearSVC, or "
            "keep the pipeline with joblib.dump."
        )
    if classifier.method != "sigmoid":
        raise ValueError(
            f"A model file cannot hold the calibration {classifier.method!r}. Use "
            "CalibratedClassifierCV(method='sigmoid')."
        )
    if any(len(m.estimator.classes_) < len(classifier.classes_) for m in models):
        raise ValueError(
            "A fold of the calibration has not seen every class. Lower 'cv', set "
            "ensemble=False, or add clips."
        )
    return SigmoidRows(
        coef=np.stack([model.estimator.coef_ for model in models]),
        intercept=np.stack([np.atleast_1d(m.estimator.intercept_) for m in models]),
        slope=np.array([[one.a_ for one in model.calibrators] for model in models]),
        offset=np.array([[one.b_ for one in model.calibrators] for model in models]),
    )


@dataclass(frozen=True)
class _Linear:
    """What is left of a fitted `LinearSVC`."""

    coef_: NDArray[np.float64]
    intercept_: NDArray[np.float64]
    classes_: NDArray[Any]


@dataclass(frozen=True)
class _Sigmoid:
    """What is left of a fitted sigmoid."""

    a_: float
    b_: float


@dataclass(frozen=True)
class _CalibratedLinear:
    """One SVM and its sigmoids, with what `CalibratedClassifierCV` asks of them."""

    estimator: _Linear
    calibrators: list[_Sigmoid]

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return probabilities (n_clips, n_classes)."""
        values = np.asarray(X) @ self.estimator.coef_.T + self.estimator.intercept_
        slope = np.array([one.a_ for one in self.calibrators])
        offset = np.array([one.b_ for one in self.calibrators])
        # The logarithm of each sigmoid, which never underflows.
        logs = -np.logaddexp(0, slope * values + offset)
        if len(self.calibrators) == 1:
            second = np.exp(logs)
            return np.concatenate([1 - second, second], axis=1)
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        proba: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
        return proba


def _take(classifier: Any) -> dict[str, NDArray[Any]]:
    rows = sigmoid_rows(classifier)
    return {name: np.ascontiguousarray(getattr(rows, name)) for name in _NAMES}


def _restore(classifier: Any, arrays: Arrays, facts: ModelFacts) -> Any:
    n_classes = len(facts.classes)
    n_rows = 1 if n_classes == 2 else n_classes
    n_models = len(arrays["slope"])
    if not 0 < n_models <= _MOST_MODELS:
        raise ValueError(f"a calibration of {n_models} models")
    shape = (n_models, n_rows)
    coef = check_finite(arrays["coef"], (*shape, facts.n_features), owner="an SVM's")
    intercept, slope, offset = (
        check_finite(arrays[name], shape, owner="an SVM's") for name in _NAMES[1:]
    )
    classifier.classes_ = facts.classes
    classifier.n_features_in_ = facts.n_features
    classifier.calibrated_classifiers_ = [
        _CalibratedLinear(
            _Linear(coef[model], intercept[model], facts.classes),
            list(map(_Sigmoid, slope[model], offset[model])),
        )
        for model in range(n_models)
    ]
    return classifier


CALIBRATED = StepState(_take, _restore)
