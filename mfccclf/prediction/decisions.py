"""From the scores of a clip to its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mfccclf._validation import check_choice, check_real

__all__ = ["NAMES", "Decision", "Limits"]

NAMES = ("min_confidence", "min_familiarity")


@dataclass(frozen=True)
class Limits:
    """Least values that a clip must reach to get a label.

    Parameters
    ----------
    min_confidence : float, default=0.0
        Least score of the best label, from 0 to 1; 0 accepts any.
    min_familiarity : float, default=0.0
        Least familiarity, from 0 to 1; 0 accepts any. At 0.01, about one in a hundred
        known clips gets no label.
    """

    min_confidence: float = 0.0
    min_familiarity: float = 0.0

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Limits:
        """Take the limits in ``model.json``, if there are any."""
        return cls(**(config.get("limits") or {}))

    @classmethod
    def checked(cls, values: Mapping[str, Any], *, owner: object) -> Limits:
        """Check limits given by a user: raise unless each is from 0 to 1."""
        for name, value in values.items():
            check_choice("limits", name, NAMES, owner=owner)
            check_real(name, value, minimum=0, maximum=1, owner=owner)
        return cls(**values)

    def are_met(self, confidence: float, familiarity: float | None) -> bool:
        """Return whether a clip with these values may get a label."""
        if confidence < self.min_confidence:
            return False
        return familiarity is None or familiarity >= self.min_familiarity

    def __bool__(self) -> bool:
        """Return whether any clip can fall short of them."""
        return self.min_confidence > 0 or self.min_familiarity > 0


@dataclass(frozen=True)
class Decision:
    """How scores become labels.

    Parameters
    ----------
    classes : sequence
        Labels, in the order of the scores.
    thresholds : sequence of float or None, default=None
        Least score at which each label is given, for labels that do not exclude each
        other. None for labels that do.
    limits : Limits, default=Limits()
        What a clip must reach to get any label.
    """

    classes: Sequence[Any]
    thresholds: Sequence[float] | None = None
    limits: Limits = Limits()

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], limits: Limits | None = None
    ) -> Decision:
        """Take the decision in ``model.json``, perhaps with other limits."""
        if limits is None:
            limits = Limits.from_config(config)
        return cls(list(config["classes"]), config.get("thresholds"), limits)

    def decide(
        self, scores: Sequence[float], familiarity: float | None = None
    ) -> dict[str, Any]:
        """Return "label", "labels", "scores" and "familiarity" of one clip.

        Parameters
        ----------
        scores : sequence of float
            One per label.
        familiarity : float or None, default=None
            Familiarity of the clip; None if the model does not compute it.
        """
        best = max(range(len(scores)), key=lambda index: scores[index])
        label = self.classes[best]
        labels = [label] if self.thresholds is None else self._above(scores)
        if not self.limits.are_met(scores[best], familiarity):
            label, labels = None, []
        return {
            "label": label,
            "labels": labels,
            "scores": dict(zip(self.classes, scores, strict=True)),
            "familiarity": familiarity,
        }

    def _above(self, scores: Sequence[float]) -> list[Any]:
        rows = zip(self.classes, scores, self.thresholds or (), strict=True)
        return [label for label, score, least in rows if score >= least]
