"""Layers for frames of many values, as pre-trained nets give them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm

from mfccclf.modules.dense import make_dense
from mfccclf.modules.pooling import max_frames, mean_frames
from mfccclf.modules.summary import LayerRow, trainable_parameters

__all__ = [
    "LEAST_VARIANCE",
    "WIDE_LIMIT",
    "FrameProjection",
    "StatisticsBranch",
    "describe_frames",
]

# What goes into these layers is standardised. Some values of a pre-trained net hardly
# ever change in one's own clips; in others they are then thousands of deviations off.
WIDE_LIMIT = 20.0
# The gradient of a root has no end at zero.
LEAST_VARIANCE = 1e-12


class FrameProjection(nn.Module):
    """Bring the values of each frame to fewer, by a linear layer.

    Parameters
    ----------
    n_features : int
        Values per frame.
    size : int
        Values per frame afterwards.
    dropout : float
        Dropout of the values before.

    Attributes
    ----------
    linear : torch.nn.Linear
        The layer.
    """

    def __init__(self, n_features: int, size: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.linear = make_dense(n_features, size)

    def forward(self, X: Tensor) -> Tensor:
        """Project frames (batch, n_frames, n_features)."""
        projected: Tensor = self.linear(self.dropout(X))
        return projected

    def describe_layer(self, n_frames: int | None) -> LayerRow:
        """Describe the layer."""
        shape = (None, n_frames, self.linear.out_features)
        return LayerRow("projection", "Dense", shape, trainable_parameters(self))


class StatisticsBranch(nn.Module):
    """A dense layer on a clip's mean, deviation and maximum of each value.

    The statistics are standardised by their running mean and deviation in training,
    so that none outweighs the others.

    Parameters
    ----------
    n_features : int
        Values per frame.
    size : int
        Units of the layer.
    dropout : float
        Dropout of the statistics and of the layer's output.

    Attributes
    ----------
    norm : torch.nn.BatchNorm1d
        What standardises the statistics; it has no trainable parameters.
    linear : torch.nn.Linear
        The layer, followed by a ReLU.
    """

    def __init__(self, n_features: int, size: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3 * n_features, affine=False)
        self.dropout = nn.Dropout(dropout)
        self.linear = make_dense(3 * n_features, size)

    def forward(self, rows: Tensor) -> Tensor:
        """Turn statistics (batch, 3 * n_features) into units (batch, size)."""
        rows = self.dropout(self._standardise(rows))
        units: Tensor = self.dropout(torch.relu(self.linear(rows)))
        return units

    def describe_layer(self) -> LayerRow:
        """Describe the layer."""
        shape = (None, self.linear.out_features)
        return LayerRow("statistics", "Dense", shape, trainable_parameters(self))

    def _standardise(self, rows: Tensor) -> Tensor:
        norm: Any = self.norm
        # A batch of one clip has no deviation of its own.
        if len(rows) == 1:
            return batch_norm(rows, norm.running_mean, norm.running_var, eps=norm.eps)
        standardised: Tensor = norm(rows)
        return standardised


def describe_frames(X: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean, deviation and maximum of each value over the true frames.

    Parameters
    ----------
    X : Tensor of shape (batch, n_frames, n_features)
        Sequences, padded at the end.
    lengths : int64 Tensor of shape (batch,)
        True frames per sequence.

    Returns
    -------
    rows : Tensor of shape (batch, 3 * n_features)
        All means, then all deviations, then all maxima.
    """
    mean = mean_frames(X, lengths)
    variance = mean_frames((X - mean[:, None]) ** 2, lengths)
    deviation = (variance + LEAST_VARIANCE).sqrt()
    return torch.cat([mean, deviation, max_frames(X, lengths)], dim=1)
