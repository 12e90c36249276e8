"""SHA-256 of files, texts and data, as hexadecimal digits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from os import PathLike
from typing import NamedTuple

__all__ = ["FileHash", "hash_bytes", "hash_file", "hash_pieces", "hash_text"]


class FileHash(NamedTuple):
    """What tells one file's content from another's.

    Attributes
    ----------
    size : int
        In bytes.
    sha256 : str
        64 hexadecimal digits.
    """

    size: int
    sha256: str


def hash_bytes(content: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8; odd bytes of file names are kept."""
    return hash_bytes(text.encode("utf-8", "surrogateescape"))


def hash_pieces(pieces: Iterable[bytes]) -> str:
    """Return the SHA-256 of pieces joined, holding one piece at a time."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def hash_file(path: str | PathLike[str]) -> FileHash:
    """Read a file block by block, and return its size and SHA-256.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    found : FileHash
        Size in bytes, and hash.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileHash(file.tell(), digest)
