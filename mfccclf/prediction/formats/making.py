"""Choose the writer of a format."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, TextIO

from mfccclf._validation import check_choice
from mfccclf.prediction.formats.registry import FORMATS
from mfccclf.prediction.formats.writer import Writer

if TYPE_CHECKING:
    from mfccclf.prediction.predictor import Predictor

__all__ = ["make_writer"]


def make_writer(
    format: str,
    stream: TextIO,
    predictor: Predictor,
    *,
    top: int = 1,
    with_times: bool = False,
    with_sureness: bool = False,
) -> Writer:
    """Make a writer of predictions.

    Parameters
    ----------
    format : str
        A name in `mfccclf.prediction.formats.FORMATS`.
    stream : text file object
        Where to write; flushed after each prediction, left open.
    predictor : Predictor
        The source of the predictions.
    top : int, default=1
        How many labels to show in text and JSON.
    with_times : bool, default=False
        Whether the predictions are of windows.
    with_sureness : bool, default=False
        Whether the predictions have a sureness, as `sort_least_sure_first` returns
        them.

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
    return _import_writer(format)(
        stream,
        classes=predictor.classes,
        top=top,
        with_times=with_times,
        sample_rate=predictor.sample_rate,
        with_sureness=with_sureness,
    )


def _import_writer(format: str) -> type[Writer]:
    module, _, name = FORMATS[format].writer.partition(":")
    writer: type[Writer]
    writer = getattr(importlib.import_module(f"{__package__}.{module}"), name)
    return writer
