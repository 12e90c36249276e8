"""What a prediction says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Prediction"]


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a model says about one clip.

    Attributes
    ----------
    file : str or None
        The clip's path as it was given; None for a waveform.
    label : str or number
        The label with the highest score.
    labels : list
        ``[label]``: the model tells apart labels that exclude each other.
    scores : dict
        Probability of each label, in the model's order; they sum to 1.
    model : str
        The model as it was asked for.
    duration_s : float
        Length of the clip in seconds.
    """

    file: str | None
    label: Any
    labels: list[Any]
    scores: dict[Any, float]
    model: str
    duration_s: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON can hold it, in the order of the attributes."""
        return {
            "file": self.file,
            "label": self.label,
            "labels": list(self.labels),
            "scores": {str(label): score for label, score in self.scores.items()},
            "model": self.model,
            "duration_s": self.duration_s,
        }
