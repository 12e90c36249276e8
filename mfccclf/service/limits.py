"""What a service takes on, at most."""

from __future__ import annotations

from dataclasses import dataclass, fields

from mfccclf._validation import check_int, check_real
from mfccclf.prediction.threads import count_threads
from mfccclf.waveform import SoundLimits

__all__ = ["ServiceLimits"]

_MEBI = 2**20


@dataclass(frozen=True, kw_only=True)
class ServiceLimits:
    """What a service takes on, at most.

    Parameters
    ----------
    max_bytes : int, default=16777216
        Bytes of a request with clips.
    max_seconds : float, default=60.0
        Length of a clip in seconds.
    max_channels : int, default=8
        Channels of any sound.
    max_sample_rate : int, default=192000
        Rate of any sound in Hz.
    max_files : int, default=16
        Clips in a request.
    max_recording_bytes : int, default=536870912
        Bytes of a recording that is predicted by windows.
    max_recording_seconds : float, default=14400.0
        Length of a recording, or of live sound, in seconds.
    max_waiting : int, default=64
        Requests that may wait for a thread.
    max_live : int, default=8
        Connections with live sound at a time.
    n_threads : int or None, default=None
        Threads that compute; None means one for each processor of this process.
    timeout_s : float, default=30.0
        Time in seconds for the work of a request, the wait for a thread included.
    upload_s : float, default=30.0
        Time in seconds for the clips of a request to arrive, and for each message of
        live sound; ten times as long for a recording.

    Raises
    ------
    ValueError
        If a value is out of range.
    TypeError
        If a value is of the wrong type.

    Examples
    --------
    >>> from mfccclf.service import ServiceLimits
    >>> ServiceLimits(max_seconds=10.0).max_seconds
    10.0
    """

    max_bytes: int = 16 * _MEBI
    max_seconds: float = 60.0
    max_channels: int = 8
    max_sample_rate: int = 192_000
    max_files: int = 16
    max_recording_bytes: int = 512 * _MEBI
    max_recording_seconds: float = 4 * 3600.0
    max_waiting: int = 64
    max_live: int = 8
    n_threads: int | None = None
    timeout_s: float = 30.0
    upload_s: float = 30.0

    def __post_init__(self) -> None:
        """Check the values."""
        least = {"max_waiting": 0, "max_live": 0, "max_sample_rate": 1000}
        for item in fields(self):
            name, value = item.name, getattr(self, item.name)
            if item.type == "float":
                check_real(name, value, above=0, owner=self)
            elif value is not None or item.type == "int":
                check_int(name, value, minimum=least.get(name, 1), owner=self)

    @property
    def threads(self) -> int:
        """Threads that compute."""
        n_jobs = -1 if self.n_threads is None else self.n_threads
        return count_threads(n_jobs, owner=self)

    @property
    def sound(self) -> SoundLimits:
        """Most that a sound file may be."""
        return SoundLimits(
            max_duration=self.max_seconds,
            max_channels=self.max_channels,
            max_sample_rate=self.max_sample_rate,
        )
