"""Read sound files as waveforms that an extraction can use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mfccclf.errors import AudioFileError
from mfccclf.features.protocol import Extraction
from mfccclf.waveform import Reading, Waveform
from mfccclf.waveform.batch_loading import MAX_AHEAD, LoadedSource, load_each
from mfccclf.waveform.loading import read_waveform
from mfccclf.waveform.paths import AnySource, source_name

__all__ = ["load_clip", "load_each_clip"]


def load_clip(path: AnySource, extraction: Extraction, reading: Reading) -> Waveform:
    """Read a file or stream as a waveform that the extraction can use.

    Raises
    ------
    AudioFileError
        If it cannot be read, or its waveform is unfit.
    """
    waveform = read_waveform(path, reading, sample_rate=extraction.sample_rate)
    problem = extraction.problem(waveform)
    if problem:
        raise _unfit(path, problem)
    return waveform


def load_each_clip(
    paths: Iterable[AnySource],
    extraction: Extraction,
    reading: Reading,
    *,
    max_ahead: int = MAX_AHEAD,
) -> Iterator[LoadedSource]:
    """Read file after file as `load_clip` does, some of them ahead.

    Parameters
    ----------
    paths : iterable of path-like or binary file object
        Sound files or streams.
    extraction : Extraction
        The computation that will use the waveforms.
    reading : Reading
        How to read them, checked.
    max_ahead : int, default=64
        Files read before the first of them is yielded, at most; 1 for one at a time.

    Yields
    ------
    loaded : LoadedSource
        One per file, in order; an `AudioFileError` is its outcome and is not raised.
    """
    for loaded in load_each(
        paths, reading, sample_rate=extraction.sample_rate, max_ahead=max_ahead
    ):
        if isinstance(loaded.outcome, AudioFileError):
            yield loaded
            continue
        problem = extraction.problem(loaded.outcome)
        yield (
            loaded._replace(outcome=_unfit(loaded.source, problem))
            if problem
            else loaded
        )


def _unfit(source: AnySource, problem: str) -> AudioFileError:
    return AudioFileError(f"{source_name(source)} {problem}")
