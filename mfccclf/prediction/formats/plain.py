"""Text for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import json
from typing import Any

from mfccclf.prediction.formats.writer import Writer, rank
from mfccclf.prediction.outcome import Prediction, WindowPrediction

__all__ = ["CSVWriter", "JSONWriter", "TextWriter"]

_NOTHING = "-"


class TextWriter(Writer):
    """A line per prediction: the labels with their scores, "-" for none.

    Where the model is not sure, the label that comes nearest stands in brackets, with
    the clip's familiarity if the model tells it.
    """

    def format(self, prediction: Prediction) -> str:
        """Return the line."""
        if self.top > 1:
            shown = rank(prediction, self.top)
        else:
            shown = [(label, prediction.scores[label]) for label in prediction.labels]
        listed = ", ".join(f"{label} ({score:.2f})" for label, score in shown)
        if prediction.is_unsure:
            listed = _unsure(prediction, self.top)
        where = f"{prediction.file}"
        if isinstance(prediction, WindowPrediction):
            where += f" {_clock(prediction.start_s)}-{_clock(prediction.end_s)}"
        return f"{where}: {listed or _NOTHING}\n"


class JSONWriter(Writer):
    """An object per line, with the keys of `Prediction.to_dict`.

    Scores come highest first, all of them unless ``top`` is larger than 1.
    """

    def format(self, prediction: Prediction) -> str:
        """Return the line."""
        record = prediction.to_dict()
        top = self.top if self.top > 1 else len(self.classes)
        best = rank(prediction, top)
        record["scores"] = {str(label): score for label, score in best}
        return json.dumps(record) + "\n"


class CSVWriter(Writer):
    """A table with a column of scores per label; several labels have ";" between."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = csv.writer(self.stream, lineterminator="\n")
        times = ["start_s", "end_s"] if self.with_times else []
        self._rows.writerow(["file", *times, "label", *self.classes])

    def write(self, prediction: Prediction) -> None:
        """Write one row."""
        times: list[float] = []
        if isinstance(prediction, WindowPrediction):
            times = [prediction.start_s, prediction.end_s]
        label = ";".join(str(label) for label in prediction.labels)
        scores = [_number(prediction.scores.get(label)) for label in self.classes]
        self._rows.writerow([prediction.file, *times, label, *scores])
        self.stream.flush()


def _unsure(prediction: Prediction, top: int) -> str:
    nearest = rank(prediction, top)
    listed = ", ".join(f"{label} {score:.2f}" for label, score in nearest)
    if prediction.familiarity is not None:
        listed += f"; familiarity {prediction.familiarity:.3f}"
    return f"not sure ({listed})"


def _number(score: float | None) -> str:
    return "" if score is None else f"{score:.6f}"


def _clock(seconds: float) -> str:
    """Write seconds as hours, minutes and seconds: 1:02:03.50."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest / 100:05.2f}"
