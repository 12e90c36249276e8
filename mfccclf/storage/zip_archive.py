"""Zip archives, whose members are read in place, in any order."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from mfccclf.errors import StorageError
from mfccclf.storage.archive import Archive
from mfccclf.storage.members import clean_name, expansion_fault

__all__ = ["ZipArchive"]

_ENCRYPTED = 0x1
_IS_UTF8 = 0x800


class ZipArchive(Archive):
    """A zip archive.

    Parameters
    ----------
    name : str
        What to call it in messages.
    file : str or binary file object
        The archive.
    """

    def __init__(self, name: str, file: str | IO[bytes]) -> None:
        super().__init__()
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
                self.folders.append(clean_name(_name_of(info)))
            else:
                overlaps = info.header_offset in overlapping
                self._take(
                    _name_of(info),
                    size=info.file_size,
                    place=info,
                    fault=_content_fault(info, overlaps=overlaps),
                )

    def open(self, member: str) -> IO[bytes]:
        """Return a member as a stream."""
        return self._zip.open(self._places[member])


def _name_of(info: zipfile.ZipInfo) -> str:
    """Return a member's name; many programs write UTF-8 without saying so."""
    if info.flag_bits & _IS_UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


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
