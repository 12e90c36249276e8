"""Labels as programs for looking at sound read them.

References
----------
Audacity's manual, "Importing and Exporting Labels"; Raven Pro 1.6 User's Manual,
"Selection Tables"; Humphrey, Salamon, Nieto, Forsyth, Bittner and Bello, "JAMS: A JSON
Annotated Music Specification for Reproducible MIR Research", ISMIR 2014.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

from mfccclf.prediction.formats.writer import Writer, iter_events, one_line
from mfccclf.prediction.outcome import Prediction

__all__ = ["AudacityWriter", "JAMSWriter", "RavenWriter"]


class AudacityWriter(Writer):
    """An Audacity label track: start, end and label, tabs between."""

    def format(self, prediction: Prediction) -> str:
        """Return a line per label."""
        return "".join(
            f"{event.start_s:.6f}\t{event.end_s:.6f}\t{event.label}\n"
            for event in iter_events(prediction)
        )


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
            row += [one_line(_file_name(prediction)), event.label, f"{event.score:.6f}"]
            rows.append("\t".join(str(value) for value in row) + "\n")
        return "".join(rows)


class JAMSWriter(Writer):
    """A JAMS document of one recording, in the namespace ``tag_open``.

    It is complete once `close` has been called.
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
        self._source, self._model = _file_name(prediction), prediction.model
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
        """Write what the observations are of."""
        annotation = {
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
        document = {
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
        rest = json.dumps(annotation)[1:-1] + "}], " + json.dumps(document)[1:]
        head = "" if self._before == ",\n" else self._before
        self.stream.write(f"{head}\n], {rest}\n")
        self.stream.flush()


def _file_name(prediction: Prediction) -> str:
    return PurePath(prediction.file or "").name
