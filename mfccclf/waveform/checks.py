"""Whether what was read of a sound file can be used: errors and warnings that name it.

Warnings point at the caller of `load_waveform`: each function here is called by what
`mfccclf.waveform.loading.load_native` calls.
"""

from __future__ import annotations

import warnings

from mfccclf.errors import AudioFileError, AudioFileWarning
from mfccclf.waveform.containers.source import AudioInfo, AudioSource
from mfccclf.waveform.downmix import MonoMixer
from mfccclf.waveform.paths import printable
from mfccclf.waveform.reading import Reading

__all__ = [
    "NO_MEMORY",
    "SILENCE",
    "check_amount",
    "check_channel",
    "check_length",
    "check_level",
    "check_size",
    "silence_error",
    "warn_cancelled",
    "warn_replaced",
]

# Both follow the name of a clip.
NO_MEMORY = (
    "needs more memory than there is. Use --window (predict_windows), or cut it with "
    "'mfccclf dataset cut'."
)
SILENCE = "is silent: its samples differ by less than -100 dB of full scale."
# Far above full scale, which is 1: probably integers that were saved as floats.
_LOUD_PEAK = 100.0


def check_channel(info: AudioInfo, channel: int | None) -> None:
    """Raise if the file has no such channel."""
    if channel is not None and channel >= info.n_channels:
        last = info.n_channels - 1
        which = f"channels are 0 to {last}" if last else "only channel is 0"
        text = f"{printable(info.path)} has no channel {channel}. Its {which}."
        raise AudioFileError(text)


def check_size(info: AudioInfo, reading: Reading) -> None:
    """Raise if a file has more channels, or a higher rate, than may be read."""
    found = (
        ("channels", info.n_channels, reading.max_channels),
        ("samples per second", info.sample_rate, reading.max_sample_rate),
    )
    for what, number, most in found:
        if most is not None and number > most:
            raise AudioFileError(
                f"{printable(info.path)} has {number:,} {what}. At most {most:,} are "
                "accepted. Convert it first."
            )


def check_amount(
    source: AudioSource, n_read: int, start: int, count: int | None
) -> None:
    """Raise if nothing was read; warn if the header and the samples disagree."""
    name = printable(source.info.path)
    if n_read == 0:
        raise AudioFileError(f"{name} {_nothing_text(source, start, count)}")
    if source.remark:
        _warn(f"{name} {source.remark}")
    if source.declared is not None:
        expected = source.declared - start
        expected = expected if count is None else min(expected, count)
        if n_read < expected - source.slack:
            what = f"{expected} samples" if start == 0 else f"{expected} more samples"
            _warn(
                f"{name} is cut short or damaged: its header promises {what} "
                f"per channel, but only {n_read} can be read. Those are used."
            )
    if source.unfinished and count is None:
        _warn(
            f"{name} is cut short: its end mark is missing after {n_read} samples per "
            "channel. Those are used."
        )


def check_length(name: str, duration_s: float, longest: float | None) -> None:
    """Raise if a clip is longer than it may be."""
    if longest is not None and duration_s > longest:
        raise AudioFileError(
            f"{name} is longer than {longest:g} s, the most that is read as one clip. "
            "Use --window (predict_windows), cut it with 'mfccclf dataset cut', or "
            "raise max_duration (load_waveform)."
        )


def check_level(name: str, mixer: MonoMixer) -> None:
    """Warn if samples far exceed full scale."""
    peak = max(mixer.high, -mixer.low)
    if peak > _LOUD_PEAK:
        _warn(
            f"{name} has samples as large as {peak:.6g}, where "
            "full scale is 1. Its level is probably wrong."
        )


def silence_error(name: str) -> AudioFileError:
    """Return the error for a file without sound."""
    return AudioFileError(
        f"{name} {SILENCE} "
        "Record it again, or allow silence: train with --set allow_silence=true, or "
        "pass allow_silence=True in Python."
    )


def warn_replaced(name: str, channel: int) -> None:
    """Warn that the loudest channel stands in for channels that cancel each other."""
    _warn(
        f"{name} has channels that cancel each other when mixed. Channel {channel}, "
        "the loudest, is used alone; channel= chooses another."
    )


def warn_cancelled(name: str) -> None:
    """Warn of channels that cancelled each other and have been used as they were."""
    _warn(
        f"{name} has channels that cancel each other when mixed, which was done. "
        "Choose one with channel=, or save it as a separate file."
    )


def _nothing_text(source: AudioSource, start: int, count: int | None) -> str:
    rate, declared = source.info.sample_rate, source.declared
    if count == 0:
        return f"has no sample in so short a part at {rate} Hz. Choose a longer one."
    if declared == 0 or (start == 0 and declared is None):
        return "has no samples. Record or copy it again."
    if start == 0:
        return (
            f"is cut short: its header promises {declared} samples per channel, but "
            "none can be read. Record or copy it again."
        )
    offset, length = start / rate, source.info.duration_s
    if length is not None and offset < length:
        return f"is damaged: no samples can be read from {offset:.3f} s on."
    ending = "ends before that" if length is None else f"lasts {length:.3f} s"
    return f"has no samples from {offset:.3f} s on: it {ending}. Lower the offset."


def _warn(text: str) -> None:
    warnings.warn(text, AudioFileWarning, stacklevel=6)
