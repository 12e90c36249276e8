"""What all nets do before their own layers: vary, normalise and convolve clips."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from mfccclf.modules.augmentation import Augmentation
from mfccclf.modules.band_augmentation import BandAugmentation
from mfccclf.modules.conv_block import ConvBlock, half
from mfccclf.modules.dense import PooledNet, dropout_row, make_dropouts
from mfccclf.modules.input_norm import normalise_clips
from mfccclf.modules.summary import LayerRow

__all__ = ["SequenceNet"]


class SequenceNet(PooledNet):
    """Base of nets on sequences: the layers before a net's own, and those after.

    Attributes
    ----------
    augmentation : BandAugmentation or None
        How clips are varied in training.
    input_norm : str or None
        How each clip is normalised by itself.
    blocks : ModuleList of ConvBlock
        Convolutional blocks, first to last; may be empty.
    """

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
            Scores before the softmax or the sigmoids.
        """
        raise NotImplementedError

    def describe_layers(self, n_frames: int | None = None) -> list[LayerRow]:
        """List the layers with output shapes and parameter counts, as Keras does.

        Parameters
        ----------
        n_frames : int or None, default=None
            Frames per sequence, for the shapes only; None leaves them open.

        Returns
        -------
        rows : list of LayerRow
            One row per layer; shapes of pictures are (clips, frames, features,
            channels).
        """
        raise NotImplementedError

    def _add_front(
        self,
        n_features: int,
        *,
        channels: Sequence[int],
        kernel_size: int,
        block_dropout: float | Sequence[float],
        input_norm: str | None,
        augmentation: Augmentation | None,
    ) -> tuple[int, int]:
        """Make the layers before a net's own.

        Returns
        -------
        n_channels, height : int
            Channels and features of each frame behind them.
        """
        self.n_features = n_features
        self.input_norm = input_norm
        self.augmentation = BandAugmentation(augmentation) if augmentation else None
        self.blocks = nn.ModuleList(
            ConvBlock(n_in, n_out, kernel_size)
            for n_in, n_out in pairwise([1, *channels])
        )
        self.block_dropouts = make_dropouts(block_dropout, len(self.blocks))
        height = n_features
        for _ in self.blocks:
            height = half(height)
        return [1, *channels][-1], height

    def _run_front(self, X: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Turn sequences into pictures (batch, channels, n_frames, features)."""
        if self.augmentation is not None:
            X, lengths = self.augmentation(X, lengths)
        picture = normalise_clips(X, lengths, self.input_norm)[:, None]
        for block, dropout in zip(self.blocks, self.block_dropouts, strict=True):
            picture, lengths = block(picture, lengths)
            picture = dropout(picture)
        return picture, lengths

    def _block_rows(self, n_frames: int | None) -> tuple[list[LayerRow], int | None]:
        """Return the rows of the blocks, and the number of frames behind them."""
        rows: list[LayerRow] = []
        height = self.n_features
        blocks: list[Any] = list(self.blocks)
        for index, block in enumerate(blocks):
            rows.extend(block.describe_layers(index + 1, n_frames, height))
            n_frames = None if n_frames is None else half(n_frames)
            height = half(height)
            prefix = "conv_"
            rows.extend(dropout_row(self.block_dropouts, index, rows[-1], prefix))
        return rows, n_frames
