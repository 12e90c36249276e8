"""Read many sound files, some of them ahead: short ones are resampled together."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from mfccclf._batching import batch_by_size
from mfccclf.errors import AudioFileError
from mfccclf.waveform.checks import NO_MEMORY
from mfccclf.waveform.containers.source import Waveform
from mfccclf.waveform.loading import load_native
from mfccclf.waveform.paths import AnySource, source_name
from mfccclf.waveform.reading import Reading
from mfccclf.waveform.resampling import Native, resample_each

__all__ = ["MAX_AHEAD", "LoadedSource", "load_each"]

# Most files read ahead, and the number of samples after which no more are.
MAX_AHEAD, _MAX_SAMPLES = 64, 2**20


class LoadedSource(NamedTuple):
    """What came of reading a file or stream.

    Attributes
    ----------
    source : path-like or binary file object
        The file or stream.
    outcome : float32 ndarray of shape (n_samples,), or AudioFileError
        Its waveform, or why there is none.
    warnings : list of Warning
        Warnings caught while reading; whoever uses the outcome issues them.
    """

    source: AnySource
    outcome: Waveform | AudioFileError
    warnings: list[Warning]


class _ReadSource(NamedTuple):
    """What came of reading a source, before resampling."""

    source: AnySource
    outcome: Native | AudioFileError
    warnings: list[Warning]


def load_each(
    sources: Iterable[AnySource],
    reading: Reading,
    *,
    sample_rate: int,
    max_ahead: int = MAX_AHEAD,
) -> Iterator[LoadedSource]:
    """Read file after file as `load_waveform` does, some of them ahead.

    Parameters
    ----------
    sources : iterable of path-like or binary file object
        Sound files or streams.
    reading : Reading
        How to read them, checked.
    sample_rate : int
        Rate to resample to, in Hz.
    max_ahead : int, default=64
        Files read before the first of them is yielded, at most; 1 for one at a time.

    Yields
    ------
    loaded : LoadedSource
        One per file, in order; an `AudioFileError` is its outcome and is not raised.
    """
    for batch in batch_by_size(
        (_read(source, reading) for source in sources),
        max_items=max_ahead,
        size_of=_count_samples,
        max_size=_MAX_SAMPLES,
    ):
        natives = [one.outcome for one in batch if isinstance(one.outcome, Native)]
        waveforms: Iterator[Waveform | None]
        try:
            waveforms = iter(resample_each(natives, to_rate=sample_rate))
        except MemoryError:
            waveforms = map(partial(_resampled, to_rate=sample_rate), natives)
        for source, outcome, remarks in batch:
            final: Waveform | AudioFileError | None
            final = next(waveforms) if isinstance(outcome, Native) else outcome
            if final is None:
                final = AudioFileError(f"{source_name(source)} {NO_MEMORY}")
            yield LoadedSource(source, final, remarks)


def _resampled(native: Native, *, to_rate: int) -> Waveform | None:
    """Return one waveform at another rate; None if memory does not suffice."""
    try:
        return resample_each([native], to_rate=to_rate)[0]
    except MemoryError:
        return None


def _read(source: AnySource, reading: Reading) -> _ReadSource:
    outcome: Native | AudioFileError
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            outcome = load_native(source, reading)
        except AudioFileError as error:
            outcome = error
    remarks = [item.message for item in caught if isinstance(item.message, Warning)]
    return _ReadSource(source, outcome, remarks)


def _count_samples(read: _ReadSource) -> int:
    return len(read.outcome.waveform) if isinstance(read.outcome, Native) else 0
