"""Read long recordings piece by piece, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mfccclf._validation import check_int, check_real
from mfccclf.waveform.checks import (
    check_amount,
    check_channel,
    check_level,
    check_size,
    warn_cancelled,
)
from mfccclf.waveform.containers.opening import open_source
from mfccclf.waveform.containers.source import AudioSource, Waveform
from mfccclf.waveform.downmix import MonoMixer
from mfccclf.waveform.paths import AnySource, Source, check_source, printable
from mfccclf.waveform.raw import RawFormat
from mfccclf.waveform.reading import Reading
from mfccclf.waveform.resampling import resample_blocks

__all__ = ["iter_blocks", "iter_pieces"]


def iter_blocks(
    path: AnySource,
    *,
    sample_rate: int | None = 22050,
    block_duration: float = 60.0,
    channel: int | None = None,
    raw: RawFormat | None = None,
) -> Iterator[Waveform]:
    """Read a sound file of any length as consecutive mono blocks.

    Joined, the blocks equal what `load_waveform` returns. Because the end of the
    file is unknown until it is reached, silence is returned as it is, and channels
    that cancel each other only cause a warning: choose one with ``channel``.

    Parameters
    ----------
    path : path-like or binary file object
        Any file that `load_waveform` reads, or a stream such as
        ``sys.stdin.buffer``. WAV, AU, FLAC and samples without a header are read from
        a stream as they arrive; other kinds are stored in a temporary file first.
    sample_rate : int or None, default=22050
        Rate to resample to, in Hz. None keeps the file's own.
    block_duration : float, default=60.0
        Length of each block but the last, in seconds.
    channel : int or None, default=None
        Channel to use, counted from 0. None uses the mean of all channels.
    raw : RawFormat or None, default=None
        How the samples are stored, for a file or stream without a header.

    Yields
    ------
    block : float32 ndarray of shape (n_samples,)
        Amplitude between -1 and 1.

    Raises
    ------
    AudioFileError
        As for `load_waveform`, except for silence.

    Warns
    -----
    AudioFileWarning
        After the last block, as for `load_waveform`.

    Examples
    --------
    >>> import tempfile, numpy as np, soundfile
    >>> from mfccclf.waveform import iter_blocks
    >>> with tempfile.NamedTemporaryFile(suffix=".au") as file:
    ...     soundfile.write(file.name, np.zeros(20000), 8000)
    ...     blocks = iter_blocks(file.name, sample_rate=16000, block_duration=1.0)
    ...     [len(block) for block in blocks]
    [16000, 16000, 8000]
    """
    owner = "iter_blocks"
    source = check_source(path, owner=owner)
    if sample_rate is not None:
        sample_rate = check_int("sample_rate", sample_rate, minimum=1000, owner=owner)
    duration = check_real("block_duration", block_duration, above=0, owner=owner)
    reading = Reading(channel, raw=raw).checked(owner=owner)
    return _iter_source(source, sample_rate, duration, reading)


def iter_pieces(
    source: Source, reading: Reading, *, sample_rate: int
) -> Iterator[Waveform]:
    """Read as `iter_blocks` does, in pieces of any length, as soon as they arrive.

    Parameters
    ----------
    source : str or binary file object
        A path or a stream.
    reading : Reading
        How to read it, checked. Silence is returned as it is.
    sample_rate : int
        Rate to resample to, in Hz.

    Yields
    ------
    piece : float32 ndarray of shape (n_samples,)
        Amplitude between -1 and 1; it may be empty.
    """
    with open_source(source, raw=reading.raw, live=True) as audio:
        check_size(audio.info, reading)
        check_channel(audio.info, reading.channel)
        yield from _iter_resampled(audio, sample_rate, reading.channel)


def _iter_source(
    opened: Source, sample_rate: int | None, duration: float, reading: Reading
) -> Iterator[Waveform]:
    with open_source(opened, raw=reading.raw, live=True) as source:
        check_channel(source.info, reading.channel)
        to_rate = sample_rate or source.info.sample_rate
        block_size = max(1, round(duration * to_rate))
        yield from _rechunk(
            _iter_resampled(source, to_rate, reading.channel), block_size
        )


def _iter_resampled(
    source: AudioSource, to_rate: int, channel: int | None
) -> Iterator[Waveform]:
    name, from_rate = printable(source.info.path), source.info.sample_rate
    mixer = MonoMixer(name, sample_rate=from_rate, channel=channel)
    mono = (mixer.mix(block) for block in source.blocks(0, None))
    if from_rate == to_rate:
        yield from mono
    else:
        yield from resample_blocks(mono, from_rate=from_rate, to_rate=to_rate)
    check_amount(source, mixer.n_samples, 0, None)
    check_level(name, mixer)
    if channel is None and mixer.has_cancelled:
        warn_cancelled(name)


def _rechunk(blocks: Iterator[Waveform], size: int) -> Iterator[Waveform]:
    waiting: list[Waveform] = []
    n_waiting = 0
    for block in blocks:
        waiting.append(block)
        n_waiting += len(block)
        if n_waiting < size:
            continue
        joined = np.concatenate(waiting)
        n_full = n_waiting // size * size
        yield from joined[:n_full].reshape(-1, size)
        waiting, n_waiting = [joined[n_full:]], n_waiting - n_full
    if n_waiting:
        yield np.concatenate(waiting)
