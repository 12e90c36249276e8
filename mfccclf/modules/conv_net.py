"""The whole net of a CNN classifier: convolutions, pooling, dense layers."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mfccclf.modules.augmentation import Augmentation
from mfccclf.modules.pooling import AttentionPooling, max_frames, mean_frames
from mfccclf.modules.sequence_net import SequenceNet
from mfccclf.modules.summary import LayerRow

__all__ = ["COLLAPSES", "CONV_POOLINGS", "ConvNet"]

COLLAPSES = ("mean", "flatten")
CONV_POOLINGS = ("mean", "max", "mean_max", "attention")


class ConvNet(SequenceNet):
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
    dense_sizes, dense_activation, dense_dropout, input_norm, augmentation
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
        input_norm: str | None = None,
        augmentation: Augmentation | None = None,
    ) -> None:
        super().__init__()
        self.collapse = collapse
        self.pooling = pooling
        n_channels, height = self._add_front(
            n_features,
            channels=channels,
            kernel_size=kernel_size,
            block_dropout=block_dropout,
            input_norm=input_norm,
            augmentation=augmentation,
        )
        size = n_channels * (height if collapse == "flatten" else 1)
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
        picture, lengths = self._run_front(X, lengths)
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
        rows, _ = self._block_rows(n_frames)
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
