"""The whole net of a CNN classifier: convolutions, pooling, dense layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mfccclf.modules.dense import PooledNet, dropout_row, make_dropouts
from mfccclf.modules.pooling import (
    AttentionPooling,
    frame_mask,
    max_frames,
    mean_frames,
)
from mfccclf.modules.summary import LayerRow, trainable_parameters

__all__ = ["CONV_POOLINGS", "ConvBlock", "ConvNet", "MaskedBatchNorm"]

CONV_POOLINGS = ("mean", "max", "mean_max", "attention")


class ConvNet(PooledNet):
    """Convolutions over pictures of any length, pooling over frames, dense layers.

    Parameters
    ----------
    n_features : int
        Values per frame: the height of the picture.
    n_outputs : int
        Number of logits.
    channels : sequence of int
        Channels of each block; a block halves the picture in both directions.
    kernel_size : int, default=3
        Width and height of the kernels; odd.
    block_dropout : float or sequence of float, default=0.0
        Dropout after the blocks: one number for all, or one per block.
    collapse : {"mean", "flatten"}, default="mean"
        What becomes of the features that are left in each frame: their mean, or all
        of them side by side.
    pooling : {"mean", "max", "mean_max", "attention"}, default="mean_max"
        How the frames become a vector; "mean_max" is both side by side.
    dense_sizes, dense_activation, dense_dropout
        As for `LSTMNet`.

    Attributes
    ----------
    blocks : ModuleList of ConvBlock
        First to last.
    attention : AttentionPooling or None
        Learned pooling, where ``pooling="attention"``.
    dense : ModuleList of torch.nn.Linear
        The dense layers.
    output : torch.nn.Linear
        The last layer, which gives the logits.
    """

    def __init__(
        self,
        *,
        n_features: int,
        n_outputs: int,
        channels: Sequence[int],
        kernel_size: int = 3,
        block_dropout: float | Sequence[float] = 0.0,
        collapse: str = "mean",
        pooling: str = "mean_max",
        dense_sizes: Sequence[int] = (),
        dense_activation: str = "relu",
        dense_dropout: float | Sequence[float] = 0.0,
    ) -> None:
        super().__init__()
        self.n_features = n_features
        self.collapse = collapse
        self.pooling = pooling
        self.blocks = nn.ModuleList(
            ConvBlock(n_in, n_out, kernel_size)
            for n_in, n_out in pairwise([1, *channels])
        )
        self.dropouts = make_dropouts(block_dropout, len(self.blocks))
        height = n_features
        for _ in self.blocks:
            height = _half(height)
        size = channels[-1] * (height if collapse == "flatten" else 1)
        self.attention = AttentionPooling(size) if pooling == "attention" else None
        self._add_head(
            size * (2 if pooling == "mean_max" else 1),
            n_outputs,
            dense_sizes=dense_sizes,
            dense_activation=dense_activation,
            dense_dropout=dense_dropout,
        )

    def forward(self, X: Tensor, lengths: Tensor) -> Tensor:
        """Compute the logits.

        Parameters
        ----------
        X : Tensor of shape (batch, n_frames, n_features)
            Sequences, padded with zeros at the end.
        lengths : int64 Tensor of shape (batch,)
            True frames per sequence, each at least 1.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs)
            Scores before the softmax or sigmoid.
        """
        picture = X[:, None]
        for block, dropout in zip(self.blocks, self.dropouts, strict=True):
            picture, lengths = block(picture, lengths)
            picture = dropout(picture)
        frames = picture.transpose(1, 2)  # (batch, n_frames, channels, features)
        collapsed = frames.mean(dim=3) if self.collapse == "mean" else frames.flatten(2)
        return self._logits(self._pool(collapsed, lengths))

    def describe_layers(self, n_frames: int | None = None) -> list[LayerRow]:
        """List the layers with output shapes and trainable parameters.

        Parameters
        ----------
        n_frames : int or None, default=None
            Frames per sequence, for the shapes only; None leaves them open.

        Returns
        -------
        rows : list of LayerRow
            One row per layer; shapes are (clips, frames, features, channels).
        """
        rows: list[LayerRow] = []
        height = self.n_features
        blocks: list[Any] = list(self.blocks)
        for index, block in enumerate(blocks):
            rows.extend(block.describe_layers(index + 1, n_frames, height))
            n_frames = None if n_frames is None else _half(n_frames)
            height = _half(height)
            rows.extend(dropout_row(self.dropouts, index, rows[-1], ""))
        rows.append(self._pooling_row())
        return rows + self._dense_rows()

    def _pool(self, frames: Tensor, lengths: Tensor) -> Tensor:
        if self.attention is not None:
            attended: Tensor = self.attention(frames, lengths)
            return attended
        if self.pooling == "mean":
            return mean_frames(frames, lengths)
        if self.pooling == "max":
            return max_frames(frames, lengths)
        both = (mean_frames(frames, lengths), max_frames(frames, lengths))
        return torch.cat(both, dim=1)


class ConvBlock(nn.Module):
    """A convolution, batch normalisation, ReLU, and the maximum of each 2 by 2 values.

    Frames past a sequence's end are zero before each convolution, as the surroundings
    of a picture are; so no output depends on how far the batch is padded.

    Parameters
    ----------
    n_in, n_out : int
        Channels.
    kernel_size : int
        Width and height of the kernel; odd.

    Attributes
    ----------
    conv : torch.nn.Conv2d
        Without bias.
    norm : MaskedBatchNorm
        Over the true frames.
    """

    def __init__(self, n_in: int, n_out: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            n_in, n_out, kernel_size, padding=kernel_size // 2, bias=False
        )
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        self.norm = MaskedBatchNorm(n_out)

    def forward(self, picture: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Run the block.

        Parameters
        ----------
        picture : Tensor of shape (batch, n_in, n_frames, n_features)
            Zero past a sequence's end.
        lengths : int64 Tensor of shape (batch,)
            True frames per sequence.

        Returns
        -------
        picture : Tensor of shape (batch, n_out, n_frames / 2, n_features / 2)
            Zero past a sequence's end; halves are rounded up.
        lengths : int64 Tensor of shape (batch,)
            True frames that are left.
        """
        mask = frame_mask(lengths, picture.shape[2])[:, None]
        values = functional.relu(self.norm(self.conv(picture), mask)) * mask
        # After ReLU a zero past the end never wins, so half windows come out right.
        return functional.max_pool2d(values, 2, ceil_mode=True), _half(lengths)

    def describe_layers(
        self, number: int, n_frames: int | None, n_features: int
    ) -> list[LayerRow]:
        """List the block's layers for pictures of some size."""
        n_out = self.conv.out_channels
        shape = (None, n_frames, n_features, n_out)
        half = None if n_frames is None else _half(n_frames)
        pooled = (None, half, _half(n_features), n_out)
        size = self.conv.kernel_size[0]
        conv, norm = (trainable_parameters(part) for part in (self.conv, self.norm))
        return [
            LayerRow(f"conv_{number}", f"Conv2D({size}x{size})", shape, conv),
            LayerRow(f"norm_{number}", "BatchNorm", shape, norm),
            LayerRow(f"max_{number}", "MaxPooling(2x2)", pooled, 0),
        ]


class MaskedBatchNorm(nn.Module):
    """Batch normalisation of each channel over the true frames alone [1]_.

    Parameters
    ----------
    n_channels : int
        Channels of the picture.
    momentum : float, default=0.1
        Share of a batch in the running mean and variance.
    eps : float, default=1e-5
        Added to the variance.

    Attributes
    ----------
    frozen : bool
        Whether training, too, uses the running mean and variance, and keeps them.

    References
    ----------
    .. [1] S. Ioffe and C. Szegedy, "Batch Normalization: Accelerating Deep Network
       Training by Reducing Internal Covariate Shift", ICML, 2015.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self, n_channels: int, *, momentum: float = 0.1, eps: float = 1e-5
    ) -> None:
        super().__init__()
        self.momentum = momentum
        self.eps = eps
        self.frozen = False
        self.weight = nn.Parameter(torch.ones(n_channels))
        self.bias = nn.Parameter(torch.zeros(n_channels))
        self.register_buffer("running_mean", torch.zeros(n_channels))
        self.register_buffer("running_var", torch.ones(n_channels))

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """Normalise ``values`` (batch, channels, frames, features) where not masked."""
        mean, variance = self.running_mean, self.running_var
        if self.training and not self.frozen:
            mean, variance = self._measure(values, mask)
        scale = self.weight * torch.rsqrt(variance + self.eps)
        shift = self.bias - mean * scale
        return values * scale[:, None, None] + shift[:, None, None]

    def _measure(self, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        axes = (0, 2, 3)
        count = mask.sum() * values.shape[3]
        mean = (values * mask).sum(axes) / count
        centred = (values - mean[:, None, None]) * mask
        variance = centred.square().sum(axes) / count
        with torch.no_grad():
            unbiased = variance * count / (count - 1).clamp(min=1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(unbiased, self.momentum)
        return mean, variance


def _half(size: Any) -> Any:
    """Return half of an int or a Tensor of ints, rounded up."""
    return (size + 1) // 2
