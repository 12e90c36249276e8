"""What a thread does for a request: predict, and write the command line's JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from mfccclf._inert import printable
from mfccclf._memory import lacks_memory
from mfccclf.errors import AudioFileError
from mfccclf.prediction import Prediction, Predictor
from mfccclf.prediction.formats.making import make_writer
from mfccclf.storage.held_clip import HeldClip
from mfccclf.web_server import RefusedError
from mfccclf.web_server.answers import error_record

__all__ = [
    "Formatter",
    "checking",
    "error_line",
    "label_upload",
    "predict_clip",
    "predict_clips",
    "refusing",
]

_LONGEST_NAME = 255
_NO_NAME = "-"  # as the command line calls standard input


class Formatter:
    """Write predictions of one model as ``mfccclf predict --format json`` does.

    Parameters
    ----------
    predictor : Predictor
        The model.
    top : int, default=1
        How many labels to show; 1 shows all.
    """

    def __init__(self, predictor: Predictor, top: int = 1) -> None:
        self._writer = make_writer("json", io.StringIO(), predictor, top=top)

    def line(self, prediction: Prediction, file: str) -> str:
        """Return a prediction as a line of JSON, under the name of an upload."""
        return self._writer.format(replace(prediction, file=file))


def label_upload(name: str | None) -> str:
    """Return what to call an upload: a text to repeat, never a path; "-" for none."""
    return printable(name or _NO_NAME)[:_LONGEST_NAME]


def error_line(refusal: RefusedError) -> str:
    """Return a refusal as a line of JSON."""
    return json.dumps(error_record(refusal)) + "\n"


def predict_clip(predictor: Predictor, clip: HeldClip, top: int) -> str:
    """Return the prediction of one clip as a line of JSON.

    Raises
    ------
    RefusedError
        If the clip cannot be used (422), or memory does not suffice for it (503).
    """
    with refusing():
        prediction = predictor.predict_file(clip)
        return Formatter(predictor, top).line(prediction, clip.name)


def predict_clips(
    predictor: Predictor, clips: Sequence[HeldClip], top: int
) -> list[dict[str, Any]]:
    """Return a prediction for each clip, or an error in its place."""
    records = []
    for clip in clips:
        try:
            records.append(json.loads(predict_clip(predictor, clip, top)))
        except RefusedError as refusal:
            records.append({"file": clip.name, **error_record(refusal)})
    return records


@contextmanager
def checking() -> Iterator[None]:
    """Turn errors about parameters, such as too short a window, into refusals."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise RefusedError(422, "bad_parameter", str(error)) from error


@contextmanager
def refusing() -> Iterator[None]:
    """Turn errors about a stranger's sound into refusals, for a with block."""
    try:
        yield
    except AudioFileError as error:
        reason = str(error)
        if reason.startswith(f"{_NO_NAME} "):
            reason = "The sound " + reason.removeprefix(f"{_NO_NAME} ")
        raise RefusedError(422, "unusable_sound", reason) from error
    except Exception as error:
        if not lacks_memory(error):
            raise
        raise RefusedError(
            503, "no_memory", "There is too little memory now. Send less at a time."
        ) from error
