"""The whole net of an LSTM classifier: LSTM layers, pooling, dense layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mfccclf.modules.augmentation import Augmentation
from mfccclf.modules.dense import dropout_row, make_dropouts
from mfccclf.modules.linear_branch import LinearBranch
from mfccclf.modules.pooling import AttentionPooling, max_frames, mean_frames
from mfccclf.modules.sequence_lstm import SequenceLSTM, last_frame
from mfccclf.modules.sequence_net import SequenceNet
from mfccclf.modules.summary import LayerRow, trainable_parameters
from mfccclf.modules.wide_input import (
    WIDE_LIMIT,
    FrameProjection,
    StatisticsBranch,
    describe_frames,
)

__all__ = ["POOLINGS", "LSTMNet"]

POOLINGS = ("last", "last_step", "mean", "max", "attention")


class LSTMNet(SequenceNet):
    """Convolutions if wanted, LSTM layers, pooling over frames, dense layers, logits.

    Parameters
    ----------
    n_features : int
        Values per frame.
    n_outputs : int
        Number of logits.
    hidden_sizes, bidirectional, input_dropout, recurrent_dropout, dropout, pooling
        As for `mfccclf.LSTMClassifier`, like all that follow.
    dense_sizes, dense_activation, dense_dropout
        Dense layers before the output.
    conv_channels, conv_kernel_size, conv_dropout
        Convolutional blocks before the first LSTM layer.
    projection_size, projection_dropout
        Linear layer on each frame before the first LSTM layer.
    statistics_size, statistics_dropout
        Dense layer on statistics of the input, beside the LSTM layers.
    linear_share : float, default=0.0
        Above 0 for a linear classifier of statistics of the input; see
        `mfccclf.estimators.training.linear_share`.
    input_norm : str or None, default=None
        How each clip is normalised; see `normalise_clips`.
    augmentation : Augmentation or None, default=None
        How clips are varied in training.

    Attributes
    ----------
    layers : ModuleList of SequenceLSTM
        The LSTM layers, first to last.
    dropouts : ModuleList of torch.nn.Dropout
        The dropout after each of them.
    projection : FrameProjection or None
        The linear layer before the first of them.
    statistics : StatisticsBranch or None
        The layer beside them, whose output follows that of the pooling.
    linear : LinearBranch or None
        The linear classifier, whose logits are added to the others in evaluation.

    Examples
    --------
    >>> import torch
    >>> from mfccclf.modules import LSTMNet
    >>> net = LSTMNet(n_features=13, n_outputs=3, hidden_sizes=(8,)).eval()
    >>> net(torch.zeros(2, 50, 13), torch.tensor([50, 30])).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        *,
        n_features: int,
        n_outputs: int,
        hidden_sizes: Sequence[int],
        bidirectional: bool = False,
        input_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        pooling: str = "last",
        dense_sizes: Sequence[int] = (),
        dense_activation: str = "relu",
        dense_dropout: float | Sequence[float] = 0.0,
        conv_channels: Sequence[int] = (),
        conv_kernel_size: int = 3,
        conv_dropout: float | Sequence[float] = 0.0,
        projection_size: int | None = None,
        projection_dropout: float = 0.0,
        statistics_size: int | None = None,
        statistics_dropout: float = 0.0,
        linear_share: float = 0.0,
        input_norm: str | None = None,
        augmentation: Augmentation | None = None,
    ) -> None:
        super().__init__()
        self.pooling = pooling
        n_channels, height = self._add_front(
            n_features,
            channels=conv_channels,
            kernel_size=conv_kernel_size,
            block_dropout=conv_dropout,
            input_norm=input_norm,
            augmentation=augmentation,
        )
        height *= n_channels
        self.projection = (
            None
            if projection_size is None
            else FrameProjection(height, projection_size, projection_dropout)
        )
        self.statistics = (
            None
            if statistics_size is None
            else StatisticsBranch(height, statistics_size, statistics_dropout)
        )
        self.linear = LinearBranch(height, n_outputs) if linear_share > 0 else None
        layers = _make_layers(
            projection_size or height,
            hidden_sizes,
            bidirectional=bidirectional,
            input_dropout=input_dropout,
            recurrent_dropout=recurrent_dropout,
        )
        size = layers[-1].output_size
        self.layers = nn.ModuleList(layers)
        self.dropouts = make_dropouts(dropout, len(self.layers))
        self.attention = AttentionPooling(size) if pooling == "attention" else None
        self._add_head(
            size + (statistics_size or 0),
            n_outputs,
            dense_sizes=dense_sizes,
            dense_activation=dense_activation,
            dense_dropout=dense_dropout,
        )
        self.pooled_size = size  # what the statistics add is no pooling

    @property
    def is_wide(self) -> bool:
        """Whether the net has layers for frames of many values, which are limited."""
        wide = (self.projection, self.statistics, self.linear)
        return any(layer is not None for layer in wide)

    @property
    def logit_layers(self) -> list[nn.Linear]:
        """The layers whose outputs add up to the logits."""
        return [self.output, *([] if self.linear is None else [self.linear.linear])]

    def forward(self, X: Tensor, lengths: Tensor) -> Tensor:
        """Compute the logits, as `SequenceNet` describes."""
        picture, lengths = self._run_front(X, lengths)
        frames = picture.transpose(1, 2).flatten(2)
        if self.is_wide:
            frames = frames.clamp(-WIDE_LIMIT, WIDE_LIMIT)
        pooled = self._run_layers(frames, lengths)
        linear = None if self.training else self.linear
        if self.statistics is None and linear is None:
            return self._logits(pooled)
        described = describe_frames(frames, lengths)
        if self.statistics is not None:
            pooled = torch.cat([pooled, self.statistics(described)], dim=1)
        logits = self._logits(pooled)
        return logits if linear is None else logits + linear(described)

    def describe_layers(self, n_frames: int | None = None) -> list[LayerRow]:
        """List the layers, as `SequenceNet` describes."""
        rows, n_frames = self._block_rows(n_frames)
        if self.projection is not None:
            rows.append(self.projection.describe_layer(n_frames))
        rows += self._lstm_rows(n_frames)
        if self.pooling != "last":
            rows.append(self._pooling_row())
        rows.extend(dropout_row(self.dropouts, len(self.layers) - 1, rows[-1], ""))
        if self.statistics is not None:
            rows.append(self.statistics.describe_layer())
        linear = [] if self.linear is None else [self.linear.describe_layer()]
        return rows + self._dense_rows() + linear

    def _run_layers(self, X: Tensor, lengths: Tensor) -> Tensor:
        """Run the LSTM layers on frames (batch, n_frames, n), and pool."""
        if self.projection is not None:
            X = self.projection(X)
        last = len(self.layers) - 1
        for index, layer in enumerate(self.layers):
            output, state = layer(X, lengths)
            if index < last:
                X = self.dropouts[index](output)
        pooled: Tensor = self.dropouts[last](self._pool(output, state, lengths))
        return pooled

    def _pool(self, output: Tensor, state: Tensor, lengths: Tensor) -> Tensor:
        if self.pooling == "last":
            return state
        if self.pooling == "last_step":
            return last_frame(output, lengths)
        if self.pooling == "mean":
            return mean_frames(output, lengths)
        if self.attention is None:
            return max_frames(output, lengths)
        pooled: Tensor = self.attention(output, lengths)
        return pooled

    def _lstm_rows(self, n_frames: int | None) -> list[LayerRow]:
        rows: list[LayerRow] = []
        layers: list[Any] = list(self.layers)
        last = len(layers) - 1
        for index, layer in enumerate(layers):
            kind = "Bidirectional(LSTM)" if layer.bidirectional else "LSTM"
            whole = index < last or self.pooling != "last"
            size: int = layer.output_size
            rows.append(
                LayerRow(
                    f"lstm_{index + 1}",
                    kind,
                    (None, n_frames, size) if whole else (None, size),
                    trainable_parameters(layer),
                )
            )
            if index < last:
                rows.extend(dropout_row(self.dropouts, index, rows[-1], ""))
        return rows


def _make_layers(
    size: int, hidden_sizes: Sequence[int], **options: Any
) -> list[SequenceLSTM]:
    """Make LSTM layers, the first of which is given ``size`` values per frame."""
    layers: list[SequenceLSTM] = []
    for hidden_size in hidden_sizes:
        layers.append(SequenceLSTM(size, hidden_size, **options))
        size = layers[-1].output_size
    return layers
