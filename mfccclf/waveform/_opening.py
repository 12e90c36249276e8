"""Choose the reader of a sound file by the file's content."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import BinaryIO

from mfccclf.errors import AudioFileError
from mfccclf.waveform._au import HEADER_SIZE, LinearAuSource, parse_au_header
from mfccclf.waveform._containers import Container, describe_content, find_container
from mfccclf.waveform._paths import open_regular_file, printable, read_at
from mfccclf.waveform._source import AudioSource

__all__ = ["open_source"]


@contextmanager
def open_source(path: str) -> Iterator[AudioSource]:
    """Open a sound file of any kind for a with block.

    Whatever the file or the disk does wrong, then or while it is read, is raised as an
    AudioFileError that names the file.
    """
    with open_regular_file(path) as file:
        try:
            with closing(_make_source(file, path)) as source:
                yield source
        except AudioFileError:
            raise
        except OSError as exc:
            reason = exc.strerror or str(exc)
            text = f"{printable(path)} cannot be read: {reason}. Check the disk."
            raise AudioFileError(text) from exc


def _make_source(file: BinaryIO, path: str) -> AudioSource:
    container = find_container(partial(read_at, file))
    if container is None:
        head = read_at(file, 0, 4096)
        raise AudioFileError(_not_sound_text(head, printable(path)))
    if container.name == "AU":
        return _open_au(file, path)
    if container.reader == "pyav":
        return _open_video(file, path, container)
    from mfccclf.waveform._soundfile import SoundfileSource

    return SoundfileSource(file, path=path, container=container.name)


def _open_au(file: BinaryIO, path: str) -> AudioSource:
    head = read_at(file, 0, HEADER_SIZE)
    file_size = os.fstat(file.fileno()).st_size
    header = parse_au_header(head, file_size=file_size, path=path)
    if header.dtype:
        return LinearAuSource(file, header, path=path)
    from mfccclf.waveform._soundfile import SoundfileSource

    return SoundfileSource(file, path=path, container="AU", au_header=header)


def _open_video(file: BinaryIO, path: str, container: Container) -> AudioSource:
    from mfccclf.waveform._video import VideoSource

    return VideoSource(file, path=path, container=container)


def _not_sound_text(head: bytes, name: str) -> str:
    if not head:
        return f"{name} is empty (0 bytes). Record or copy it again."
    return (
        f"{name} is not a sound file: it {describe_content(head)}. "
        "AU, WAV, FLAC, Ogg, MP3, AIFF, MP4 and their like are accepted."
    )
