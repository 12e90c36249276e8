"""Folders and files inside archives and at addresses, used as `pathlib.Path` is."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import IO

from mfccclf.storage.addresses import (
    SEPARATOR,
    is_archive,
    is_remote,
    is_stored,
    split_address,
)
from mfccclf.storage.opening import open_stored

__all__ = ["Place", "StoredPath", "path_below", "path_within"]


_TOP = PurePosixPath()


@dataclass(frozen=True)
class StoredPath:
    """A folder or file in an archive or at an address.

    It does what layouts do with a `pathlib.Path`, for reading.

    Parameters
    ----------
    home : str
        An archive, or the address of a folder.
    inner : pathlib.PurePosixPath, default=.
        The path in the archive, or below that folder.
    """

    home: str
    inner: PurePosixPath = _TOP

    @classmethod
    def of(cls, text: str) -> StoredPath:
        """Return the place that an archive, a member's address or an address names."""
        if is_stored(text):
            home, member = split_address(text)
            if member is not None:
                return cls(home, PurePosixPath(member))
        if is_archive(text):
            return cls(text)
        start = text.index("://") + 3
        parent, _, name = text[start:].rstrip("/").rpartition("/")
        if not parent:
            return cls(text.rstrip("/"))
        return cls(text[:start] + parent, PurePosixPath(name))

    @property
    def separator(self) -> str:
        """What stands between the archive or folder and the path in it."""
        return SEPARATOR if is_archive(self.home) else "/"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.inner.name or PurePosixPath(self.home).name

    @property
    def stem(self) -> str:
        """The last part of the path, without its ending."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The ending of the last part."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> StoredPath:
        """The folder that it lies in."""
        return StoredPath(self.home, self.inner.parent)

    def __truediv__(self, other: str | PurePath) -> StoredPath:
        """Return a path below this one."""
        part = other.as_posix() if isinstance(other, PurePath) else other
        return StoredPath(self.home, self.inner / part)

    def __str__(self) -> str:
        """Return the address."""
        if not self.inner.parts:
            return self.home
        return f"{self.home}{self.separator}{self.inner}"

    def joinpath(self, *parts: str) -> StoredPath:
        """Return a path below this one."""
        return StoredPath(self.home, self.inner.joinpath(*parts))

    def exists(self) -> bool:
        """Tell whether it is a file that can be read."""
        return self.is_file()

    def is_file(self) -> bool:
        """Tell whether it is a file that can be read."""
        try:
            with open_stored(str(self)):
                return True
        except OSError:
            return False

    def is_dir(self) -> bool:
        """Return False: folders are known by the files in them."""
        return False

    def read_bytes(self) -> bytes:
        """Return the content."""
        with open_stored(str(self)) as stream:
            return stream.read()

    def read_text(self, encoding: str = "utf-8") -> str:
        """Return the content as text, as `pathlib.Path` does."""
        return self.open(encoding=encoding).read()

    def open(self, *, encoding: str = "utf-8", newline: str | None = None) -> IO[str]:
        """Open the content as text."""
        content = io.BytesIO(self.read_bytes())
        return io.TextIOWrapper(content, encoding=encoding, newline=newline)


# What layouts read: a folder here, in an archive or at an address.
Place = Path | StoredPath


def path_below(path: str, root: str) -> PurePosixPath | None:
    """Return the path of a clip below its data set's folder; None if it is elsewhere.

    Parameters
    ----------
    path, root : str
        Addresses, or members and their archive. Plain files are None, too.
    """
    home = f"{root}{SEPARATOR}" if is_archive(root) else f"{root.rstrip('/')}/"
    if not (is_archive(root) or SEPARATOR in root or is_remote(root)):
        return None
    return PurePosixPath(path[len(home) :]) if path.startswith(home) else None


def path_within(path: str, root: Place) -> PurePath | None:
    """Return the path of a clip in a folder of any kind; None if it is elsewhere.

    Parameters
    ----------
    path : str
        A file, a member or an address.
    root : pathlib.Path or StoredPath
        The folder.
    """
    if isinstance(root, StoredPath):
        return path_below(path, str(root))
    here = Path(path)
    return here.relative_to(root) if here.is_relative_to(root) else None
