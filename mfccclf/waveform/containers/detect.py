"""Recognise a file by its first bytes, whatever its name."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mfccclf.waveform.containers.mpeg import (
    adts_frame_size,
    find_frames,
    mpeg_frame_size,
)

__all__ = ["Container", "describe_content", "describe_not_sound", "find_container"]

ReadAt = Callable[[int, int], bytes]

_HEAD_SIZE = 4096
# Bytes of padding, or of anything else, that may precede the frames of an MP3 file.
_MOST_JUNK = 2**16
_MAX_TAGS = 16


@dataclass(frozen=True)
class Container:
    """A kind of sound file and the library that reads it.

    ``demuxer`` is FFmpeg's name for the container, for PyAV only: naming it keeps
    FFmpeg from guessing another, such as a playlist that refers to other files.
    ``coding`` names that of the sound where libsndfile reads the container, but not the
    coding. The sound begins at byte ``start``, behind what belongs to nothing.
    """

    name: str
    reader: Literal["soundfile", "pyav"]
    demuxer: str = ""
    coding: str = ""
    start: int = 0


def _sound(name: str) -> Container:
    return Container(name, "soundfile")


_SOUND_MAGIC = {
    b".snd": _sound("AU"),
    b"dns.": _sound("AU"),
    b"riff\x2e\x91\xcf\x11": _sound("W64"),
    b"caff": _sound("CAF"),
    b"fLaC": _sound("FLAC"),
    b"OggS": _sound("Ogg"),
    b"NIST_1A\n": _sound("NIST SPHERE"),
    b"Creative Voice File\x1a": _sound("VOC"),
    b" paf": _sound("PAF"),
    b"fap ": _sound("PAF"),
    b"PVF1\n": _sound("PVF"),
    b"2BIT": _sound("AVR"),
    b"ALawSoundFile**": _sound("WVE"),
    **{bytes([0x64, 0xA3, i, 0]): _sound("IRCAM") for i in range(5)},
    **{bytes([0, i, 0xA3, 0x64]): _sound("IRCAM") for i in range(5)},
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": Container("ASF (WMA)", "pyav", "asf"),
    b"#!AMR": Container("AMR", "pyav", "amr"),
    b"wvpk": Container("WavPack", "pyav", "wv"),
    b"MAC ": Container("Monkey's Audio", "pyav", "ape"),
    b"TTA1": Container("TTA", "pyav", "tta"),
    b"FLV\x01": Container("FLV", "pyav", "flv"),
    b"\x00\x00\x01\xba": Container("MPEG", "pyav", "mpeg"),
}
_RIFF_FORMS = {
    b"WAVE": _sound("WAV"),
    b"AVI ": Container("AVI", "pyav", "avi"),
}
_FORM_FORMS = {
    b"AIFF": _sound("AIFF"),
    b"AIFC": _sound("AIFF"),
    b"8SVX": _sound("8SVX"),
    b"16SV": _sound("8SVX"),
}
_PICTURE_BRANDS = (b"heic", b"heix", b"mif1", b"avif", b"msf1")

_OTHER_MAGIC = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"BM": "a BMP picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3": "an SQLite database",
    b"\x93NUMPY": "a NumPy array",
    b"MThd": "a MIDI score, which holds notes, not sound",
    b"version https://git-lfs": "a Git LFS pointer; fetch the file with git lfs pull",
}
_TEXT_STARTS = {
    "<!doctype html": "a web page",
    "<html": "a web page",
    "<?xml": "an XML text",
    "{": "a JSON text",
    "#extm3u": "a playlist",
}


def find_container(read_at: ReadAt) -> Container | None:
    """Return the kind of sound file, or None if it is not a known one.

    Parameters
    ----------
    read_at : callable
        ``read_at(offset, size)`` returns up to ``size`` bytes of the file.
    """
    start = _skip_id3(read_at)
    head = read_at(start, _HEAD_SIZE)
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return _RIFF_FORMS.get(head[8:12])
    if head[:4] == b"FORM":
        return _FORM_FORMS.get(head[8:12])
    for magic, container in _SOUND_MAGIC.items():
        if head.startswith(magic):
            return container
    return (
        _find_video(head)
        or _find_mpeg_audio(head, tagged=start > 0)
        or _find_late_mpeg_audio(read_at, head)
    )


def describe_content(head: bytes) -> str:
    """Return what a file that is not a sound file seems to be, to follow "it"."""
    for magic, thing in _OTHER_MAGIC.items():
        if head.startswith(magic):
            return f"starts like {thing}"
    if head[:4] in (b"RIFF", b"FORM") and head[8:12] == b"WEBP":
        return "starts like a WebP picture"
    if head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS:
        return "starts like a HEIF picture"
    if head[:4] in (b"RIFF", b"FORM") and len(head) < 12:
        return "ends inside its header"
    if not head.strip(b"\0"):
        return "starts with zeros only"
    return _describe_text(head) or "starts like no known kind of sound file"


def describe_not_sound(head: bytes, name: str) -> str:
    """Return the message on a file that is no sound file, from its first bytes."""
    if not head:
        return f"{name} is empty (0 bytes). Record or copy it again."
    return (
        f"{name} is not a sound file: it {describe_content(head)}. "
        "AU, WAV, FLAC, Ogg, MP3, AIFF, MP4 and similar files are accepted."
    )


def _describe_text(head: bytes) -> str:
    text = head[:512].decode("utf-8", "ignore").lstrip("\ufeff \t\r\n").lower()
    for start, thing in _TEXT_STARTS.items():
        if text.startswith(start):
            return f"starts like {thing}"
    is_text = all(c in string.printable or c.isprintable() for c in text)
    return "starts like plain text" if is_text and text else ""


def _skip_id3(read_at: ReadAt) -> int:
    start = 0
    for _ in range(_MAX_TAGS):
        tag = read_at(start, 10)
        if len(tag) < 10 or not tag.startswith(b"ID3"):
            break
        size = 0
        for byte in tag[6:10]:
            size = size << 7 | byte & 0x7F
        start += 10 + size
    return start


def _find_video(head: bytes) -> Container | None:
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        is_webm = b"webm" in head[:64]
        return Container("WebM" if is_webm else "Matroska", "pyav", "matroska")
    if head[4:8] == b"ftyp" and head[8:12] not in _PICTURE_BRANDS:
        names = {b"M4A ": "M4A", b"M4B ": "M4A", b"qt  ": "QuickTime"}
        return Container(names.get(head[8:12], "MP4"), "pyav", "mov")
    if head[4:8] in (b"moov", b"mdat", b"wide") and head[0] == 0:
        return Container("QuickTime", "pyav", "mov")
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return Container("MPEG transport stream", "pyav", "mpegts")
    return None


def _find_mpeg_audio(head: bytes, *, tagged: bool) -> Container | None:
    # Eleven set bits are weak evidence, so a second frame must follow the first.
    for name, frame_size in (("MP3", mpeg_frame_size), ("AAC", adts_frame_size)):
        size = frame_size(head)
        if size and (tagged or frame_size(head[size:])):
            is_mp3 = name == "MP3"
            return _sound("MP3") if is_mp3 else Container("AAC", "pyav", "aac")
    return None


def _find_late_mpeg_audio(read_at: ReadAt, head: bytes) -> Container | None:
    """Find MPEG audio behind padding or junk, but not within files of other kinds."""
    if _is_other(head):
        return None
    start = find_frames(read_at(0, _MOST_JUNK))
    return None if start is None else Container("MP3", "soundfile", start=start)


def _is_other(head: bytes) -> bool:
    """Return whether a file starts like one that may hold sound, but is none."""
    return head.startswith(tuple(_OTHER_MAGIC)) or head[4:8] == b"ftyp"
