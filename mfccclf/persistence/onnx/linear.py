"""The ONNX graph of scikit-learn's linear classifiers."""

from __future__ import annotations

from typing import Any

from mfccclf._graph_builder import GraphBuilder

__all__ = ["add_logistic_regression"]


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
    coefficients = builder.constant(classifier.coef_.T, "float32")
    intercept = builder.constant(classifier.intercept_, "float32")
    logits = builder.add("Add", builder.add("MatMul", X, coefficients), intercept)
    if len(classifier.classes_) > 2:
        return builder.add("Softmax", logits, axis=1)
    second = builder.add("Sigmoid", logits)
    first = builder.add("Sigmoid", builder.add("Neg", logits))
    return builder.add("Concat", first, second, axis=1)
