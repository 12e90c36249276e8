"""How sound is read, apart from its rate, as a model or a call decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

from mfccclf._parameters import check_each, document, optional, parameter
from mfccclf._validation import check_bool, check_int, check_real
from mfccclf.waveform.raw import RawFormat

__all__ = ["MAX_CLIP_S", "Reading", "SoundLimits"]

# An hour as one clip takes gigabytes, and is hardly meant.
MAX_CLIP_S = 3600.0


@dataclass(frozen=True, kw_only=True)
class SoundLimits:
    """Most that a sound file may be, for files from strangers.

    Parameters
    ----------
    max_duration : float or None, default=3600.0
        Longest whole clip in seconds; None for any.
    max_channels : int or None, default=None
        Most channels; None for any number.
    max_sample_rate : int or None, default=None
        Highest rate in Hz; None for any.

    Examples
    --------
    >>> from mfccclf.waveform import SoundLimits
    >>> SoundLimits(max_duration=60.0, max_channels=2).max_channels
    2
    """

    max_duration: float | None = MAX_CLIP_S
    max_channels: int | None = None
    max_sample_rate: int | None = None


@document()
@dataclass(frozen=True)
class Reading:
    """How sound is read, apart from its rate.

    Parameters
    ----------
    {parameters}
    raw : RawFormat or None, default=None
        How the samples of a file or stream without a header are stored.
    max_duration : float or None, default=3600.0
        Longest whole clip in seconds; None for any.
    max_channels, max_sample_rate : int or None, default=None
        Most channels, and highest rate in Hz, of a file; None for any.

    Examples
    --------
    >>> from mfccclf.waveform import Reading
    >>> Reading(channel=1, max_duration=10.0).channel
    1
    """

    channel: int | None = parameter(
        None,
        "int or None",
        "Channel to use, counted from 0; None uses the mean of all channels.",
        check=optional(partial(check_int, minimum=0)),
    )
    allow_silence: bool = parameter(
        False, "bool", "Whether a silent file is accepted.", check=check_bool
    )
    raw: RawFormat | None = None
    max_duration: float | None = MAX_CLIP_S
    max_channels: int | None = None
    max_sample_rate: int | None = None

    @classmethod
    def of(cls, front_end: Any) -> Self:
        """Take the settings of a front end, a transformer of clips; not checked."""
        return cls(front_end.channel, front_end.allow_silence)

    @classmethod
    def from_config(cls, front_end: Mapping[str, Any], *, owner: object) -> Self:
        """Take the settings of a model file's ``front_end``, checked."""
        silence = bool(front_end.get("allow_silence", False))
        return cls(front_end.get("channel"), silence).checked(owner=owner)

    def checked(self, *, owner: object) -> Self:
        """Return these settings, or raise if one is invalid.

        Parameters
        ----------
        owner : object
            What an error says the parameter belongs to.

        Raises
        ------
        ValueError
            If a value is out of range.
        TypeError
            If a value is of the wrong type.
        """
        checked = check_each(type(self), self, owner=owner)
        longest = self.max_duration
        if longest is not None:
            longest = check_real("max_duration", longest, above=0, owner=owner)
        return replace(checked, raw=self.raw, max_duration=longest)

    def with_raw(self, raw: RawFormat | None) -> Self:
        """Return these settings for a source with samples in this format."""
        return self if raw is None else replace(self, raw=raw)

    def within(self, limits: SoundLimits) -> Self:
        """Return these settings for sound within limits."""
        return replace(self, **vars(limits))
