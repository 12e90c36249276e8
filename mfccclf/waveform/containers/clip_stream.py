"""A stream that is one clip, stored as a file: not more of it than a clip may have."""

from __future__ import annotations

from typing import Any, BinaryIO

from mfccclf.errors import AudioFileError
from mfccclf.storage.held_clip import HeldBytes
from mfccclf.waveform.containers.au import HEADER_SIZE, parse_au_header
from mfccclf.waveform.containers.chunks import find_wave_chunks
from mfccclf.waveform.containers.detect import describe_not_sound, find_container
from mfccclf.waveform.containers.forward import read_exactly, spool
from mfccclf.waveform.containers.wave_format import parse_wave_format
from mfccclf.waveform.paths import printable
from mfccclf.waveform.raw import RawFormat

__all__ = ["store_clip"]

_HEAD = 2**16
# Bytes for a clip whose header does not tell how many a second takes; and for headers.
_MAX_SIZE, _MAX_HEADER = 2**31, 2**24


def store_clip(
    stream: Any, path: str, raw: RawFormat | None, max_duration: float | None
) -> BinaryIO:
    """Copy a stream into a temporary file; leave one that is no sound where it is.

    A file that is in memory already is returned as it is.

    Parameters
    ----------
    stream : binary file object
        The stream.
    path : str
        What to call it in messages.
    raw : RawFormat or None
        How samples without a header are stored.
    max_duration : float or None
        Longest clip in seconds; None for any.

    Returns
    -------
    file : binary file object
        At its start. It may hold somewhat more than the longest clip.

    Raises
    ------
    AudioFileError
        If the stream is no sound.
    SpoolError
        If it cannot be stored.
    """
    if isinstance(stream, HeldBytes):
        return stream
    if max_duration is None:
        return spool(stream)
    head = read_exactly(stream, _HEAD)
    if raw is None and not head.startswith(b"ID3"):
        _check_kind(head, path)
    rate = _bytes_per_s(head, path, raw)
    if rate is None:
        return spool(stream, head=head, max_size=_MAX_SIZE)
    # One second more, to tell a longer clip from the longest.
    enough = _MAX_HEADER + int((max_duration + 1) * rate)
    return spool(stream, head=head, enough=enough)


def _check_kind(head: bytes, path: str) -> None:
    if find_container(lambda offset, size: head[offset : offset + size]) is None:
        raise AudioFileError(describe_not_sound(head, printable(path)))


def _bytes_per_s(head: bytes, path: str, raw: RawFormat | None) -> int | None:
    """Return how many bytes a second takes, None if the head does not tell."""
    layout = raw
    if head[:4] in (b".snd", b"dns."):
        header = parse_au_header(head[:HEADER_SIZE], file_size=2**62, path=path)
        return 8 * header.n_channels * header.sample_rate
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        form, _ = find_wave_chunks(
            lambda offset, size: head[offset : offset + size],
            container="WAV",
            file_size=len(head),
        )
        body = head[form.start : form.start + form.size] if form else b""
        layout = parse_wave_format(body, path)
    return None if layout is None else layout.frame_size * layout.sample_rate
