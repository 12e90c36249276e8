"""Predictions as JSON, an object per line."""

from __future__ import annotations

import json

from mfccclf.prediction.formats.writer import Writer, rank
from mfccclf.prediction.outcome import Prediction

__all__ = ["JSONWriter"]


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
