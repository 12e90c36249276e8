"""Change bytes at random, as damage and ill will do."""

from __future__ import annotations

import random
import struct

__all__ = ["ODD_BYTES", "mutate_bytes", "mutate_header"]

ODD_BYTES = [b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", struct.pack("<I", 2**31)]
_ODD_NUMBERS = [
    *(0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 24, 32, 64, 127, 128, 255, 256, 511, 512),
    *(1000, 1023, 1024, 4095, 4096, 8000, 11025, 22050, 32767, 32768, 44100, 48000),
    *(65535, 65536, 96000, 192_000, 384_000, 2_000_000, 2**24, 2**30, 2**31 - 1),
    *(2**31, 2**32 - 1, 2**32 - 2, 2**32 - 8, 2**32, 2**48, 2**62, 2**63 - 1, 2**63),
    2**64 - 1,
]
_FORMS = ("<H", ">H", "<I", ">I", "<I", ">I", "<Q", ">Q", "B")


def mutate_bytes(content: bytes, rng: random.Random) -> bytes:
    """Flip, replace, delete, insert or repeat bytes."""
    mutant = bytearray(content)
    for _ in range(rng.choice([1, 1, 1, 2, 4, 16])):
        _change(mutant, rng.randrange(len(mutant) + 1), rng)
    return bytes(mutant)


def mutate_header(content: bytes, rng: random.Random, size: int = 128) -> bytes:
    """Change numbers and bytes among the first ones, now and then cut the end off."""
    mutant = bytearray(content)
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 6])):
        place = rng.randrange(min(size, len(mutant)) + 1)
        if rng.random() < 0.6:
            _put_number(mutant, place & ~1 if rng.random() < 0.8 else place, rng)
        else:
            _change(mutant, place, rng)
    if rng.random() < 0.15:
        del mutant[rng.randrange(len(mutant) + 1) :]
    return bytes(mutant)


def _put_number(mutant: bytearray, place: int, rng: random.Random) -> None:
    form = rng.choice(_FORMS)
    size = struct.calcsize(form)
    number = rng.choice(_ODD_NUMBERS)
    if rng.random() < 0.3:  # one that may be nearly right
        old = int.from_bytes(mutant[place : place + size], "little")
        number = old + rng.choice([-2, -1, 1, 2, 8, 100])
    mutant[place : place + size] = struct.pack(form, number % 2 ** (8 * size))


def _change(mutant: bytearray, place: int, rng: random.Random) -> None:
    size = rng.choice([1, 1, 2, 4, 8, 64])
    kind = rng.randrange(6)
    if kind == 0 and place < len(mutant):
        mutant[place] ^= 1 << rng.randrange(8)
    elif kind == 1:
        mutant[place : place + 4] = rng.choice(ODD_BYTES)
    elif kind == 2:
        del mutant[place : place + size]
    elif kind == 3:
        mutant[place:place] = rng.randbytes(size)
    elif kind == 4:
        source = rng.randrange(len(mutant) + 1)
        mutant[place:place] = mutant[source : source + 4 * size]
    elif place < len(mutant):
        mutant[place] = rng.randrange(256)
