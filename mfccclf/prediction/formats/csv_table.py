"""Predictions as a CSV table."""

from __future__ import annotations

import csv
from typing import Any

from mfccclf.prediction.formats.writer import Writer
from mfccclf.prediction.outcome import Prediction, WindowPrediction

__all__ = ["CSVWriter"]


class CSVWriter(Writer):
    """A table with a column of scores per label; ";" separates several labels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = csv.writer(self.stream, lineterminator="\n")
        times = ["start_s", "end_s"] if self.with_times else []
        last = ["sureness"] if self.with_sureness else []
        self._rows.writerow(["file", *times, "label", *self.classes, *last])

    def write(self, prediction: Prediction) -> None:
        """Write one row."""
        times: list[float] = []
        if isinstance(prediction, WindowPrediction):
            times = [prediction.start_s, prediction.end_s]
        label = ";".join(str(label) for label in prediction.labels)
        scores = [_number(prediction.scores.get(label)) for label in self.classes]
        last = [_number(prediction.sureness)] if self.with_sureness else []
        self._rows.writerow([prediction.file, *times, label, *scores, *last])
        self.stream.flush()


def _number(score: float | None) -> str:
    return "" if score is None else f"{score:.6f}"
