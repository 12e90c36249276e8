"""Codings of sound that libsndfile has no decoder for, in containers that it reads.

References
----------
Microsoft, "mmreg.h"; Apple, "Core Audio Format Specification 1.0"; Apple, "Audio
Interchange File Format AIFF-C", 1991; RFC 3533 and 5334 (Ogg and its media types).
"""

from __future__ import annotations

import struct

from mfccclf._inert import printable
from mfccclf.waveform.containers.chunks import ReadAt, find_wave_chunks, iff_chunks

__all__ = ["DEMUXERS", "foreign_coding"]

# FFmpeg's names of the containers.
DEMUXERS = {"WAV": "wav", "W64": "w64", "CAF": "caf", "Ogg": "ogg", "AIFF": "aiff"}

_EXTENSIBLE = 0xFFFE
# Tags of WAV that libsndfile decodes, and names of some that it does not.
_WAVE_KNOWN = (0x01, 0x02, 0x03, 0x06, 0x07, 0x11, 0x31, 0x40, 0x50, 0x55)
_WAVE_NAMES = {
    0x10: "OKI ADPCM",
    0x14: "G.723",
    0x20: "Yamaha ADPCM",
    0x22: "TrueSpeech",
    0x42: "G.723.1",
    0x45: "G.726",
    0x57: "AMR",
    0x58: "AMR wide-band",
    0x64: "G.726",
    0x83: "G.729",
    0xFF: "AAC",
    0x160: "WMA",
    0x161: "WMA",
    0x162: "WMA Professional",
    0x163: "WMA Lossless",
    0x270: "ATRAC3",
    0x28F: "G.722",
    0x706D: "AAC",
    0x1600: "AAC",
    0x1610: "AAC",
    0x2000: "AC-3",
    0x2001: "DTS",
    0x6C61: "ALAC",
    0x674F: "Vorbis",
    0xA109: "Speex",
    0xF1AC: "FLAC",
}
_CAF_KNOWN = (b"lpcm", b"ulaw", b"alaw", b"alac")
_AIFF_KNOWN = (
    *(b"NONE", b"twos", b"sowt", b"in24", b"in32", b"42ni", b"23ni", b"fl32", b"FL32"),
    *(b"fl64", b"FL64", b"raw ", b"ulaw", b"ULAW", b"alaw", b"ALAW", b"ima4", b"GSM "),
    *(b"DWVW", b"lpcm"),
)
_OGG_KNOWN = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC")
_OGG_NAMES = {b"Speex   ": "Speex", b"\x80theora": "Theora", b"CELT    ": "CELT"}


def foreign_coding(read_at: ReadAt, container: str, file_size: int) -> str | None:
    """Return the name of a coding that libsndfile lacks; None if it may have it.

    Parameters
    ----------
    read_at : callable
        ``read_at(offset, size)`` returns up to ``size`` bytes of the file.
    container : str
        Kind of file, found from its content.
    file_size : int
        Its bytes.
    """
    if container in ("WAV", "W64"):
        return _of_wave(read_at, container, file_size)
    if container == "CAF":
        kind = read_at(28, 4) if read_at(8, 4) == b"desc" else b""
        return _named(kind, _CAF_KNOWN)
    if container == "AIFF":
        return _of_aiff(read_at, file_size)
    return _of_ogg(read_at(0, 512)) if container == "Ogg" else None


def _of_wave(read_at: ReadAt, container: str, file_size: int) -> str | None:
    form, _ = find_wave_chunks(read_at, container=container, file_size=file_size)
    body = read_at(form.start, min(form.size, 40)) if form else b""
    if len(body) < 16:
        return None
    (tag,) = struct.unpack("<H", body[:2])
    if tag == _EXTENSIBLE and len(body) >= 26:
        (tag,) = struct.unpack("<H", body[24:26])
    if tag in _WAVE_KNOWN:
        return None
    return _WAVE_NAMES.get(tag, f"format tag 0x{tag:04X}")


def _of_aiff(read_at: ReadAt, file_size: int) -> str | None:
    if read_at(8, 4) != b"AIFC":
        return None
    chunks = iff_chunks(read_at, 12, ">I", file_size)
    common = next((chunk for name, chunk in chunks if name == b"COMM"), None)
    return (
        None if common is None else _named(read_at(common.start + 18, 4), _AIFF_KNOWN)
    )


def _of_ogg(page: bytes) -> str | None:
    """Return what the first page of an Ogg file, which names the coding, holds."""
    if len(page) < 28:
        return None
    packet = page[27 + page[26] :]
    if not packet or packet.startswith(_OGG_KNOWN):
        return None
    for magic, name in _OGG_NAMES.items():
        if packet.startswith(magic):
            return name
    return None


def _named(kind: bytes, known: tuple[bytes, ...]) -> str | None:
    """Return a code of four letters that is not known; None if there is none."""
    if len(kind) < 4 or kind in known or not kind.strip(b"\0 "):
        return None
    return f"coding {printable(kind.decode('latin-1'))!r}"
