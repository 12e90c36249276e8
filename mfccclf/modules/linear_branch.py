"""A linear classifier of a clip's statistics, whose logits join those of a net."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from mfccclf.modules.summary import LayerRow, trainable_parameters
from mfccclf.modules.wide_input import describe_frames

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

    def forward(self, X: Tensor, lengths: Tensor) -> Tensor:
        """Turn clips (batch, n_frames, n_features) into logits (batch, n_outputs)."""
        norm: Any = self.norm
        rows = normalize(norm(describe_frames(X, lengths)), dim=1, eps=LEAST_NORM)
        logits: Tensor = self.linear(rows)
        return logits

    def learn(
        self, mean: Tensor, variance: Tensor, weight: Tensor, bias: Tensor
    ) -> None:
        """Take over what standardises the rows, and the layer.

        Parameters
        ----------
        mean, variance : Tensor of shape (3 * n_features,)
            Of the statistics of all clips.
        weight : Tensor of shape (n_outputs, 3 * n_features)
            Of rows that are standardised and of length 1.
        bias : Tensor of shape (n_outputs,)
            The same.
        """
        norm: Any = self.norm
        with torch.no_grad():
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            self.linear.weight.copy_(weight)
            self.linear.bias.copy_(bias)

    def describe_layer(self) -> LayerRow:
        """Describe the layer."""
        shape = (None, self.linear.out_features)
        return LayerRow("linear", "Linear", shape, trainable_parameters(self))
