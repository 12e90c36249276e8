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
    channels, kernel_size, block_dropout, collapse, pooling
        As for `mfccclf.CNNClassifier`, like all that follow.
    dense_sizes, dense_activation, dense_dropout
        Dense layers before the output.
    input_norm, augmentation
        As for `LSTMNet`.

    Examples
    --------
    >>> import torch
    >>> from mfccclf.modules import ConvNet
    >>> net = ConvNet(n_features=40, n_outputs=3, channels=(8, 16)).eval()
    >>> net(torch.zeros(2, 50, 40), torch.tensor([50, 30])).shape
    torch.Size([2, 3])
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
        """Compute the logits, as `SequenceNet` describes."""
        picture, lengths = self._run_front(X, lengths)
        frames = picture.transpose(1, 2)  # (batch, n_frames, channels, features)
        collapsed = frames.mean(dim=3) if self.collapse == "mean" else frames.flatten(2)
        return self._logits(self._pool(collapsed, lengths))

    def describe_layers(self, n_frames: int | None = None) -> list[LayerRow]:
        """List the layers, as `SequenceNet` describes."""
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
