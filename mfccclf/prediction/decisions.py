"""From the scores of a clip to its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Decision"]


@dataclass(frozen=True)
class Decision:
    """How scores become labels.

    Parameters
    ----------
    classes : sequence
        Labels, in the order of the scores.
    thresholds : sequence of float or None, default=None
        The least score of each label that is said, for labels that do not exclude
        each other. None means that they do.
    """

    classes: Sequence[Any]
    thresholds: Sequence[float] | None = None

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Decision:
        """Make one from the content of ``model.json``."""
        return cls(list(config["classes"]), config.get("thresholds"))

    def decide(self, scores: Sequence[float]) -> dict[str, Any]:
        """Return "label", "labels" and "scores" of one clip.

        Parameters
        ----------
        scores : sequence of float
            One per label.
        """
        best = max(range(len(scores)), key=lambda index: scores[index])
        label = self.classes[best]
        labels = [label] if self.thresholds is None else self._above(scores)
        by_label = dict(zip(self.classes, scores, strict=True))
        return {"label": label, "labels": labels, "scores": by_label}

    def _above(self, scores: Sequence[float]) -> list[Any]:
        rows = zip(self.classes, scores, self.thresholds or (), strict=True)
        return [label for label, score, least in rows if score >= least]
