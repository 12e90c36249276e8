"""Where ``predict`` writes its predictions: stdout, a file or a picture."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from mfccclf.prediction import Predictor

__all__ = ["PICTURE", "Sink", "open_sink"]

# The format that is drawn instead of written.
PICTURE = "png"


@dataclass(frozen=True)
class Sink:
    """A destination of predictions and, if it needs them, pieces of the waveform."""

    write: Callable[[Any], None]
    watch: Callable[[Any], None] | None = None


@contextmanager
def open_sink(
    format: str,
    output: Path | None,
    predictor: Predictor,
    *,
    top: int,
    with_times: bool,
    with_sureness: bool = False,
) -> Iterator[Sink]:
    """Open a destination; a file appears only if the block ends without an error.

    Parameters
    ----------
    format : str
        A name in `mfccclf.prediction.formats.FORMATS`, or ``PICTURE``.
    output : pathlib.Path or None
        File to write; None means stdout.
    predictor : Predictor
        The source of the predictions.
    top : int
        How many labels to show.
    with_times : bool
        Whether the predictions are of windows.
    with_sureness : bool, default=False
        Whether the predictions have a sureness.
    """
    options = {"top": top, "with_times": with_times, "with_sureness": with_sureness}
    if output is None:
        with _writing(format, sys.stdout, predictor, options) as sink:
            yield sink
        return
    from mfccclf._files import atomic_path, check_writable

    check_writable(output)
    if format == PICTURE:
        with _drawing(output, predictor) as sink:
            yield sink
        return
    with (
        atomic_path(output) as path,
        open(
            path, "w", encoding="utf-8", errors="backslashreplace", newline=""
        ) as stream,
        _writing(format, stream, predictor, options) as sink,
    ):
        yield sink


@contextmanager
def _writing(
    format: str, stream: TextIO, predictor: Predictor, options: dict[str, Any]
) -> Iterator[Sink]:
    from mfccclf.prediction.formats import make_writer

    writer = make_writer(format, stream, predictor, **options)
    yield Sink(writer.write)
    writer.close()


@contextmanager
def _drawing(output: Path, predictor: Predictor) -> Iterator[Sink]:
    from mfccclf.plots import Timeline

    timeline = Timeline(predictor.classes, predictor.sample_rate)
    yield Sink(timeline.write, timeline.watch)
    timeline.save(output)
