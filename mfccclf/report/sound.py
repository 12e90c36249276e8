"""The sound of clips, in a form that a page can play."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from mfccclf.display.sound import AUDIO_TYPE, encode_flac
from mfccclf.errors import AudioFileWarning
from mfccclf.waveform import Waveform, load_waveform

__all__ = ["AUDIO_TYPE", "SAMPLE_RATE", "Sound", "load_sound"]

SAMPLE_RATE = 16000
_LONGEST_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A clip to see and hear.

    Attributes
    ----------
    waveform : float32 ndarray of shape (n_samples,)
        The whole clip at `SAMPLE_RATE`.
    audio : bytes
        The first five seconds as a FLAC file.
    duration_s, audio_s : float
        Length of the clip and of its audio.
    """

    waveform: Waveform
    audio: bytes
    duration_s: float
    audio_s: float

    @property
    def is_cut(self) -> bool:
        """Whether the clip is longer than its audio."""
        return self.audio_s < self.duration_s


def load_sound(path: str, *, channel: int | None = None) -> Sound:
    """Read a clip to show.

    Parameters
    ----------
    path : str
        Its file.
    channel : int, optional
        The channel that the model listens to; None for the mean of all.

    Returns
    -------
    sound : Sound
        Waveform and audio.

    Raises
    ------
    AudioFileError
        If it cannot be read.
    """
    with warnings.catch_warnings():
        # The model has read the clip before, with the same warnings.
        warnings.simplefilter("ignore", AudioFileWarning)
        waveform = load_waveform(
            path, sample_rate=SAMPLE_RATE, channel=channel, allow_silence=True
        )
    part = waveform[: round(_LONGEST_S * SAMPLE_RATE)]
    return Sound(
        waveform=waveform,
        audio=encode_flac(part, SAMPLE_RATE),
        duration_s=len(waveform) / SAMPLE_RATE,
        audio_s=len(part) / SAMPLE_RATE,
    )
