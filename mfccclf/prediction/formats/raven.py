"""Predictions as a selection table of Raven.

References
----------
Raven Pro 1.6 User's Manual, "Selection Tables".
"""

from __future__ import annotations

from typing import Any

from mfccclf.prediction.formats.writer import Writer, file_name, iter_events, one_line
from mfccclf.prediction.outcome import Prediction

__all__ = ["RavenWriter"]


class RavenWriter(Writer):
    """A Raven selection table: a row per label, over all frequencies."""

    _COLUMNS = (
        "Selection",
        "View",
        "Channel",
        "Begin Time (s)",
        "End Time (s)",
        "Low Freq (Hz)",
        "High Freq (Hz)",
        "Begin File",
        "Annotation",
        "Score",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._n_rows = 0
        self.stream.write("\t".join(self._COLUMNS) + "\n")

    def format(self, prediction: Prediction) -> str:
        """Return a row per label."""
        rows = []
        for event in iter_events(prediction):
            self._n_rows += 1
            row = [self._n_rows, "Spectrogram 1", 1]
            row += [f"{event.start_s:.6f}", f"{event.end_s:.6f}"]
            row += ["0.0", f"{self.sample_rate / 2:.1f}"]
            row += [one_line(file_name(prediction)), event.label, f"{event.score:.6f}"]
            rows.append("\t".join(str(value) for value in row) + "\n")
        return "".join(rows)
