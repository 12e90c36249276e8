"""Losses that take a weight per sequence."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

__all__ = ["WeightedBinaryCrossEntropy", "WeightedCrossEntropy"]


class WeightedCrossEntropy(nn.Module):
    """Mean cross-entropy of logits, weighted by sequence.

    Labels are smoothed only in training, so that validation losses are comparable.

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


class WeightedBinaryCrossEntropy(nn.Module):
    """Mean binary cross-entropy over the labels, weighted by sequence.

    Labels are smoothed, and presence weighted, only in training, so that validation
    losses are comparable.

    Parameters
    ----------
    label_smoothing : float, default=0.0
        Share by which training moves targets of 0 and 1 towards one half.
    positive_weight : Tensor of shape (n_labels,), default=None
        Weight of a label's presence in the loss, against 1 for its absence.
    """

    positive_weight: Tensor | None

    def __init__(
        self, label_smoothing: float = 0.0, positive_weight: Tensor | None = None
    ) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        self.register_buffer("positive_weight", positive_weight)

    def forward(self, logits: Tensor, target: tuple[Tensor, Tensor]) -> Tensor:
        """Compute the loss of a batch from logits, and indicators with weights."""
        indicators, weights = target
        positive_weight = self.positive_weight if self.training else None
        if self.training and self.label_smoothing:
            indicators = indicators * (1 - self.label_smoothing)
            indicators = indicators + self.label_smoothing / 2
        losses = functional.binary_cross_entropy_with_logits(
            logits, indicators, reduction="none", pos_weight=positive_weight
        )
        return (losses.mean(dim=1) * weights).mean()
