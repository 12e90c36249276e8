"""Read the zip of a model file: only the plain layout that this package writes.

General readers of zips look for archives behind other data, inflate without bounds and
accept a directory that contradicts what stands before each member. Here every byte of
the file belongs to one member or to the directory, and nothing is read before the sizes
in the directory have been compared with the file's.

References
----------
.. [1] PKWARE, ".ZIP File Format Specification", version 6.3.10, 2022.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, NoReturn

from mfccclf.prediction.model_config import ASK_AGAIN, fail

__all__ = ["Entry", "read_archive"]

_END = struct.Struct("<4s4H2IH")
_DIRECTORY = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_STORED = 0
_UTF8_NAME = 1 << 11
# Above that of any zip that could be a model file or one that we can name.
_LARGEST_DIRECTORY = 2**20

# Called with the file's name and its entries; raises unless they are a model's.
CheckEntries = Callable[[str, Sequence["Entry"]], None]


@dataclass(frozen=True)
class Entry:
    """A member, as the directory of the zip describes it.

    Attributes
    ----------
    name : str
        Its name.
    size : int
        Its bytes once they are unpacked.
    """

    name: str
    size: int
    method: int
    flags: int
    packed_size: int
    checksum: int
    offset: int
    surplus: int


def read_archive(
    file: IO[bytes], name: str, check_entries: CheckEntries
) -> dict[str, bytes]:
    """Read all members of a zip whose members are stored one behind the other.

    Parameters
    ----------
    file : binary file object
        The zip, seekable.
    name : str
        What to call it in messages.
    check_entries : callable
        Called with ``name`` and the entries before any member is read, to refuse
        foreign members and sizes.

    Returns
    -------
    members : dict of str to bytes
        Content by name.

    Raises
    ------
    ModelFileError
        If the file is damaged or laid out in any other way.
    """
    entries, start = _read_directory(file, name)
    check_entries(name, entries)
    _check_layout(entries, start, name)
    return {entry.name: _read_member(file, entry, name) for entry in entries}


def _read_directory(file: IO[bytes], name: str) -> tuple[list[Entry], int]:
    """Return the entries, and where the directory begins."""
    end = file.seek(0, os.SEEK_END) - _END.size
    content = _read_at(file, max(end, 0), _END.size, name)
    mark, disk, first_disk, n_here, n_entries, size, start, comment = _END.unpack(
        content
    )
    if mark != b"PK\x05\x06" or comment:
        _damaged(name, "its last bytes are not the end of a zip")
    if (disk, first_disk) != (0, 0) or n_here != n_entries or start + size != end:
        _damaged(name, "its directory is not where it should be")
    if size > _LARGEST_DIRECTORY:
        _damaged(name, f"its directory has {size:,} bytes")
    return _parse_directory(_read_at(file, start, size, name), n_entries, name), start


def _parse_directory(content: bytes, n_entries: int, name: str) -> list[Entry]:
    entries, place = [], 0
    for _ in range(n_entries):
        if place + _DIRECTORY.size > len(content):
            _damaged(name, "its directory is too short")
        entry, place = _parse_entry(content, place, name)
        entries.append(entry)
    if place != len(content):
        _damaged(name, "its directory is too long")
    return entries


def _parse_entry(content: bytes, place: int, name: str) -> tuple[Entry, int]:
    fields = _DIRECTORY.unpack_from(content, place)
    mark, _, _, flags, method, _, _, checksum, packed_size, size = fields[:10]
    name_size, extra_size, comment_size, _, _, _, offset = fields[10:]
    if mark != b"PK\x01\x02":
        _damaged(name, "its directory is not one")
    begin = place + _DIRECTORY.size
    member = content[begin : begin + name_size].decode("utf-8", errors="replace")
    surplus = extra_size + comment_size
    entry = Entry(member, size, method, flags, packed_size, checksum, offset, surplus)
    return entry, begin + name_size + surplus


def _check_layout(entries: Sequence[Entry], start: int, name: str) -> None:
    """Refuse a zip with other bytes than stored members, one behind the other."""
    place = 0
    for entry in entries:
        if entry.method != _STORED:
            problem = f"has a compressed member {entry.name}"
            fail(name, problem, f"Model files are not compressed. {ASK_AGAIN}")
        if (
            entry.flags & ~_UTF8_NAME
            or entry.surplus
            or entry.size != entry.packed_size
        ):
            _damaged(name, f"{entry.name} is not stored plainly")
        if entry.offset != place:
            _damaged(name, f"{entry.name} does not follow what stands before it")
        place += _LOCAL.size + len(entry.name.encode()) + entry.size
    if place != start:
        _damaged(name, "its members do not reach to its directory")


def _read_member(file: IO[bytes], entry: Entry, name: str) -> bytes:
    title = entry.name.encode()
    head = _read_at(file, entry.offset, _LOCAL.size + len(title), name)
    mark, _, flags, method, _, _, *numbers = _LOCAL.unpack_from(head)
    promised = [entry.checksum, entry.size, entry.size, len(title), 0]
    if (
        (mark, flags, method) != (b"PK\x03\x04", entry.flags, _STORED)
        or numbers != promised
        or head[_LOCAL.size :] != title
    ):
        _damaged(name, f"{entry.name} is not what its directory says")
    content = file.read(entry.size)
    if len(content) != entry.size or zlib.crc32(content) != entry.checksum:
        _damaged(name, f"the checksum of {entry.name} differs")
    return content


def _read_at(file: IO[bytes], place: int, size: int, name: str) -> bytes:
    file.seek(place)
    content = file.read(size)
    if len(content) != size:
        _damaged(name, "it is too short")
    return content


def _damaged(name: str, problem: str) -> NoReturn:
    fail(name, f"is damaged or cut short ({problem})", ASK_AGAIN)
