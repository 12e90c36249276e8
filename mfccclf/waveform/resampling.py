"""Change the sample rate as librosa does by default: soxr's high quality."""

from __future__ import annotations

import atexit
import math
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

import numpy as np

from mfccclf._batching import group_by_length
from mfccclf.waveform.containers.source import Waveform

if TYPE_CHECKING:
    import soxr

__all__ = [
    "Native",
    "fix_length",
    "resample",
    "resample_blocks",
    "resample_each",
    "resampled_length",
]

# Most waveforms resampled as channels of one; longer ones are resampled alone, because
# making the filters then takes only a fraction of the time.
_MAX_CHANNELS, _LONG = 16, 2**15
# Zeros appended to a sound; as many again if a filter needs more.
_TAIL = 1024


class Native(NamedTuple):
    """A waveform, float32 of shape (n_samples,), at its file's own rate in Hz."""

    waveform: Waveform
    sample_rate: int


def resampled_length(n_samples: int, *, from_rate: int, to_rate: int) -> int:
    """Return the number of samples after resampling: librosa's, rounded up."""
    return math.ceil(n_samples * (float(to_rate) / from_rate))


def fix_length(waveform: Waveform, n_samples: int) -> Waveform:
    """Cut or zero-pad a waveform to ``n_samples``."""
    if len(waveform) < n_samples:
        return np.pad(waveform, (0, n_samples - len(waveform)))
    return waveform[:n_samples]


def resample(waveform: Waveform, *, from_rate: int, to_rate: int) -> Waveform:
    """Return the waveform at another rate."""
    if from_rate == to_rate:
        return waveform
    samples = np.asarray(waveform, dtype=np.float32)
    if len(samples) <= _LONG:
        return _resample_channels([samples], from_rate, to_rate)[0]
    resampled = _resampler(from_rate, to_rate).resample_chunk(samples, last=True)
    length = resampled_length(len(waveform), from_rate=from_rate, to_rate=to_rate)
    return fix_length(resampled, length)


def resample_each(natives: Sequence[Native], *, to_rate: int) -> list[Waveform]:
    """Return waveforms of any rates at one rate, each as `resample` gives it.

    Making the filters takes longer than resampling a short clip. Channels share their
    filters and nothing else, so short clips of one rate become channels of one sound.

    Parameters
    ----------
    natives : sequence of Native
        The waveforms.
    to_rate : int
        Rate to resample to, in Hz.

    Returns
    -------
    waveforms : list of float32 ndarray of shape (n_samples,)
        In the same order.
    """
    found: dict[int, Waveform] = {}
    for from_rate in {native.sample_rate for native in natives}:
        members = [i for i, one in enumerate(natives) if one.sample_rate == from_rate]
        lengths = [len(natives[i].waveform) for i in members]
        for group in group_by_length(lengths, max_items=_MAX_CHANNELS):
            rows = [members[place] for place in group]
            waveforms = [natives[row].waveform for row in rows]
            resampled = _resample_alike(waveforms, from_rate, to_rate)
            found.update(zip(rows, resampled, strict=True))
    return [found[row] for row in range(len(natives))]


def resample_blocks(
    blocks: Iterable[Waveform], *, from_rate: int, to_rate: int
) -> Iterator[Waveform]:
    """Yield consecutive blocks of a waveform at another rate, as they arrive.

    Joined, they equal what `resample` returns for the whole waveform.
    """
    import soxr

    stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality="HQ")
    n_in = n_out = 0
    for block in blocks:
        n_in += len(block)
        resampled = stream.resample_chunk(block)
        n_out += len(resampled)
        yield resampled
    rest = stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)
    length = resampled_length(n_in, from_rate=from_rate, to_rate=to_rate)
    yield fix_length(rest, max(0, length - n_out))


def _resample_alike(
    waveforms: list[Waveform], from_rate: int, to_rate: int
) -> list[Waveform]:
    """Resample waveforms of similar length, the longest last."""
    if from_rate == to_rate or len(waveforms[-1]) > _LONG:
        return [resample(w, from_rate=from_rate, to_rate=to_rate) for w in waveforms]
    return _resample_channels(waveforms, from_rate, to_rate)


def _resample_channels(
    waveforms: list[Waveform], from_rate: int, to_rate: int
) -> list[Waveform]:
    """Resample short waveforms as channels of one, the longest last."""
    longest = len(waveforms[-1])
    # Zeros after the sound flush out its end in half the time of soxr's own flushing.
    channels = np.zeros((longest + _TAIL, len(waveforms)), np.float32)
    for column, waveform in enumerate(waveforms):
        channels[: len(waveform), column] = waveform
    resampler = _resampler(from_rate, to_rate, len(waveforms))
    pieces = [resampler.resample_chunk(channels)]
    wanted = _given_length(longest, from_rate, to_rate)
    while sum(map(len, pieces)) < wanted:
        pieces.append(resampler.resample_chunk(np.zeros_like(channels[:_TAIL])))
    resampled = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    return [
        _cut_channel(resampled[:, column], len(waveform), from_rate, to_rate)
        for column, waveform in enumerate(waveforms)
    ]


def _cut_channel(
    channel: Waveform, n_samples: int, from_rate: int, to_rate: int
) -> Waveform:
    """Copy the part of a channel that resampling ``n_samples`` alone would give."""
    length = resampled_length(n_samples, from_rate=from_rate, to_rate=to_rate)
    waveform = np.zeros(length, np.float32)
    n_given = _given_length(n_samples, from_rate, to_rate)
    waveform[:n_given] = channel[: min(n_given, length)]
    return waveform


def _given_length(n_samples: int, from_rate: int, to_rate: int) -> int:
    """Return how many samples soxr makes: now and then one fewer than librosa."""
    return int(n_samples / (from_rate / to_rate) + 0.5)


def _resampler(
    from_rate: int, to_rate: int, n_channels: int = 1
) -> soxr.ResampleStream:
    """Return a resampler in its initial state."""
    resampler = _KEPT.make(from_rate, to_rate, n_channels)
    resampler.clear()
    return resampler


def _make_resampler(
    from_rate: int, to_rate: int, n_channels: int
) -> soxr.ResampleStream:
    import soxr

    return soxr.ResampleStream(
        from_rate, to_rate, n_channels, dtype="float32", quality="HQ"
    )


class _Kept(threading.local):
    """Resamplers of one thread.

    Kept, because a filter takes longer to make than a short clip to resample. They have
    state, so threads do not share them.
    """

    def __init__(self) -> None:
        self.make = lru_cache(maxsize=8)(_make_resampler)
        _CACHES.add(self.make)


_CACHES: WeakSet[Any] = WeakSet()
_KEPT = _Kept()


def _forget_resamplers() -> None:
    for cache in _CACHES:
        cache.cache_clear()


# Otherwise its library reports leaks when the process ends.
atexit.register(_forget_resamplers)
