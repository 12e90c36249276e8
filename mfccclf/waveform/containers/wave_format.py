"""How a WAV or W64 file stores its samples: the body of its "fmt " chunk.

References
----------
IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", 1991.
"""

from __future__ import annotations

import struct

from mfccclf.waveform.containers.source import check_header
from mfccclf.waveform.paths import printable
from mfccclf.waveform.raw import RawFormat

__all__ = ["parse_wave_format"]

_TAGS = {
    (1, 8): "u8",
    (1, 16): "s16le",
    (1, 24): "s24le",
    (1, 32): "s32le",
    (3, 32): "f32le",
    (3, 64): "f64le",
    (6, 8): "alaw",
    (7, 8): "mulaw",
}
_EXTENSIBLE = 0xFFFE


def parse_wave_format(body: bytes, path: str) -> RawFormat | None:
    """Return how samples are stored; None if they need a decoder.

    Parameters
    ----------
    body : bytes
        The "fmt " chunk, little-endian, without its name and size.
    path : str
        What to call the file in messages.

    Raises
    ------
    AudioFileError
        If no sound can have this rate or this number of channels.
    """
    if len(body) < 16:
        return None
    tag, n_channels, rate, _, frame_size, bits = struct.unpack("<HHIIHH", body[:16])
    if tag == _EXTENSIBLE and len(body) >= 26:
        (tag,) = struct.unpack("<H", body[24:26])
    check_header(printable(path), rate, n_channels)
    encoding = _TAGS.get((tag, bits))
    if encoding is None:
        return None
    layout = RawFormat(rate, encoding, n_channels)
    return layout if frame_size in (0, layout.frame_size) else None
