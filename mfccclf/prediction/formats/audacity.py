"""Predictions as a label track of Audacity.

References
----------
Audacity's manual, "Importing and Exporting Labels".
"""

from __future__ import annotations

from mfccclf.prediction.formats.writer import Writer, iter_events
from mfccclf.prediction.outcome import Prediction

__all__ = ["AudacityWriter"]


class AudacityWriter(Writer):
    """An Audacity label track: start, end and label, separated by tabs."""

    def format(self, prediction: Prediction) -> str:
        """Return a line per label."""
        return "".join(
            f"{event.start_s:.6f}\t{event.end_s:.6f}\t{event.label}\n"
            for event in iter_events(prediction)
        )
