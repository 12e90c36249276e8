"""What a prediction says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Prediction", "WindowPrediction"]


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a model says about one clip.

    Attributes
    ----------
    file : str or None
        The clip's path as it was given, ``"-"`` for a stream; None for a waveform.
    label : str, number or None
        The label with the highest score; None for a silent window, and where the model
        is not sure (see `mfccclf.prediction.decisions.Limits`).
    labels : list
        ``[label]`` where labels exclude each other; those at or above their thresholds,
        perhaps none, where they do not. Empty where ``label`` is None.
    scores : dict
        Probability of each label, in the model's order; empty for a silent window.
    model : str
        The model as it was asked for.
    duration_s : float
        Length of the clip in seconds.
    familiarity : float or None, default=None
        Share of the model's known clips that are at least as odd as this one; None for
        a silent window, and where the model cannot tell.
    """

    file: str | None
    label: Any
    labels: list[Any]
    scores: dict[Any, float]
    model: str
    duration_s: float
    familiarity: float | None = None

    @property
    def is_unsure(self) -> bool:
        """Whether there was sound, but too little to go by to name a label."""
        return self.label is None and bool(self.scores)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON can hold it; ``familiarity`` comes last."""
        return {**self._facts(), "familiarity": self.familiarity}

    def _facts(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "label": self.label,
            "labels": list(self.labels),
            "scores": {str(label): score for label, score in self.scores.items()},
            "model": self.model,
            "duration_s": self.duration_s,
        }


@dataclass(frozen=True, kw_only=True)
class WindowPrediction(Prediction):
    """What a model says about one window of a recording.

    Attributes
    ----------
    start_s, end_s : float
        Where the window is, in seconds from the start of the recording;
        ``duration_s`` is the difference.
    """

    start_s: float
    end_s: float

    @property
    def is_silent(self) -> bool:
        """Whether there was no sound to predict from."""
        return not self.scores

    def _facts(self) -> dict[str, Any]:
        return {**super()._facts(), "start_s": self.start_s, "end_s": self.end_s}
