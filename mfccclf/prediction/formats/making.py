"""Choose the writer of a format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from mfccclf._validation import check_choice
from mfccclf.prediction.formats.annotations import (
    AudacityWriter,
    JAMSWriter,
    RavenWriter,
)
from mfccclf.prediction.formats.plain import CSVWriter, JSONWriter, TextWriter
from mfccclf.prediction.formats.writer import Writer

if TYPE_CHECKING:
    from mfccclf.prediction.predictor import Predictor

__all__ = ["FORMATS", "ONE_RECORDING", "make_writer"]

FORMATS: Mapping[str, type[Writer]] = {
    "text": TextWriter,
    "json": JSONWriter,
    "csv": CSVWriter,
    "audacity": AudacityWriter,
    "raven": RavenWriter,
    "jams": JAMSWriter,
}
# Formats without a place for the name of each prediction's file.
ONE_RECORDING = ("audacity", "raven", "jams", "png")


def make_writer(
    format: str,
    stream: TextIO,
    predictor: Predictor,
    *,
    top: int = 1,
    with_times: bool = False,
) -> Writer:
    """Make what writes predictions in some format.

    Parameters
    ----------
    format : {"text", "json", "csv", "audacity", "raven", "jams"}
        The last three hold the labels of one recording.
    stream : text file object
        Where to write; flushed after every prediction, left open.
    predictor : Predictor
        Whose predictions they are.
    top : int, default=1
        How many labels to show in text and JSON.
    with_times : bool, default=False
        Whether they are of windows.

    Returns
    -------
    writer : Writer
        Call ``write(prediction)`` for each, then ``close()``.

    Raises
    ------
    ValueError
        If there is no such format.

    Examples
    --------
    >>> import sys
    >>> from mfccclf import Predictor
    >>> from mfccclf.prediction.formats import make_writer
    >>> predictor = Predictor("names")  # doctest: +SKIP
    >>> writer = make_writer("audacity", sys.stdout, predictor)  # doctest: +SKIP
    >>> for window in predictor.predict_windows("long.wav", window=3):
    ...     writer.write(window)  # doctest: +SKIP
    """
    check_choice("format", format, FORMATS, owner="make_writer")
    return FORMATS[format](
        stream,
        classes=predictor.classes,
        top=top,
        with_times=with_times,
        sample_rate=predictor.sample_rate,
    )
