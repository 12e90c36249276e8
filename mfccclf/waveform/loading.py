"""Read sound files of any kind as one mono waveform."""

from __future__ import annotations

import warnings

import numpy as np

from mfccclf._validation import check_int, check_real
from mfccclf.errors import AudioFileError, AudioFileWarning
from mfccclf.waveform.containers.opening import open_source
from mfccclf.waveform.containers.source import AudioInfo, AudioSource, Waveform
from mfccclf.waveform.downmix import CANCELLED_POWER, SILENT_SWING, MonoMixer
from mfccclf.waveform.paths import (
    AnyPath,
    AnySource,
    check_path,
    check_source,
    printable,
)
from mfccclf.waveform.raw import RawFormat
from mfccclf.waveform.reading import Reading
from mfccclf.waveform.resampling import Native, resample

__all__ = ["load_native", "load_waveform", "read_info"]

# Far above full scale, which is 1: probably integers that were saved as floats.
_LOUD_PEAK = 100.0


def read_info(path: AnyPath) -> AudioInfo:
    """Read what a sound file says about itself, without decoding it.

    Parameters
    ----------
    path : path-like
        Any file that :func:`load_waveform` reads.

    Returns
    -------
    info : AudioInfo
        Container, encoding, sample rate in Hz, channels, samples per channel and
        duration in seconds.

    Raises
    ------
    AudioFileError
        If the file is missing, is no sound file, or its header cannot be true.

    Examples
    --------
    >>> import tempfile, numpy as np, soundfile
    >>> from mfccclf.waveform import read_info
    >>> with tempfile.NamedTemporaryFile(suffix=".au") as file:
    ...     soundfile.write(file.name, np.zeros((400, 2)), 8000)
    ...     info = read_info(file.name)
    >>> info.container, info.encoding, info.sample_rate, info.n_channels
    ('AU', 'PCM_16', 8000, 2)
    >>> info.duration_s
    0.05
    """
    with open_source(check_path(path, owner="read_info")) as source:
        return source.info


def load_waveform(
    path: AnySource,
    *,
    sample_rate: int | None = 22050,
    offset: float = 0.0,
    duration: float | None = None,
    channel: int | None = None,
    allow_silence: bool = False,
    raw: RawFormat | None = None,
) -> Waveform:
    """Read a sound file as one mono waveform.

    The content decides how a file is read, not the ending of its name. Channels are
    mixed to their mean, then soxr (quality "HQ") changes the sample rate: the result
    is that of ``librosa.load`` to float32 rounding.

    Parameters
    ----------
    path : path-like or binary file object
        AU, WAV, FLAC, Ogg, Opus, MP3, AIFF, CAF or anything else libsndfile reads.
        With the extra ``mfccclf[video]`` also M4A, MP4, MKV, WebM, MOV and AVI: the
        first sound track. A stream such as ``sys.stdin.buffer`` is read to its end.
    sample_rate : int or None, default=22050
        Rate to resample to, in Hz. None keeps the file's own.
    offset : float, default=0.0
        Where to start, in seconds.
    duration : float or None, default=None
        How much to read, in seconds. None reads to the end. Only this stretch is
        decoded, and it is resampled as if there were no more.
    channel : int or None, default=None
        The one channel to use, counted from 0. None mixes all.
    allow_silence : bool, default=False
        Whether to return a silent waveform instead of raising.
    raw : RawFormat, optional
        What the samples are like, for a file or stream that has no header.

    Returns
    -------
    waveform : float32 ndarray of shape (n_samples,)
        Amplitude between -1 and 1 (more, where a file of floats holds more).

    Raises
    ------
    AudioFileError
        If the file is missing, a folder, unreadable, empty or no sound file; if its
        header cannot be true; if it has no samples, NaN or infinite ones; if the
        stretch or the channel is not in it; if it is silent, that is, if no two samples
        differ by more than -100 dB of full scale (so a constant is silence).
    ValueError
        If a parameter is out of its range.
    TypeError
        If a parameter is of a wrong type.

    Warns
    -----
    AudioFileWarning
        If samples are missing that the header promises (those that are there are
        returned); if the channels cancel each other (the loudest is returned); if
        samples exceed full scale a hundredfold.

    Examples
    --------
    >>> import tempfile, numpy as np, soundfile
    >>> from mfccclf.waveform import load_waveform
    >>> tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(48000) / 48000)
    >>> with tempfile.NamedTemporaryFile(suffix=".au") as file:
    ...     soundfile.write(file.name, np.stack([tone, tone], axis=1), 48000)
    ...     waveform = load_waveform(file.name)
    ...     stretch = load_waveform(file.name, offset=0.5, duration=0.1)
    >>> waveform.shape, waveform.dtype, stretch.shape
    ((22050,), dtype('float32'), (2205,))
    """
    owner = "load_waveform"
    opened = check_source(path, owner=owner)
    if sample_rate is not None:
        sample_rate = check_int("sample_rate", sample_rate, minimum=1000, owner=owner)
    offset = check_real("offset", offset, minimum=0, owner=owner)
    if duration is not None:
        duration = check_real("duration", duration, above=0, owner=owner)
    reading = Reading(channel, allow_silence, raw).checked(owner=owner)
    native = load_native(opened, reading, offset=offset, duration=duration)
    to_rate = native.sample_rate if sample_rate is None else sample_rate
    return resample(native.waveform, from_rate=native.sample_rate, to_rate=to_rate)


def load_native(
    source: AnySource,
    reading: Reading,
    *,
    offset: float = 0.0,
    duration: float | None = None,
) -> Native:
    """Read a sound file as one mono waveform at its own rate.

    Parameters
    ----------
    source : path-like or binary file object
        The file or stream.
    reading : Reading
        How to read it; checked already.
    offset, duration : float or None
        As for `load_waveform`; checked already.

    Returns
    -------
    native : Native
        The waveform and its rate.

    Raises
    ------
    AudioFileError
        As for `load_waveform`.
    """
    with open_source(
        check_source(source, owner="load_native"), raw=reading.raw
    ) as opened:
        file_rate = opened.info.sample_rate
        start = int(offset * file_rate)
        count = None if duration is None else int(duration * file_rate)
        mono, mixer = _read_mono(opened, start, count, reading.channel)
        name = printable(opened.info.path)
    if mixer.is_silent and not reading.allow_silence:
        raise AudioFileError(_silence_text(name))
    return Native(mono, file_rate)


def check_channel(info: AudioInfo, channel: int | None) -> None:
    """Raise if the file has no such channel."""
    if channel is not None and channel >= info.n_channels:
        last = info.n_channels - 1
        which = f"channels are 0 to {last}" if last else "one channel is 0"
        text = f"{printable(info.path)} has no channel {channel}. Its {which}."
        raise AudioFileError(text)


def check_amount(
    source: AudioSource, n_read: int, start: int, count: int | None
) -> None:
    """Raise if nothing was read, warn if less than the header promises."""
    name = printable(source.info.path)
    if n_read == 0:
        raise AudioFileError(f"{name} {_nothing_text(source, start, count)}")
    if source.promised is not None:
        expected = source.promised - start
        expected = expected if count is None else min(expected, count)
        if n_read < expected - source.slack:
            what = f"{expected} samples" if start == 0 else f"{expected} more samples"
            _warn(
                f"{name} is cut short or damaged: its header promises {what} "
                f"per channel, {n_read} can be read. Those are used."
            )
    if source.unfinished and count is None:
        _warn(
            f"{name} is cut short: the mark of its end is missing after {n_read} "
            "samples per channel. Those are used."
        )


def check_level(name: str, mixer: MonoMixer) -> None:
    """Warn if samples go far beyond full scale."""
    peak = max(mixer.high, -mixer.low)
    if peak > _LOUD_PEAK:
        _warn(
            f"{name} has samples as large as {peak:.6g}, where "
            "full scale is 1. Its level is probably wrong."
        )


def warn_cancelled(name: str) -> None:
    """Warn of channels that cancel each other, where it is too late to choose one."""
    _warn(
        f"{name} has channels that cancel each other when mixed, as they were. Take "
        "one alone (channel=), or save it as a file of its own."
    )


def _read_mono(
    source: AudioSource, start: int, count: int | None, channel: int | None
) -> tuple[Waveform, MonoMixer]:
    name = printable(source.info.path)
    check_channel(source.info, channel)
    rate = source.info.sample_rate
    mixer = MonoMixer(name, sample_rate=rate, start=start, channel=channel)
    parts = [mixer.mix(block) for block in source.blocks(start, count)]
    check_amount(source, mixer.n_samples, start, count)
    check_level(name, mixer)
    mono = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if channel is None and source.info.n_channels > 1 and mixer.may_cancel:
        louder = _find_louder_channel(source, mono, start, count)
        if louder is not None:
            _warn(
                f"{name} has channels that cancel each other when mixed. Channel "
                f"{louder}, the loudest, is used alone; channel= chooses another."
            )
            return _read_again(source, start, count, louder)
    return mono, mixer


def _read_again(
    source: AudioSource, start: int, count: int | None, channel: int
) -> tuple[Waveform, MonoMixer]:
    info = source.info
    mixer = MonoMixer(
        printable(info.path), sample_rate=info.sample_rate, start=start, channel=channel
    )
    parts = [mixer.mix(block) for block in source.blocks(start, count)]
    return np.concatenate(parts), mixer


def _find_louder_channel(
    source: AudioSource, mono: Waveform, start: int, count: int | None
) -> int | None:
    """Return the loudest channel if the mix has lost it, None if all are as weak."""
    n_channels = source.info.n_channels
    sums, squares = np.zeros(n_channels), np.zeros(n_channels)
    for block in source.blocks(start, count):
        sums += block.sum(axis=0, dtype=np.float64)
        squares += np.square(block, dtype=np.float64).sum(axis=0)
    # Around the mean, since an equal offset in all channels would hide the loss.
    variances = squares / len(mono) - np.square(sums / len(mono))
    louder = int(np.argmax(variances))
    is_sound = np.sqrt(max(variances[louder], 0.0)) > SILENT_SWING
    lost = np.var(mono, dtype=np.float64) < CANCELLED_POWER * variances[louder]
    return louder if is_sound and lost else None


def _nothing_text(source: AudioSource, start: int, count: int | None) -> str:
    rate, promised = source.info.sample_rate, source.promised
    if count == 0:
        return f"has no sample in so short a stretch at {rate} Hz. Choose a longer one."
    if promised == 0 or (start == 0 and promised is None):
        return "has no samples. Record or copy it again."
    if start == 0:
        return (
            f"is cut short: its header promises {promised} samples per channel, and "
            "none can be read. Record or copy it again."
        )
    offset, length = start / rate, source.info.duration_s
    if length is not None and offset < length:
        return f"is damaged: no samples can be read from {offset:.3f} s on."
    lasts = "ends before that" if length is None else f"lasts {length:.3f} s"
    return f"has no samples from {offset:.3f} s on: it {lasts}. Lower the offset."


def _silence_text(name: str) -> str:
    return (
        f"{name} is silent: its samples differ by less than -100 dB of full scale. "
        "Record it again, or pass allow_silence=True."
    )


def _warn(text: str) -> None:
    # The level of the caller of load_waveform.
    warnings.warn(text, AudioFileWarning, stacklevel=6)
