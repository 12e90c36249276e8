"""Zip archives, whose members are read in place, in any order."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from mfccclf.errors import StorageError
from mfccclf.storage.members import clean_name, expansion_fault, name_fault

__all__ = ["ZipArchive"]

_ENCRYPTED = 0x1


class ZipArchive:
    """A zip archive.

    Parameters
    ----------
    name : str
        What to call it in messages.
    file : str or binary file object
        The archive.

    Attributes
    ----------
    sizes : dict of str to int
        Bytes of each member that can be read, in the archive's order.
    faults : dict of str to str
        What is wrong with the others, to follow their names.
    folders : list of str
        The folders that it names.
    """

    def __init__(self, name: str, file: str | IO[bytes]) -> None:
        self.sizes: dict[str, int] = {}
        self.faults: dict[str, str] = {}
        self.folders: list[str] = []
        self._members: dict[str, zipfile.ZipInfo] = {}
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as exc:
            raise StorageError(
                f"{name} cannot be read as a zip archive: {exc}. It is cut short or "
                "damaged. Copy or make it again."
            ) from exc
        overlapping = set(_overlapping(self._zip.infolist()))
        for info in self._zip.infolist():
            if info.is_dir():
                self.folders.append(clean_name(info.filename))
            else:
                self._take(info, overlaps=info.header_offset in overlapping)

    def open(self, member: str) -> IO[bytes]:
        """Return a member as a stream."""
        return self._zip.open(self._members[member])

    def _take(self, info: zipfile.ZipInfo, *, overlaps: bool) -> None:
        name = clean_name(info.filename)
        fault = name_fault(info.filename) or _content_fault(info, overlaps=overlaps)
        if name in self.sizes:
            fault = "is in the archive twice. Keep one of the two."
        if fault:
            self.faults.setdefault(name, fault)
            self.sizes.pop(name, None)
        elif name not in self.faults:
            self.sizes[name] = info.file_size
            self._members[name] = info


def _content_fault(info: zipfile.ZipInfo, *, overlaps: bool) -> str | None:
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted. Unpack the archive with its password."
    if overlaps:
        return "shares its bytes with another member, as in zip bombs. It is not read."
    return expansion_fault(info.file_size, info.compress_size)


def _overlapping(members: list[Any]) -> Iterator[int]:
    """Yield where members begin whose bytes reach into the next one's."""
    ordered = sorted(members, key=lambda info: int(info.header_offset))
    for one, following in itertools.pairwise(ordered):
        if one.header_offset + one.compress_size > following.header_offset:
            yield one.header_offset
            yield following.header_offset
