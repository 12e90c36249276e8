"""The ONNX graph of scikit-learn's linear classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np

from mfccclf._graph_builder import GraphBuilder
from mfccclf.persistence.calibrated import sigmoid_rows
from mfccclf.persistence.onnx.dense import add_frame_layer

__all__ = ["add_calibrated", "add_logistic_regression"]


def add_logistic_regression(
    builder: GraphBuilder, classifier: Any, X: str, lengths: str
) -> str:
    """Add a fitted `sklearn.linear_model.LogisticRegression` to a graph.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    classifier : LogisticRegression
        Fitted.
    X, lengths : str
        Names of float32 rows (n_clips, n_features) and of the lengths, which rows do
        not have.

    Returns
    -------
    scores : str
        Name of the float32 probabilities (n_clips, n_classes).
    """
    logits = add_frame_layer(builder, X, classifier.coef_, classifier.intercept_)
    if len(classifier.classes_) > 2:
        return builder.add("Softmax", logits, axis=1)
    return _add_both_classes(builder, logits)


def add_calibrated(builder: GraphBuilder, classifier: Any, X: str, lengths: str) -> str:
    """Add a fitted `sklearn.calibration.CalibratedClassifierCV` of SVMs to a graph.

    Arguments and result are those of `add_logistic_regression`.
    """
    rows = sigmoid_rows(classifier)
    n_models = len(rows.coef)
    total = None
    for model in range(n_models):
        slope = -rows.slope[model]
        logits = add_frame_layer(
            builder,
            X,
            slope[:, np.newaxis] * rows.coef[model],
            slope * rows.intercept[model] - rows.offset[model],
        )
        scores = _add_sigmoids(builder, logits, n_classes=len(classifier.classes_))
        total = scores if total is None else builder.add("Add", total, scores)
    return builder.add("Mul", str(total), builder.constant(1 / n_models, "float32"))


def _add_both_classes(builder: GraphBuilder, logits: str) -> str:
    """Add the probabilities of two classes that share one row."""
    second = builder.add("Sigmoid", logits)
    first = builder.add("Sigmoid", builder.add("Neg", logits))
    return builder.add("Concat", first, second, axis=1)


def _add_sigmoids(builder: GraphBuilder, logits: str, *, n_classes: int) -> str:
    """Add the sigmoid of each class as a share of all their sum.

    Softmax of the sigmoids' logarithms, which do not underflow.
    """
    if n_classes == 2:
        return _add_both_classes(builder, logits)
    far = builder.add("Exp", builder.add("Neg", builder.add("Abs", logits)))
    rest = builder.add("Log", builder.add("Add", far, builder.constant(1.0, "float32")))
    below = builder.add("Min", logits, builder.constant(0.0, "float32"))
    return builder.add("Softmax", builder.add("Sub", below, rest), axis=1)
