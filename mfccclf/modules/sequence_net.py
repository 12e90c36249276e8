"""What all nets do before their own layers: vary, normalise and convolve the input."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from mfccclf.modules.augmentation import Augmentation, BandAugmentation
from mfccclf.modules.conv_block import ConvBlock, half
from mfccclf.modules.dense import PooledNet, dropout_row, make_dropouts
from mfccclf.modules.input_norm import normalise_clips
from mfccclf.modules.summary import LayerRow

__all__ = ["SequenceNet"]


class SequenceNet(PooledNet):
    """Base of nets on sequences: their front, and the layers behind their pooling.

    Attributes
    ----------
    augmentation : BandAugmentation or None
        How clips are varied in training.
    input_norm : str or None
        How each clip is normalised by itself.
    blocks : ModuleList of ConvBlock
        Convolutions, first to last; perhaps none.
    """

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
            Channels and features of what each frame becomes.
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
        """Describe the blocks; return the frames that are left, too."""
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
