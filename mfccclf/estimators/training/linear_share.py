"""Learn the linear classifier that shares in a net's logits."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from torch import nn

from mfccclf.estimators.training.batches import SequenceDataset
from mfccclf.estimators.training.inference import compute_outputs
from mfccclf.estimators.training.outlier_exposure import NO_CLASS

__all__ = ["learn_linear_share"]

Floats = NDArray[np.float64]

# Inverse strength of the regularisation, for rows of length 1.
_C = 10.0
_MAX_ITERATIONS = 1000
_BATCH_SIZE = 256


class _Layer(NamedTuple):
    """Weights (n_outputs, n_values) and biases (n_outputs,) of a linear layer."""

    weight: Floats
    bias: Floats


def learn_linear_share(
    module: Any,
    clips: SequenceDataset,
    share: float,
    *,
    device: torch.device,
) -> None:
    """Fit the linear classifier of a trained net, and weigh the logits of both.

    Logits are averaged, so probabilities are the geometric mean of both.

    Parameters
    ----------
    module : mfccclf.modules.LSTMNet
        Trained, with a `LinearBranch`.
    clips : SequenceDataset
        What the net was trained on, with targets and weights; outliers have the class
        ``NO_CLASS``, or no label.
    share : float
        Of the linear classifier, from 0 to 1; the net has the rest.
    device : torch.device
        Where to compute the statistics of clips.
    """
    branch = module.linear
    outputs = compute_outputs(
        module, clips, batch_size=_BATCH_SIZE, device=device, recorded=branch
    )
    described = torch.from_numpy(outputs.embeddings).double()
    branch.learn_norm(described)
    rows = branch.standardise(described).numpy()
    # Threads that wait for each other take longer than matrices of this size.
    with threadpool_limits(1, user_api="blas"):
        layer = _fit(rows, clips, branch.linear.out_features)
    branch.learn_layer(*map(torch.from_numpy, layer))
    _weigh(branch.linear, share)
    _weigh(module.output, 1 - share)


def _weigh(layer: nn.Linear, factor: float) -> None:
    with torch.no_grad():
        layer.weight.mul_(factor)
        layer.bias.mul_(factor)


def _fit(rows: Floats, clips: SequenceDataset, n_outputs: int) -> _Layer:
    targets, weights = np.asarray(clips.targets), np.asarray(clips.weights, np.float64)
    if targets.ndim == 1:
        targets = _spread_outliers(targets, n_outputs)
        return _fit_classes(rows, targets, weights, n_outputs)
    layers = [_fit_classes(rows, column > 0, weights, 2) for column in targets.T]
    # The logit of a label is that of "yes" less that of "no".
    return _Layer(
        np.stack([layer.weight[1] - layer.weight[0] for layer in layers]),
        np.array([layer.bias[1] - layer.bias[0] for layer in layers]),
    )


def _spread_outliers(targets: NDArray[Any], n_classes: int) -> NDArray[Any]:
    """Give outliers the classes in turn, so that each is equally likely for them."""
    outliers = np.flatnonzero(targets == NO_CLASS)
    spread = targets.copy()
    spread[outliers] = np.arange(len(outliers)) % n_classes
    return spread


def _fit_classes(
    rows: Floats, targets: NDArray[Any], weights: Floats, n_classes: int
) -> _Layer:
    """Fit a softmax; a class without clips gets the logit of half a clip in all."""
    counts = np.bincount(targets.astype(np.int64), minlength=n_classes)
    weight = np.zeros((n_classes, rows.shape[1]))
    bias = np.log((counts + 0.5) / len(targets))
    present = np.flatnonzero(counts)
    if len(present) > 1:
        regression = LogisticRegression(C=_C, max_iter=_MAX_ITERATIONS)
        regression.fit(rows, targets, sample_weight=weights)
        weight[present], bias[present] = _both_classes(regression)
    return _Layer(weight, bias)


def _both_classes(regression: Any) -> _Layer:
    """Return a layer with an output per class, of two classes, too."""
    weight, bias = regression.coef_, regression.intercept_
    if len(weight) == 1:
        weight, bias = np.concatenate([-weight, weight]) / 2, np.r_[-bias, bias] / 2
    return _Layer(weight, bias)
