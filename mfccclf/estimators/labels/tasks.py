"""What a net's outputs mean: one label per clip, or any number of labels.

A task turns labels into targets, and logits into probabilities and labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from mfccclf.estimators.labels.multilabel import (
    check_multilabel,
    encode_multilabel,
    is_multilabel,
    positive_weights,
)
from mfccclf.estimators.labels.targets import check_labels, check_weights, encode_labels
from mfccclf.estimators.training.loss import (
    WeightedBinaryCrossEntropy,
    WeightedCrossEntropy,
)

__all__ = ["MultilabelTask", "SingleLabelTask", "Task", "learn_task", "make_task"]

Targets = NDArray[np.int64] | NDArray[np.float32]


class Task(Protocol):
    """What the classifiers need to know of a task."""

    @property
    def classes(self) -> NDArray[Any]:
        """Sorted labels."""

    @property
    def thresholds(self) -> NDArray[np.float64] | None:
        """Threshold of each label; None where the most probable label wins."""

    def encode(self, y: Any, X: NDArray[Any], *, owner: object, name: str) -> Targets:
        """Check labels and turn them into targets."""

    def weights(
        self,
        sample_weight: ArrayLike | None,
        class_weight: Any,
        X: NDArray[Any],
        targets: Any,
        *,
        owner: object,
    ) -> NDArray[np.float32]:
        """Return the weight of each clip; 0 for clips to leave out."""

    def check_learnable(self, targets: Any, *, owner: object) -> None:
        """Raise `ValueError` if the targets leave nothing to tell apart."""

    def criterion(
        self, label_smoothing: float, class_weight: Any, targets: Any, *, owner: object
    ) -> nn.Module:
        """Return the loss."""

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn logits into probabilities of the same shape."""

    def decide(self, proba: NDArray[np.float64]) -> NDArray[Any]:
        """Turn probabilities into what ``predict`` returns."""


@dataclass(frozen=True)
class SingleLabelTask:
    """Each clip has one label: softmax and cross-entropy."""

    classes: NDArray[Any]
    thresholds: None = None

    def encode(
        self, y: Any, X: NDArray[Any], *, owner: object, name: str
    ) -> NDArray[np.int64]:
        """Return the index of each clip's class."""
        return encode_labels(check_labels(y, X, owner=owner), self.classes, name=name)

    def weights(
        self,
        sample_weight: ArrayLike | None,
        class_weight: Any,
        X: NDArray[Any],
        targets: NDArray[np.int64],
        *,
        owner: object,
    ) -> NDArray[np.float32]:
        """Combine sample weights and class weights."""
        return check_weights(
            sample_weight, class_weight, X, targets, self.classes, owner=owner
        )

    def check_learnable(self, targets: NDArray[np.int64], *, owner: object) -> None:
        """Raise `ValueError` if there are fewer than two classes."""
        found = np.unique(targets)
        if len(found) < 2:
            label = self.classes[found].tolist()[0]
            raise ValueError(
                f"{type(owner).__name__} needs clips of at least 2 classes in the "
                f"data, but the data contains only one class: {label!r}."
            )

    def criterion(
        self, label_smoothing: float, class_weight: Any, targets: Any, *, owner: object
    ) -> nn.Module:
        """Return the loss; class weights are part of the clips' weights."""
        return WeightedCrossEntropy(label_smoothing)

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute the softmax."""
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        proba: NDArray[np.float64] = exponents / exponents.sum(axis=1, keepdims=True)
        return proba

    def decide(self, proba: NDArray[np.float64]) -> NDArray[Any]:
        """Return the most probable label of each clip."""
        labels: NDArray[Any] = self.classes[proba.argmax(axis=1)]
        return labels


@dataclass(frozen=True)
class MultilabelTask:
    """Each clip has any number of labels: sigmoids and binary cross-entropy."""

    classes: NDArray[Any]
    thresholds: NDArray[np.float64]

    def encode(
        self, y: Any, X: NDArray[Any], *, owner: object, name: str
    ) -> NDArray[np.float32]:
        """Return the indicator matrix."""
        labels = check_multilabel(y, X, owner=owner)
        return encode_multilabel(labels, self.classes, name=name)

    def weights(
        self,
        sample_weight: ArrayLike | None,
        class_weight: Any,
        X: NDArray[Any],
        targets: Any,
        *,
        owner: object,
    ) -> NDArray[np.float32]:
        """Check sample weights; class weights belong to the loss."""
        unused = np.zeros(len(X), np.int64)
        return check_weights(sample_weight, None, X, unused, unused[:1], owner=owner)

    def check_learnable(self, targets: Any, *, owner: object) -> None:
        """Accept any targets: a part of the data may lack a label."""

    def criterion(
        self, label_smoothing: float, class_weight: Any, targets: Any, *, owner: object
    ) -> nn.Module:
        """Return the loss, with a weight for the presence of each label."""
        weights = positive_weights(class_weight, targets, self.classes, owner=owner)
        return WeightedBinaryCrossEntropy(
            label_smoothing, None if weights is None else torch.from_numpy(weights)
        )

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute the sigmoids, stable for large logits."""
        proba: NDArray[np.float64] = np.exp(-np.logaddexp(0.0, -logits))
        return proba

    def decide(self, proba: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the indicator matrix of labels at or above their thresholds."""
        return (proba >= self.thresholds).astype(np.int64)


def learn_task(y: Any, X: NDArray[Any], *, owner: object) -> Task:
    """Find the task that labels are for.

    Parameters
    ----------
    y : array-like
        One label per clip; or a collection of labels per clip, or an indicator matrix.
    X : ndarray
        The clips that they belong to.
    owner : object
        Estimator to name in an error.

    Returns
    -------
    task : Task
        With all classes that the labels name.

    Raises
    ------
    ValueError
        If the labels cannot be used.
    """
    if is_multilabel(y):
        classes = check_multilabel(y, X, owner=owner).classes
        return MultilabelTask(classes, np.full(len(classes), 0.5))
    return SingleLabelTask(np.unique(check_labels(y, X, owner=owner)))


def make_task(classes: NDArray[Any], thresholds: NDArray[np.float64] | None) -> Task:
    """Make the task of known classes.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted labels.
    thresholds : float64 ndarray of shape (n_classes,), or None
        Threshold of each label, with multilabel data.

    Returns
    -------
    task : Task
        For multilabel data if there are thresholds.
    """
    if thresholds is None:
        return SingleLabelTask(classes)
    return MultilabelTask(classes, thresholds)
