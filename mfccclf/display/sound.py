"""A clip to see and hear inside HTML, without any other file."""

from __future__ import annotations

import base64
import io
import warnings
from html import escape
from os import PathLike, fspath

import numpy as np
import soundfile
from numpy.typing import NDArray

from mfccclf.errors import AudioFileError, AudioFileWarning
from mfccclf.storage.addresses import is_remote
from mfccclf.waveform import Waveform, iter_blocks

__all__ = ["AUDIO_TYPE", "encode_flac", "play_clip"]

# Every browser plays FLAC; it loses nothing and takes half the space of WAV.
AUDIO_TYPE = "audio/flac"
_SAMPLE_RATE = 16000
_COLUMNS, _HEIGHT = 240, 40
_PLAYER = "width:17rem;max-width:100%;height:2rem;vertical-align:middle"
_PICTURE = "width:17rem;max-width:100%;height:2.6rem;display:block"


def encode_flac(waveform: NDArray[np.floating], sample_rate: int) -> bytes:
    """Return a waveform as a FLAC file of 16 bits.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Amplitude between -1 and 1; louder samples are clipped.
    sample_rate : int
        In Hz.

    Returns
    -------
    audio : bytes
        The file.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf.display import encode_flac
    >>> encode_flac(np.zeros(800), 8000)[:4]
    b'fLaC'
    """
    buffer = io.BytesIO()
    samples = np.clip(waveform, -1, 1)
    soundfile.write(buffer, samples, sample_rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def play_clip(
    path: str | PathLike[str], *, longest_s: float = 10.0, picture: bool = True
) -> str:
    """Return a player of a clip's beginning, with its outline, as HTML.

    Parameters
    ----------
    path : path-like
        A sound file, or a stretch of one, such as ``song.wav#t=1.5,3``.
    longest_s : float, default=10.0
        How much of it is embedded, in seconds.
    picture : bool, default=True
        Whether to draw its outline above the player.

    Returns
    -------
    html : str
        Player and picture hold their data themselves. If the clip cannot be read, or
        would have to be fetched, a line says so.

    Examples
    --------
    >>> from mfccclf.display import play_clip
    >>> play_clip("missing.wav").startswith("<em>not played: ")
    True
    """
    name = fspath(path)
    if is_remote(name):
        return "<em>not played: it is not stored here</em>"
    try:
        waveform = _read_start(name, longest_s)
    except (AudioFileError, OSError) as error:
        return f"<em>not played: {escape(str(error))}</em>"
    data = base64.b64encode(encode_flac(waveform, _SAMPLE_RATE)).decode("ascii")
    source = f"data:{AUDIO_TYPE};base64,{data}"
    player = (
        f'<audio controls preload="metadata" style="{_PLAYER}" src="{source}"></audio>'
    )
    return (_outline(waveform) if picture else "") + player


def _read_start(path: str, longest_s: float) -> Waveform:
    with warnings.catch_warnings():
        # Whoever predicted or loaded the clip had the same warnings.
        warnings.simplefilter("ignore", AudioFileWarning)
        blocks = iter_blocks(path, sample_rate=_SAMPLE_RATE, block_duration=longest_s)
        return next(blocks)


def _outline(waveform: Waveform) -> str:
    """Return the band between the lowest and highest samples, as SVG."""
    n_columns = min(_COLUMNS, len(waveform))
    starts = np.linspace(0, len(waveform), n_columns, endpoint=False).astype(int)
    peak = float(np.abs(waveform).max()) or 1.0
    half = _HEIGHT / 2
    top = half - half * np.maximum.reduceat(waveform, starts) / peak
    bottom = half - half * np.minimum.reduceat(waveform, starts) / peak + 0.5
    points = [f"{x},{y:.1f}" for x, y in enumerate(top)]
    points += [f"{x},{y:.1f}" for x, y in reversed(list(enumerate(bottom)))]
    line = " ".join(points)
    box = f"0 0 {n_columns} {_HEIGHT}"
    return (
        f'<svg viewBox="{box}" preserveAspectRatio="none" style="{_PICTURE}" '
        'role="img" aria-label="waveform"><polygon fill="currentColor" opacity="0.7" '
        f'points="{line}"/></svg>'
    )
