"""Read an open sound file as one channel, even where its channels cancel each other."""

from __future__ import annotations

import numpy as np

from mfccclf.waveform.checks import (
    check_amount,
    check_channel,
    check_length,
    check_level,
    warn_replaced,
)
from mfccclf.waveform.containers.source import AudioSource, Waveform
from mfccclf.waveform.downmix import CANCELLED_POWER, SILENT_SWING, MonoMixer
from mfccclf.waveform.paths import printable

__all__ = ["read_mono"]


def read_mono(
    source: AudioSource,
    start: int,
    count: int | None,
    channel: int | None,
    *,
    max_duration: float | None = None,
) -> tuple[Waveform, MonoMixer]:
    """Read a part of an open sound file as one channel.

    Channels that cancel each other are replaced by the loudest, with a warning.

    Parameters
    ----------
    source : AudioSource
        The file.
    start : int
        First sample, at the file's own rate.
    count : int or None
        How many samples; None reads to the end.
    channel : int or None
        Channel to use, counted from 0; None uses the mean of all channels.
    max_duration : float or None, default=None
        Longest part in seconds; None for any.

    Returns
    -------
    waveform : float32 ndarray of shape (n_samples,)
        At the file's own rate.
    mixer : MonoMixer
        What was measured on the way.

    Raises
    ------
    AudioFileError
        If there is no such channel, if nothing usable can be read, or if the part is
        too long.
    """
    name = printable(source.info.path)
    check_channel(source.info, channel)
    rate = source.info.sample_rate
    mixer = MonoMixer(name, sample_rate=rate, start=start, channel=channel)
    parts = []
    for block in source.blocks(start, count):
        parts.append(mixer.mix(block))
        check_length(name, mixer.n_samples / rate, max_duration)
    check_amount(source, mixer.n_samples, start, count)
    check_level(name, mixer)
    mono = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if channel is None and source.info.n_channels > 1 and mixer.may_cancel:
        loudest = _find_lost_channel(source, mono, start, count)
        if loudest is not None:
            warn_replaced(name, loudest)
            return _read_channel(source, start, count, loudest)
    return mono, mixer


def _read_channel(
    source: AudioSource, start: int, count: int | None, channel: int
) -> tuple[Waveform, MonoMixer]:
    info = source.info
    mixer = MonoMixer(
        printable(info.path), sample_rate=info.sample_rate, start=start, channel=channel
    )
    parts = [mixer.mix(block) for block in source.blocks(start, count)]
    return np.concatenate(parts), mixer


def _find_lost_channel(
    source: AudioSource, mono: Waveform, start: int, count: int | None
) -> int | None:
    """Return the loudest channel if the mix has lost its sound; None if it has not."""
    n_channels = source.info.n_channels
    sums, squares = np.zeros(n_channels), np.zeros(n_channels)
    for block in source.blocks(start, count):
        sums += block.sum(axis=0, dtype=np.float64)
        squares += np.square(block, dtype=np.float64).sum(axis=0)
    # Around the mean, because an equal offset in all channels would hide the loss.
    variances = squares / len(mono) - np.square(sums / len(mono))
    loudest = int(np.argmax(variances))
    is_sound = np.sqrt(max(variances[loudest], 0.0)) > SILENT_SWING
    is_lost = np.var(mono, dtype=np.float64) < CANCELLED_POWER * variances[loudest]
    return loudest if is_sound and is_lost else None
