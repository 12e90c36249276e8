"""The sizes of MPEG audio and AAC frames, from which such files are recognised.

References
----------
ISO/IEC 11172-3 and 13818-3 (MPEG-1 and MPEG-2 audio), 13818-7 (ADTS).
"""

from __future__ import annotations

__all__ = ["adts_frame_size", "find_frames", "mpeg_frame_size"]

# Frames in a row that are no chance: a header has 11 set bits and few invalid values.
_ENOUGH = 4

_KBIT_PER_S = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def mpeg_frame_size(head: bytes) -> int:
    """Return the bytes of the MPEG audio frame that starts here, 0 if none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    rate_index, bitrate_index = head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or layer == 4 or rate_index == 3 or bitrate_index in (0, 15):
        return 0
    generation = 1 if version == 3 else 2
    sample_rate = (44100, 48000, 32000)[rate_index] >> (0, 1, 2)[
        (3, 2, 0).index(version)
    ]
    bits = _KBIT_PER_S[generation, layer][bitrate_index - 1] * 1000
    padding = head[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // sample_rate + padding) * 4
    n_slots = 72 if layer == 3 and generation == 2 else 144
    return n_slots * bits // sample_rate + padding


def adts_frame_size(head: bytes) -> int:
    """Return the bytes of the AAC frame that starts here, 0 if none does."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    if head[2] >> 2 & 15 > 12:
        return 0
    return (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5


def find_frames(content: bytes) -> int | None:
    """Return where MPEG audio starts, told by frames one behind the other."""
    place = content.find(b"\xff")
    while place >= 0:
        if _starts_frames(content, place):
            return place
        place = content.find(b"\xff", place + 1)
    return None


def _starts_frames(content: bytes, place: int) -> bool:
    kind = content[place + 1 : place + 2]
    for _ in range(_ENOUGH):
        size = mpeg_frame_size(content[place : place + 4])
        if not size or content[place + 1 : place + 2] != kind:
            return False
        place += size
    return True
