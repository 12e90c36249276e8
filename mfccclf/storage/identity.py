"""What tells the content of one clip from that of another, wherever it lies."""

from __future__ import annotations

import os

from mfccclf._hashing import FileHash, hash_file, hash_pieces, hash_text
from mfccclf.errors import StorageError
from mfccclf.storage.addresses import SEPARATOR, is_remote, is_stored, split_address
from mfccclf.storage.opening import find_member, home_version, open_stored

__all__ = ["clip_size", "hash_clip", "is_at_hand", "stored_problem"]

_PIECE = 2**20


def is_at_hand(path: str) -> bool:
    """Tell whether a clip is a file here, or a member of an archive here."""
    if not is_stored(path):
        return os.path.isfile(path)
    home, member = split_address(path)
    return member is not None and not is_remote(home) and stored_problem(path) is None


def stored_problem(path: str) -> str | None:
    """Return why a member of an archive here cannot be read; None if it can.

    What lies at an address is not looked at.

    Parameters
    ----------
    path : str
        For which `is_stored` holds.
    """
    home, member = split_address(path)
    if member is None or is_remote(home):
        return None
    try:
        find_member(path)
    except StorageError as exc:
        return str(exc)
    return None


def clip_size(path: str) -> int:
    """Return the bytes of a clip that is at hand."""
    if not is_stored(path):
        return os.path.getsize(path)
    archive, member = find_member(path)
    return archive.sizes[member]


def hash_clip(path: str) -> FileHash:
    """Return the size and the SHA-256 of a clip's content.

    Of what lies at an address, the version that its file system states stands for the
    content, with the size 0: otherwise everything would be read once more.

    Parameters
    ----------
    path : str
        A file, a member of an archive, or an address.

    Raises
    ------
    OSError
        If it cannot be read; a `StorageError` if it is no file here.
    """
    if not is_stored(path):
        return hash_file(path)
    home, member = split_address(path)
    version = home_version(home) if is_remote(home) else None
    if version is not None:
        return FileHash(0, hash_text(f"{version}{SEPARATOR}{member}"))
    sizes: list[int] = []
    with open_stored(path) as stream:
        pieces = iter(lambda: stream.read(_PIECE), b"")
        content = hash_pieces(_count(piece, sizes) for piece in pieces)
    return FileHash(sum(sizes), content)


def _count(piece: bytes, sizes: list[int]) -> bytes:
    sizes.append(len(piece))
    return piece
