"""Open a sound file with the reader that its content calls for."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO

from mfccclf.errors import AudioFileError
from mfccclf.storage.addresses import is_stored
from mfccclf.waveform.checks import NO_MEMORY
from mfccclf.waveform.containers.au import HEADER_SIZE, LinearAuSource, parse_au_header
from mfccclf.waveform.containers.detect import (
    Container,
    describe_not_sound,
    find_container,
)
from mfccclf.waveform.containers.extent import AHEAD, are_samples
from mfccclf.waveform.containers.forward import (
    ForwardFile,
    SpoolError,
    read_exactly,
    spool,
)
from mfccclf.waveform.containers.source import AudioSource
from mfccclf.waveform.paths import (
    Source,
    file_size,
    open_regular_file,
    printable,
    read_at,
    source_name,
)
from mfccclf.waveform.raw import RawFormat
from mfccclf.waveform.stretches import StretchSource, find_stretch

__all__ = ["open_source"]


@contextmanager
def open_source(
    source: Source,
    *,
    raw: RawFormat | None = None,
    live: bool = False,
    max_duration: float | None = None,
) -> Iterator[AudioSource]:
    """Open a sound file or a stream of any kind for a with block.

    Any failure of the file, its reader or the disk, now or in the block, is raised as
    an `AudioFileError` that names the file.

    Parameters
    ----------
    source : str or binary file object
        A path, a stretch of a recording as text, or a stream to read to its end.
    raw : RawFormat or None, default=None
        How the samples are stored if there is no header.
    live : bool, default=False
        Whether to yield a stream's samples once, as they arrive, if its kind allows
        that; otherwise the stream is stored first.
    max_duration : float or None, default=None
        Longest clip in seconds; not much more of a stream is stored. None for any.

    Yields
    ------
    audio : AudioSource
        The open file.

    Examples
    --------
    >>> import tempfile, numpy as np, soundfile
    >>> from mfccclf.waveform import open_source
    >>> with tempfile.NamedTemporaryFile(suffix=".wav") as file:
    ...     soundfile.write(file.name, np.zeros((400, 2)), 8000)
    ...     with open_source(file.name) as source:
    ...         source.info.sample_rate, source.info.n_channels
    (8000, 2)
    """
    stretch = find_stretch(source) if isinstance(source, str) else None
    opened = source if stretch is None else stretch.recording
    path = opened if isinstance(opened, str) else source_name(opened)
    try:
        with (
            _open_bytes(opened, path, live, raw, max_duration) as file,
            closing(_make_source(file, path, raw)) as audio,
        ):
            yield audio if stretch is None else StretchSource(audio, stretch)
    except (AudioFileError, Warning):
        raise
    except Exception as exc:
        raise AudioFileError(f"{printable(path)} {_failure_text(exc)}") from exc


def _failure_text(exc: Exception) -> str:
    """Return what a reader's failure means, to follow the file's name."""
    if isinstance(exc, SpoolError):
        return str(exc)
    if isinstance(exc, MemoryError):
        return NO_MEMORY
    if isinstance(exc, OSError):
        return f"cannot be read: {exc.strerror or exc}. Check the disk."
    kind = f"{type(exc).__name__}: {exc}".rstrip(".")
    return (
        f"cannot be read: its reader failed ({kind}). It is probably damaged. Create "
        "it again, or save it as 16-bit WAV."
    )


def _open_bytes(
    source: Source,
    path: str,
    live: bool,
    raw: RawFormat | None,
    max_duration: float | None,
) -> Any:
    if isinstance(source, str):
        if is_stored(source):
            return _open_stored(source, live, raw, max_duration)
        return open_regular_file(source)
    if live:
        return ForwardFile(source)
    from mfccclf.waveform.containers.clip_stream import store_clip

    return store_clip(source, path, raw, max_duration)


@contextmanager
def _open_stored(
    source: str, live: bool, raw: RawFormat | None, max_duration: float | None
) -> Iterator[Any]:
    """Open a member of an archive, or an address, as the stream that it is."""
    from mfccclf.storage.opening import open_stored

    with (
        open_stored(source) as stream,
        _open_bytes(stream, source, live, raw, max_duration) as file,
    ):
        yield file


def _make_source(file: Any, path: str, raw: RawFormat | None = None) -> AudioSource:
    if raw is not None:
        from mfccclf.waveform.containers.plain_samples import PlainSource

        return PlainSource(file, raw, path=path)
    is_live = isinstance(file, ForwardFile)
    container = find_container(partial(_read_ahead if is_live else read_at, file))
    if container is None:
        head = _read_ahead(file, 0, 4096)
        raise AudioFileError(describe_not_sound(head, printable(path)))
    open_container = _open_live if is_live else _open_regular
    return open_container(file, path, container)


def _open_regular(file: BinaryIO, path: str, container: Container) -> AudioSource:
    if container.name == "AU":
        return _open_au(file, path)
    if container.reader == "pyav":
        return _open_video(file, path, container)
    if container.name == "WAV":
        from mfccclf.waveform.containers.wav import open_plain_wav

        plain = open_plain_wav(file, path)
        if plain is not None:
            return plain
    return _open_coded(file, path, container)


def _open_coded(file: BinaryIO, path: str, container: Container) -> AudioSource:
    """Open what libsndfile reads, or PyAV where libsndfile lacks the coding."""
    from mfccclf.waveform.containers.foreign_coding import DEMUXERS, foreign_coding
    from mfccclf.waveform.containers.libsndfile import (
        ForeignCodingError,
        SoundfileSource,
    )

    kind, size = container.name, file_size(file)
    coding = foreign_coding(partial(read_at, file), kind, size)
    if coding is None:
        try:
            return _open_odd(file, path, kind) or SoundfileSource(
                file, path=path, container=kind, start=container.start
            )
        except ForeignCodingError:
            coding = "an encoding that libsndfile does not read"
    demuxer = DEMUXERS[kind]
    foreign = replace(container, reader="pyav", demuxer=demuxer, coding=coding)
    return _open_video(_unmoved(file), path, foreign)


def _unmoved(file: BinaryIO) -> BinaryIO:
    """Return an open file anew: libsndfile has moved the descriptor of the old one."""
    if isinstance(file, io.BytesIO):
        return file
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    return open(file.fileno(), "rb", closefd=False)


def _open_live(file: ForwardFile, path: str, container: Container) -> AudioSource:
    from mfccclf.waveform.containers.piped import open_piped

    file.seek(0)
    source = open_piped(file, path=path, container=container.name)
    return _store(file, path) if source is None else source


def _store(file: ForwardFile, path: str) -> AudioSource:
    file.seek(0)
    stored = spool(file)
    try:
        return _make_source(stored, path)
    except BaseException:
        stored.close()
        raise


def _read_ahead(file: Any, offset: int, size: int) -> bytes:
    """Read as `read_at` does, from a stream that returns what it has."""
    file.seek(offset)
    return read_exactly(file, size)


def _open_au(file: BinaryIO, path: str) -> AudioSource:
    head = read_at(file, 0, HEADER_SIZE)
    size = file_size(file)
    header = parse_au_header(head, file_size=size, path=path)
    if header.end and are_samples(read_at(file, header.end, AHEAD)):
        header = header.extended(size)
    if header.dtype:
        return LinearAuSource(file, header, path=path)
    from mfccclf.waveform.containers.libsndfile import SoundfileSource

    return SoundfileSource(file, path=path, container="AU", au_header=header)


def _open_odd(file: BinaryIO, path: str, container: str) -> AudioSource | None:
    if container not in ("WAV", "W64", "AIFF", "CAF"):
        return None
    from mfccclf.waveform.containers.wav import open_odd_wave

    return open_odd_wave(file, path, container)


def _open_video(file: BinaryIO, path: str, container: Container) -> AudioSource:
    from mfccclf.waveform.containers.video import VideoSource

    return VideoSource(file, path=path, container=container)
