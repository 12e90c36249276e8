"""Describe the layers of an estimator's net, trained or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from sklearn.base import BaseEstimator
from torch import nn

from mfccclf.estimators.training.device import seeded
from mfccclf.modules.summary import LayerRow, count_parameters

__all__ = [
    "NetSummary",
    "count_parameters",
    "describe_layers",
    "module_of",
    "summarise_calibrated",
    "summarise_linear",
    "summarise_net",
]


@dataclass(frozen=True, kw_only=True)
class NetSummary:
    """The net of a classifier in numbers.

    Attributes
    ----------
    layers : list of LayerRow
        Its layers, first to last.
    n_parameters : int
        Trainable parameters, counted as Keras does: one bias vector per LSTM cell.
    n_parameters_torch : int
        Counted as torch does: two bias vectors per LSTM cell.
    """

    layers: list[LayerRow]
    n_parameters: int
    n_parameters_torch: int


def summarise_net(
    classifier: BaseEstimator, *, n_features: int, n_frames: int | None, n_classes: int
) -> NetSummary:
    """List the layers of a classifier's net and count its parameters.

    Parameters
    ----------
    classifier : SequenceClassifier
        Fitted or not.
    n_features, n_classes : int
        Values per frame and number of labels, for a net that is not fitted.
    n_frames : int or None
        Frames per sequence, for the shapes only; None for any number.

    Returns
    -------
    summary : NetSummary
        Layers and counts.
    """
    module = module_of(classifier, n_features=n_features, n_classes=n_classes)
    n_parameters, n_parameters_torch = count_parameters(module)
    return NetSummary(
        layers=describe_layers(module, n_frames=n_frames),
        n_parameters=n_parameters,
        n_parameters_torch=n_parameters_torch,
    )


def summarise_linear(
    classifier: BaseEstimator, *, n_features: int, n_frames: int | None, n_classes: int
) -> NetSummary:
    """Count the parameters of a linear classifier of rows, as `summarise_net` does.

    ``n_features`` and ``n_frames`` are those of the front end; how many numbers a row
    has is known of a fitted classifier only.
    """
    n_columns = getattr(classifier, "n_features_in_", None)
    n_rows = 1 if n_classes == 2 else n_classes
    n_parameters = 0 if n_columns is None else n_rows * (n_columns + 1)
    return _single_layer("Linear", n_classes, n_parameters)


def summarise_calibrated(
    classifier: BaseEstimator, *, n_features: int, n_frames: int | None, n_classes: int
) -> NetSummary:
    """Count the parameters of calibrated linear SVMs, as `summarise_linear` does.

    Each row has a sigmoid of two parameters, and each fold may have an SVM of its own.
    """
    models = getattr(classifier, "calibrated_classifiers_", [])
    n_parameters = sum(
        model.estimator.coef_.size + 3 * len(model.calibrators) for model in models
    )
    return _single_layer("Calibrated linear", n_classes, n_parameters)


def _single_layer(kind: str, n_classes: int, n_parameters: int) -> NetSummary:
    row = LayerRow("output", kind, (None, n_classes), n_parameters)
    return NetSummary(
        layers=[row], n_parameters=n_parameters, n_parameters_torch=n_parameters
    )


def describe_layers(
    estimator: BaseEstimator | nn.Module,
    *,
    n_features: int | None = None,
    n_frames: int | None = None,
    n_classes: int | None = None,
) -> list[LayerRow]:
    """List the layers of a net with output shapes and parameter counts.

    Parameters
    ----------
    estimator : SequenceClassifier or torch.nn.Module
        A classifier, fitted or not, or its module.
    n_features, n_classes : int, default=None
        Values per frame and number of classes; needed if it is not fitted.
    n_frames : int, default=None
        Frames per sequence, for the shapes only.

    Returns
    -------
    rows : list of LayerRow
        Per layer: name, type, output_shape, and n_parameters as Keras counts them.

    Raises
    ------
    ValueError
        If the classifier is not fitted and a size is missing.

    Examples
    --------
    >>> from mfccclf import LSTMClassifier
    >>> from mfccclf.estimators import describe_layers
    >>> rows = describe_layers(LSTMClassifier(), n_features=33, n_classes=5)
    >>> [(row.name, row.n_parameters) for row in rows]
    [('lstm_1', 82944), ('lstm_2', 20608), ('output', 165)]
    """
    module: Any = estimator
    if not isinstance(estimator, nn.Module):
        module = module_of(estimator, n_features=n_features, n_classes=n_classes)
    rows: list[LayerRow] = module.describe_layers(n_frames)
    return rows


def module_of(
    estimator: Any, *, n_features: int | None = None, n_classes: int | None = None
) -> nn.Module:
    """Return the net of a classifier, or one that it would train.

    Parameters
    ----------
    estimator : SequenceClassifier
        A classifier, fitted or not.
    n_features, n_classes : int, default=None
        As for `describe_layers`.

    Returns
    -------
    module : torch.nn.Module
        The net.

    Raises
    ------
    ValueError
        If the classifier is not fitted and a size is missing.

    Examples
    --------
    >>> from mfccclf import LSTMClassifier
    >>> from mfccclf.estimators import module_of
    >>> net = module_of(LSTMClassifier(hidden_sizes=(8,)), n_features=13, n_classes=3)
    >>> type(net).__name__
    'LSTMNet'
    """
    if hasattr(estimator, "net_"):
        fitted: nn.Module = estimator.net_.module_
        return fitted
    if n_features is None or n_classes is None:
        raise ValueError(
            f"This {type(estimator).__name__} is not fitted, so its net has no size "
            "yet. Pass n_features and n_classes, or fit it first."
        )
    with seeded(0, torch.device("cpu")):
        module: nn.Module = estimator.make_module(n_features, n_classes)
    return module
