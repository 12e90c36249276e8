"""A block of convolutions over pictures of any length."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mfccclf.modules.pooling import frame_mask
from mfccclf.modules.summary import LayerRow, trainable_parameters

__all__ = ["LOWEST_VALUE", "ConvBlock", "MaskedBatchNorm", "half"]

LOWEST_VALUE = -1e9


class ConvBlock(nn.Module):
    """A convolution, the maximum of each 2 by 2 values, batch normalisation and ReLU.

    Normalisation comes after pooling, which leaves a quarter of the values.

    Frames past a sequence's end are zero before each convolution, like everything
    around a picture, so no output depends on the padding of the batch.

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
            True frames per sequence now.
        """
        if picture.device.type == "cpu":
            # Pooling takes half the time where the channels of a place lie together.
            # Unlike contiguous(), to() arranges pictures of one channel so, too.
            picture = picture.to(memory_format=torch.channels_last)
        values = self.conv(picture)
        true = frame_mask(lengths, picture.shape[2])[:, None]
        # Padding must never be the maximum of a window. It is lowered by adding, since
        # masked_fill would take a sixth of the training time.
        values = values + torch.where(true, 0.0, LOWEST_VALUE)
        values = functional.max_pool2d(values, 2, ceil_mode=True)
        lengths = half(lengths)
        mask = frame_mask(lengths, values.shape[2])[:, None]
        return functional.relu(self.norm(values, mask)) * mask, lengths

    def describe_layers(
        self, number: int, n_frames: int | None, n_features: int
    ) -> list[LayerRow]:
        """List the block's layers for pictures of some size."""
        n_out = self.conv.out_channels
        shape = (None, n_frames, n_features, n_out)
        n_left = None if n_frames is None else half(n_frames)
        pooled = (None, n_left, half(n_features), n_out)
        size = self.conv.kernel_size[0]
        conv, norm = (trainable_parameters(part) for part in (self.conv, self.norm))
        return [
            LayerRow(f"conv_{number}", f"Conv2D({size}x{size})", shape, conv),
            LayerRow(f"max_{number}", "MaxPooling(2x2)", pooled, 0),
            LayerRow(f"norm_{number}", "BatchNorm", pooled, norm),
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
        Whether training also uses the running mean and variance, unchanged.

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
        """Normalise ``values`` (batch, channels, frames, features), with a mask."""
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


def half(size: Any) -> Any:
    """Return half of an int or a Tensor of ints, rounded up."""
    return (size + 1) // 2
