"""Predictions as text for people."""

from __future__ import annotations

from mfccclf._inert import printable
from mfccclf.prediction.formats.writer import Writer, rank
from mfccclf.prediction.outcome import Prediction, WindowPrediction

__all__ = ["TextWriter"]

_NOTHING = "-"


class TextWriter(Writer):
    """A line per prediction: the labels with their scores, "-" for none.

    If the model is not sure, the best label stands in brackets, with the clip's
    familiarity if the model computes it. Unprintable characters are escaped.
    """

    def format(self, prediction: Prediction) -> str:
        """Return the line."""
        if self.top > 1:
            shown = rank(prediction, self.top)
        else:
            shown = [(label, prediction.scores[label]) for label in prediction.labels]
        listed = ", ".join(
            f"{printable(label)} ({score:.2f})" for label, score in shown
        )
        if prediction.is_unsure:
            listed = _unsure(prediction, self.top)
        where = printable(prediction.file)
        if isinstance(prediction, WindowPrediction):
            where += f" {_clock(prediction.start_s)}-{_clock(prediction.end_s)}"
        if prediction.sureness is not None:
            listed += f"; sureness {prediction.sureness:.3f}"
        return f"{where}: {listed or _NOTHING}\n"


def _unsure(prediction: Prediction, top: int) -> str:
    nearest = rank(prediction, top)
    listed = ", ".join(f"{printable(label)} {score:.2f}" for label, score in nearest)
    if prediction.familiarity is not None:
        listed += f"; familiarity {prediction.familiarity:.3f}"
    return f"not sure ({listed})"


def _clock(seconds: float) -> str:
    """Write seconds as hours, minutes and seconds: 1:02:03.50."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest / 100:05.2f}"
