"""Poolings: one vector per sequence from a layer's output per frame."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = [
    "AttentionPooling",
    "frame_mask",
    "greatest_values",
    "max_frames",
    "mean_frames",
]


def frame_mask(lengths: Tensor, n_frames: int) -> Tensor:
    """Mark the true frames of padded sequences.

    Parameters
    ----------
    lengths : int64 Tensor of shape (batch,)
        True frames per sequence.
    n_frames : int
        Frames per padded sequence.

    Returns
    -------
    mask : bool Tensor of shape (batch, n_frames, 1)
        True up to a sequence's end.
    """
    frames = torch.arange(n_frames, device=lengths.device)
    return (frames < lengths[:, None])[:, :, None]


def greatest_values(X: Tensor, mask: Tensor) -> Tensor:
    """Return each clip's greatest true value, of shape (batch, 1, 1)."""
    return X.masked_fill(~mask, -torch.inf).amax((1, 2), keepdim=True)


def mean_frames(output: Tensor, lengths: Tensor) -> Tensor:
    """Average the true frames: (batch, n_frames, n) to (batch, n)."""
    mask = frame_mask(lengths, output.shape[1])
    total = output.masked_fill(~mask, 0.0).sum(dim=1)
    return total / lengths[:, None].to(total.dtype)


def max_frames(output: Tensor, lengths: Tensor) -> Tensor:
    """Take the maximum over true frames: (batch, n_frames, n) to (batch, n)."""
    mask = frame_mask(lengths, output.shape[1])
    return output.masked_fill(~mask, -torch.inf).amax(dim=1)


class AttentionPooling(nn.Module):
    """Weighted mean of the true frames, with learned weights.

    A linear layer scores each frame; the weights are the softmax of the scores over
    the true frames [1]_.

    Parameters
    ----------
    size : int
        Values per frame.

    Attributes
    ----------
    score : torch.nn.Linear
        From the values of a frame to its score.

    References
    ----------
    .. [1] C. Raffel and D. P. W. Ellis, "Feed-Forward Networks with Attention Can
       Solve Some Long-Term Memory Problems", ICLR workshop, 2016.

    Examples
    --------
    >>> import torch
    >>> from mfccclf.modules import AttentionPooling
    >>> pool = AttentionPooling(4)
    >>> pool(torch.zeros(2, 7, 4), torch.tensor([7, 3])).shape
    torch.Size([2, 4])
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.score = nn.Linear(size, 1)
        nn.init.xavier_uniform_(self.score.weight)
        nn.init.zeros_(self.score.bias)

    def forward(self, output: Tensor, lengths: Tensor) -> Tensor:
        """Pool ``output`` (batch, n_frames, size) to (batch, size)."""
        mask = frame_mask(lengths, output.shape[1])
        scores = self.score(output).masked_fill(~mask, -torch.inf)
        # Padding has weight zero, and is finite, so it adds nothing.
        return (torch.softmax(scores, dim=1) * output).sum(dim=1)
