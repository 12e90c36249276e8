"""What all writers of predictions have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple, TextIO

from mfccclf._inert import printable
from mfccclf.prediction.outcome import Prediction, WindowPrediction

__all__ = ["Event", "Writer", "file_name", "iter_events", "one_line", "rank"]


class Writer:
    """Write predictions one by one; each format has a subclass.

    Parameters
    ----------
    stream : text file object
        Where to write. It is flushed after each prediction, for the reader at the other
        end of a pipe, and is left open.
    classes : sequence
        The model's labels, in the order of the scores.
    top : int, default=1
        How many labels to show, if the format shows several.
    with_times : bool, default=False
        Whether the predictions are of windows.
    sample_rate : int, default=22050
        Rate in Hz of the sound that the model hears.
    with_sureness : bool, default=False
        Whether the predictions have a sureness.

    Examples
    --------
    >>> import sys
    >>> from mfccclf.prediction import Prediction
    >>> from mfccclf.prediction.formats import Writer
    >>> class NameWriter(Writer):
    ...     def format(self, prediction):
    ...         return f"{prediction.file}: {prediction.label};"
    >>> said = Prediction(
    ...     file="a.wav", label="yes", labels=["yes"], scores={"no": 0.2, "yes": 0.8},
    ...     model="mine", duration_s=1.0,
    ... )
    >>> NameWriter(sys.stdout, classes=["no", "yes"]).write(said)
    a.wav: yes;
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        classes: Sequence[Any],
        top: int = 1,
        with_times: bool = False,
        sample_rate: int = 22050,
        with_sureness: bool = False,
    ) -> None:
        self.stream = stream
        self.classes = classes
        self.top = top
        self.with_times = with_times
        self.sample_rate = sample_rate
        self.with_sureness = with_sureness

    def write(self, prediction: Prediction) -> None:
        """Write one prediction."""
        self.stream.write(self.format(prediction))
        self.stream.flush()

    def format(self, prediction: Prediction) -> str:
        """Return the text for one prediction, line ends included."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what follows the last prediction."""


class Event(NamedTuple):
    """One label in one part of a recording."""

    start_s: float
    end_s: float
    label: str
    score: float


def iter_events(prediction: Prediction) -> Iterator[Event]:
    """Yield each label given to a clip or a window; none for silence."""
    if isinstance(prediction, WindowPrediction):
        start_s, end_s = prediction.start_s, prediction.end_s
    else:
        start_s, end_s = 0.0, prediction.duration_s
    for label in prediction.labels:
        yield Event(start_s, end_s, one_line(label), prediction.scores[label])


def rank(prediction: Prediction, top: int) -> list[tuple[Any, float]]:
    """Return the ``top`` labels with the highest scores, highest first."""
    ranked = sorted(prediction.scores.items(), key=lambda item: -item[1])
    return ranked[:top]


def file_name(prediction: Prediction) -> str:
    """Return the name of the recording's file, without its folder."""
    return PurePath(prediction.file or "").name


def one_line(text: object) -> str:
    """Return a text without tabs and line ends, which separate columns and rows.

    Other unprintable characters are escaped.
    """
    return printable(" ".join(str(text).split()))
