"""Read many sound files: short ones are resampled together."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mfccclf._batching import batch_by_size
from mfccclf.errors import AudioFileError
from mfccclf.waveform.containers.source import Waveform
from mfccclf.waveform.loading import load_native
from mfccclf.waveform.paths import AnySource
from mfccclf.waveform.reading import Reading
from mfccclf.waveform.resampling import Native, resample_each

__all__ = ["load_each"]

# Files read ahead at most, and samples after which no more are.
_MOST_FILES, _MOST_SAMPLES = 64, 2**20


class _File(NamedTuple):
    """What came of reading a file, and the warnings on the way."""

    outcome: Native | AudioFileError
    heard: list[Warning | str]


def load_each(
    sources: Iterable[AnySource], reading: Reading, *, sample_rate: int
) -> Iterator[Waveform | AudioFileError]:
    """Read file after file as `load_waveform` does, some of them ahead.

    Parameters
    ----------
    sources : iterable of path-like or binary file object
        Sound files or streams.
    reading : Reading
        How to read them; checked already.
    sample_rate : int
        Rate to resample to, in Hz.

    Yields
    ------
    outcome : float32 ndarray of shape (n_samples,), or AudioFileError
        One per file, in order; an error is handed out, not raised, and a file's
        warnings come when it is handed out.
    """

    def read(source: AnySource) -> _File:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            outcome: Native | AudioFileError
            try:
                outcome = load_native(source, reading)
            except AudioFileError as error:
                outcome = error
        return _File(outcome, [warning.message for warning in heard])

    for batch in batch_by_size(
        map(read, sources),
        max_items=_MOST_FILES,
        size_of=_count_samples,
        max_size=_MOST_SAMPLES,
    ):
        natives = [file.outcome for file in batch if isinstance(file.outcome, Native)]
        waveforms = iter(resample_each(natives, to_rate=sample_rate))
        for outcome, heard in batch:
            for warning in heard:
                warnings.warn(warning, stacklevel=3)
            yield next(waveforms) if isinstance(outcome, Native) else outcome


def _count_samples(file: _File) -> int:
    return len(file.outcome.waveform) if isinstance(file.outcome, Native) else 0
