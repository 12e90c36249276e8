"""Predictions as a JAMS document.

References
----------
Humphrey, Salamon, Nieto, Forsyth, Bittner and Bello, "JAMS: A JSON Annotated Music
Specification for Reproducible MIR Research", ISMIR 2014.
"""

from __future__ import annotations

import json
from typing import Any

from mfccclf.prediction.formats.writer import Writer, file_name, iter_events
from mfccclf.prediction.outcome import Prediction

__all__ = ["JAMSWriter"]


class JAMSWriter(Writer):
    """A JAMS document of one recording, in the namespace ``tag_open``.

    It is complete after `close`.
    """

    _JAMS_VERSION = "0.3.5"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._duration_s = 0.0
        self._source, self._model = "", ""
        self._before = '{"annotations": [{"namespace": "tag_open", "data": [\n'

    def format(self, prediction: Prediction) -> str:
        """Return an observation per label."""
        end_s = getattr(prediction, "end_s", prediction.duration_s)
        self._duration_s = max(self._duration_s, end_s)
        self._source, self._model = file_name(prediction), prediction.model
        lines = []
        for event in iter_events(prediction):
            observation = {
                "time": event.start_s,
                "duration": round(event.end_s - event.start_s, 6),
                "value": event.label,
                "confidence": event.score,
            }
            lines.append(self._before + json.dumps(observation))
            self._before = ",\n"
        return "".join(lines)

    def close(self) -> None:
        """Write what the observations belong to."""
        rest = json.dumps(self._describe_annotation())[1:-1]
        rest += "}], " + json.dumps(self._describe_recording())[1:]
        head = "" if self._before == ",\n" else self._before
        self.stream.write(f"{head}\n], {rest}\n")
        self.stream.flush()

    def _describe_annotation(self) -> dict[str, Any]:
        return {
            "annotation_metadata": {
                "annotation_tools": "mfccclf",
                "annotator": {"model": self._model},
                "data_source": "program",
                "annotation_rules": "",
                "corpus": "",
                "curator": {"name": "", "email": ""},
                "validation": "",
                "version": "",
            },
            "sandbox": {},
            "time": 0.0,
            "duration": self._duration_s,
        }

    def _describe_recording(self) -> dict[str, Any]:
        return {
            "file_metadata": {
                "title": self._source,
                "artist": "",
                "release": "",
                "duration": self._duration_s,
                "identifiers": {},
                "jams_version": self._JAMS_VERSION,
            },
            "sandbox": {},
        }
