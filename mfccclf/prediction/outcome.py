"""Predictions: what a model says about a clip or a window."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

__all__ = ["Prediction", "WindowPrediction"]


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a model says about one clip.

    Attributes
    ----------
    file : str or None
        Path of the clip as given, ``"-"`` for a stream; None for a waveform.
    label : str, number or None
        The label with the highest score; None for a silent window, and if the model
        is not sure (see `mfccclf.prediction.decisions.Limits`).
    labels : list
        ``[label]`` if labels exclude each other; otherwise all labels that reach their
        thresholds, perhaps none. Empty if ``label`` is None.
    scores : dict
        Probability of each label, in the model's order; empty for a silent window.
    model : str
        Name or path of the model, as given.
    duration_s : float
        Length of the clip in seconds.
    familiarity : float or None, default=None
        Share of known clips that are at least as unfamiliar as this one; None for a
        silent window, and if the model does not compute it.
    sureness : float or None, default=None
        How far it is from being another prediction; None if it was not measured, see
        `mfccclf.prediction.sort_least_sure_first`.
    """

    file: str | None
    label: Any
    labels: list[Any]
    scores: dict[Any, float]
    model: str
    duration_s: float
    familiarity: float | None = None
    sureness: float | None = None

    @property
    def is_unsure(self) -> bool:
        """Whether there is sound, but the model is not sure enough to name a label."""
        return self.label is None and bool(self.scores)

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types of JSON; ``familiarity`` comes last.

        Behind it stands ``sureness``, if it was measured.
        """
        facts = {**self._facts(), "familiarity": self.familiarity}
        return facts if self.sureness is None else {**facts, "sureness": self.sureness}

    def _repr_html_(self) -> str:
        """Return what notebooks show: labels, scores and the clip to hear."""
        from mfccclf.display import html_table, play_clip, score_rows

        said = ", ".join(map(str, self.labels)) or "no label"
        head = f"<p><strong>{escape(said)}</strong> {escape(self._source())}</p>"
        table = html_table(["label", "score", ""], score_rows(self.scores))
        sound = self._sound()
        return head + table + ("" if sound is None else play_clip(sound))

    def _source(self) -> str:
        """Return what was predicted, for people."""
        return f"{self._name()}, {self.duration_s:.2f} s"

    def _name(self) -> str:
        return Path(self.file).name if self.file else "waveform"

    def _sound(self) -> str | None:
        """Return where the sound can be read again; None if it cannot."""
        return None if self.file in (None, "-") else self.file

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
        Start and end of the window, in seconds from the start of the recording;
        ``duration_s`` is their difference.
    """

    start_s: float
    end_s: float

    @property
    def is_silent(self) -> bool:
        """Whether there is no sound to predict from."""
        return not self.scores

    def _source(self) -> str:
        return f"{self._name()}, {self.start_s:.2f} to {self.end_s:.2f} s"

    def _sound(self) -> str | None:
        # A window of a stretch would need the stretch's own start; it is not played.
        if self.file in (None, "-") or "#t=" in str(self.file):
            return None
        return f"{self.file}#t={self.start_s:.6f},{self.end_s:.6f}"

    def _facts(self) -> dict[str, Any]:
        return {**super()._facts(), "start_s": self.start_s, "end_s": self.end_s}
