"""Read sound files of any kind as one mono waveform."""

from __future__ import annotations

from mfccclf._validation import check_int, check_real
from mfccclf.storage.addresses import is_stored
from mfccclf.waveform.checks import check_size, silence_error
from mfccclf.waveform.containers.opening import open_source
from mfccclf.waveform.containers.source import AudioInfo, Waveform
from mfccclf.waveform.mono import read_mono
from mfccclf.waveform.paths import (
    AnyPath,
    AnySource,
    check_path,
    check_source,
    printable,
)
from mfccclf.waveform.raw import RawFormat
from mfccclf.waveform.reading import MAX_CLIP_S, Reading
from mfccclf.waveform.resampling import Native, resample

__all__ = ["load_native", "load_waveform", "read_info", "read_waveform"]


def read_info(path: AnyPath) -> AudioInfo:
    """Read what a sound file states about itself, without decoding it.

    Parameters
    ----------
    path : path-like
        Any file that `load_waveform` reads.

    Returns
    -------
    info : AudioInfo
        Container, encoding, sample rate in Hz, channels, samples per channel and
        duration in seconds.

    Raises
    ------
    AudioFileError
        If the file is missing or not a sound file, or if its header cannot be true.

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
    name = check_path(path, owner="read_info")
    # Of what is no file here, not more is read than the header needs.
    with open_source(name, live=is_stored(name)) as source:
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
    max_duration: float | None = MAX_CLIP_S,
) -> Waveform:
    """Read a sound file as one mono waveform.

    The content decides how a file is read, not the ending of its name. Channels are
    mixed to their mean, then soxr (quality "HQ") changes the sample rate: the result
    equals that of ``librosa.load`` within float32 rounding.

    Parameters
    ----------
    path : path-like or binary file object
        AU, WAV, FLAC, Ogg, Opus, MP3, AIFF, CAF or anything else libsndfile reads.
        With the extra ``mfccclf[video]`` also M4A, MP4, MKV, WebM, MOV and AVI: their
        first sound track; and codings that libsndfile lacks, such as G.726 in WAV. A
        stream such as ``sys.stdin.buffer`` is read to its end.
    sample_rate : int or None, default=22050
        Rate to resample to, in Hz. None keeps the file's own.
    offset : float, default=0.0
        Where to start, in seconds.
    duration : float or None, default=None
        How much to read, in seconds. None reads to the end. Only this part is
        decoded, and it is resampled as if the file held nothing else.
    channel : int or None, default=None
        Channel to use, counted from 0. None uses the mean of all channels.
    allow_silence : bool, default=False
        Whether to return a silent waveform instead of raising an error.
    raw : RawFormat or None, default=None
        How the samples are stored, for a file or stream without a header.
    max_duration : float or None, default=3600.0
        Longest clip in seconds that is read without ``duration``, so that one file does
        not take all memory; None for any.

    Returns
    -------
    waveform : float32 ndarray of shape (n_samples,)
        Amplitude between -1 and 1 (beyond, if a file of floats goes beyond).

    Raises
    ------
    AudioFileError
        If the file is missing, a folder, unreadable, empty or not a sound file; if its
        header cannot be true; if it has no samples, or NaN or infinite ones; if it does
        not contain that part or channel; if it is silent, that is, if no two samples
        differ by more than -100 dB of full scale (so a constant is silence).
    ValueError
        If a parameter is out of range.
    TypeError
        If a parameter is of the wrong type.

    Warns
    -----
    AudioFileWarning
        If there are fewer samples than the header promises (those that can be read are
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
    ...     part = load_waveform(file.name, offset=0.5, duration=0.1)
    >>> waveform.shape, waveform.dtype, part.shape
    ((22050,), dtype('float32'), (2205,))
    """
    owner = "load_waveform"
    opened = check_source(path, owner=owner)
    if sample_rate is not None:
        sample_rate = check_int("sample_rate", sample_rate, minimum=1000, owner=owner)
    offset = check_real("offset", offset, minimum=0, owner=owner)
    if duration is not None:
        duration = check_real("duration", duration, above=0, owner=owner)
    reading = Reading(channel, allow_silence, raw, max_duration).checked(owner=owner)
    native = load_native(opened, reading, offset=offset, duration=duration)
    return _at_rate(native, native.sample_rate if sample_rate is None else sample_rate)


def read_waveform(source: AnySource, reading: Reading, *, sample_rate: int) -> Waveform:
    """Read a whole sound file as `load_waveform` does, with settings that are checked.

    Parameters
    ----------
    source : path-like or binary file object
        The file or stream.
    reading : Reading
        How to read it, checked.
    sample_rate : int
        Rate to resample to, in Hz, checked.

    Returns
    -------
    waveform : float32 ndarray of shape (n_samples,)
        As for `load_waveform`.

    Raises
    ------
    AudioFileError
        As for `load_waveform`.
    """
    return _at_rate(load_native(source, reading), sample_rate)


def _at_rate(native: Native, sample_rate: int) -> Waveform:
    return resample(native.waveform, from_rate=native.sample_rate, to_rate=sample_rate)


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
        How to read it, checked.
    offset, duration : float or None
        As for `load_waveform`, checked.

    Returns
    -------
    native : Native
        The waveform and its rate.

    Raises
    ------
    AudioFileError
        As for `load_waveform`.
    """
    checked = check_source(source, owner="load_waveform")
    limit = reading.max_duration if duration is None else None
    with open_source(checked, raw=reading.raw, max_duration=limit) as opened:
        check_size(opened.info, reading)
        file_rate = opened.info.sample_rate
        start = int(offset * file_rate)
        count = None if duration is None else int(duration * file_rate)
        waveform, mixer = read_mono(
            opened, start, count, reading.channel, max_duration=limit
        )
        name = printable(opened.info.path)
    if mixer.is_silent and not reading.allow_silence:
        raise silence_error(name)
    return Native(waveform, file_rate)
