"""Losses that take a weight per sequence."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

__all__ = ["WeightedCrossEntropy"]


class WeightedCrossEntropy(nn.Module):
    """Mean cross-entropy of logits, each sequence by its weight.

    Labels are smoothed in training only, so that validation losses compare.

    Parameters
    ----------
    label_smoothing : float, default=0.0
        Share of the probability that training spreads over all classes.
    """

    def __init__(self, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing

    def forward(self, logits: Tensor, target: tuple[Tensor, Tensor]) -> Tensor:
        """Compute the loss of a batch from logits, and classes with weights."""
        classes, weights = target
        smoothing = self.label_smoothing if self.training else 0.0
        losses = functional.cross_entropy(
            logits, classes, reduction="none", label_smoothing=smoothing
        )
        return (losses * weights).mean()
