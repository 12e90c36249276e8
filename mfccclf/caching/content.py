"""The content of files, without reading unchanged files again."""

from __future__ import annotations

import hashlib
import os
import stat
import time
import zlib
from dataclasses import dataclass, replace
from os import PathLike

from mfccclf.storage.addresses import SEPARATOR, is_remote, is_stored, split_address
from mfccclf.storage.opening import home_version, open_bytes

__all__ = ["FileStamp", "hash_content", "hash_key"]

_DIGEST_SIZE = 20
_PIECE = 2**20

# A file may change twice within one tick of the file system's clock (2 s on FAT) and
# keep its times. So times younger than this prove nothing.
_SETTLED_S = 2.5


@dataclass(frozen=True)
class FileStamp:
    """The state of a file, which differs if the file has changed.

    Size and modification time are not enough: some programs set the time back (``cp
    -p``, ``touch -r``, ``rsync -t``). No program can set the time of change.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int
    version: str = ""

    @classmethod
    def of(cls, path: str | PathLike[str]) -> FileStamp | None:
        """Return a file's stamp; None if it is not a regular file that can be read.

        A member of an archive has the archive's stamp, and its own path. What lies at
        an address has the version that its file system states, if it states one.
        """
        text = os.fspath(path)
        if is_stored(text):
            home, member = split_address(text)
            if is_remote(home):
                version = home_version(home)
                return cls(text, 0, 0, 0, 0, 0, version) if version else None
            stamp = cls.of(home)
            inside = stamp and f"{stamp.path}{SEPARATOR}{member}"
            return replace(stamp, path=inside) if stamp and inside else None
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return cls(
            path=os.path.abspath(path),
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            ctime_ns=status.st_ctime_ns,
            inode=status.st_ino,
            device=status.st_dev,
        )

    @property
    def key(self) -> bytes:
        """The stamp as a short key."""
        numbers = (self.size, self.mtime_ns, self.ctime_ns, self.inode, self.device)
        text = os.fsencode(self.path) + b"\0" + repr(numbers).encode()
        text += self.version.encode()
        return hash_key(text)

    def has_changed(self) -> bool:
        """Tell whether the file has another stamp now."""
        return FileStamp.of(self.path) != self

    def is_settled(self) -> bool:
        """Tell whether the file was last changed so long ago that times prove it."""
        newest = max(self.mtime_ns, self.ctime_ns) / 1e9
        return abs(time.time() - newest) > _SETTLED_S


def hash_key(data: bytes) -> bytes:
    """Return a hash of some bytes, as a key of the cache."""
    return hashlib.blake2b(data, digest_size=_DIGEST_SIZE).digest()


def hash_content(path: str) -> bytes | None:
    """Return a hash of a file's content; None if it cannot be read."""
    try:
        with open_bytes(path) as file:
            hasher = hashlib.blake2b(digest_size=_DIGEST_SIZE)
            while piece := file.read(_PIECE):
                hasher.update(piece)
    except (OSError, EOFError, ValueError, zlib.error):  # or of a damaged archive
        return None
    return hasher.digest()
