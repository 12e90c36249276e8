"""A linear classifier of a clip's statistics, whose logits join those of a net."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from mfccclf.modules.summary import LayerRow, trainable_parameters

__all__ = ["LEAST_NORM", "LinearBranch"]

# A clip that is like the mean of all has no direction; no division by zero.
LEAST_NORM = 1e-6


class _ZeroLinear(nn.Linear):
    """A linear layer of zeros, which takes no random numbers from those of the net."""

    def reset_parameters(self) -> None:
        """Set all weights to zero."""
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)


class LinearBranch(nn.Module):
    """A linear layer on a clip's mean, deviation and maximum of each value.

    The statistics are standardised, and each clip's row of them is brought to length 1,
    so that no clip far from the others gets extreme logits. Epochs of training do not
    change this layer: it is learned afterwards, as a whole, and gives zeros before.

    Parameters
    ----------
    n_features : int
        Values per frame.
    n_outputs : int
        Number of logits.

    Attributes
    ----------
    norm : torch.nn.BatchNorm1d
        What standardises the statistics; it has no trainable parameters.
    linear : torch.nn.Linear
        The layer.
    """

    def __init__(self, n_features: int, n_outputs: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3 * n_features, affine=False)
        self.linear = _ZeroLinear(3 * n_features, n_outputs)

    def forward(self, rows: Tensor) -> Tensor:
        """Turn statistics (batch, 3 * n_features) into logits (batch, n_outputs)."""
        logits: Tensor = self.linear(self.standardise(rows))
        return logits

    def standardise(self, rows: Tensor) -> Tensor:
        """Return statistics by the mean and deviation learned, of length 1."""
        norm: Any = self.norm
        centred = rows - norm.running_mean
        return normalize(
            centred / (norm.running_var + norm.eps).sqrt(), dim=1, eps=LEAST_NORM
        )

    def learn_norm(self, rows: Tensor) -> None:
        """Learn mean and deviation from the statistics of all clips."""
        norm: Any = self.norm
        norm.running_mean.copy_(rows.mean(dim=0))
        norm.running_var.copy_(rows.var(dim=0, correction=0))

    def learn_layer(self, weight: Tensor, bias: Tensor) -> None:
        """Take over the weights (n_outputs, 3 * n_features) and biases of the layer."""
        with torch.no_grad():
            self.linear.weight.copy_(weight)
            self.linear.bias.copy_(bias)

    def describe_layer(self) -> LayerRow:
        """Describe the layer."""
        shape = (None, self.linear.out_features)
        return LayerRow("linear", "Linear", shape, trainable_parameters(self))
