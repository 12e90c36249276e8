"""The state of scikit-learn's linear classifiers in model files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf.persistence.state import Arrays, ModelFacts, StepState, check_finite

__all__ = ["LOGISTIC_REGRESSION"]


def _take_coefficients(classifier: Any) -> dict[str, NDArray[Any]]:
    # scikit-learn leaves them laid out by columns, which safetensors would not notice.
    return {
        "coef": np.ascontiguousarray(classifier.coef_),
        "intercept": np.ascontiguousarray(classifier.intercept_),
    }


def _restore_coefficients(classifier: Any, arrays: Arrays, facts: ModelFacts) -> Any:
    n_classes = len(facts.classes)
    # Two classes share one row: what speaks for the second speaks against the first.
    n_rows = 1 if n_classes == 2 else n_classes
    shapes = {"coef": (n_rows, facts.n_features), "intercept": (n_rows,)}
    for name, shape in shapes.items():
        check_finite(arrays[name], shape, owner="a linear classifier's")
    classifier.classes_ = facts.classes
    classifier.n_features_in_ = facts.n_features
    classifier.coef_ = arrays["coef"]
    classifier.intercept_ = arrays["intercept"]
    classifier.n_iter_ = np.zeros(1, np.int32)
    return classifier


LOGISTIC_REGRESSION = StepState(_take_coefficients, _restore_coefficients)
