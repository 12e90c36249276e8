"""The names of clips that are no files here: members of archives, and addresses.

``folder/clips.zip::yes/a.wav`` is a member of an archive, ``s3://bucket/a.wav`` an
address of fsspec, ``s3://bucket/clips.tar::yes/a.wav`` both. A file that exists by such
a name comes first.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

__all__ = [
    "ARCHIVE_ENDINGS",
    "SEPARATOR",
    "Address",
    "is_archive",
    "is_remote",
    "is_stored",
    "split_address",
]

SEPARATOR = "::"
ARCHIVE_ENDINGS = (
    *(".zip", ".tar", ".tar.gz", ".tgz"),
    *(".tar.bz2", ".tbz2", ".tar.xz", ".txz"),
)

_MEMBER = re.compile(
    rf"(.+?(?:{'|'.join(map(re.escape, ARCHIVE_ENDINGS))})){SEPARATOR}(.*)",
    re.IGNORECASE | re.DOTALL,
)
# "simplecache::s3://bucket/a.wav" is one address, of fsspec's chained kind.
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:::[A-Za-z][A-Za-z0-9+.-]+)*://")


class Address(NamedTuple):
    """Where the bytes of a clip are.

    Attributes
    ----------
    home : str
        A file, here or at an address of fsspec.
    member : str or None
        The part of it that is meant, if it is an archive.
    """

    home: str
    member: str | None


def is_remote(text: str) -> bool:
    """Tell whether a text is an address of fsspec, such as ``s3://bucket/a.wav``."""
    return "://" in text and _REMOTE.match(text) is not None


def is_archive(text: str) -> bool:
    """Tell whether a path or address ends as archives do."""
    return text.casefold().endswith(ARCHIVE_ENDINGS)


def is_stored(text: str) -> bool:
    """Tell whether a text names a member of an archive or an address, and no file."""
    if SEPARATOR not in text and "://" not in text:
        return False
    is_meant = is_remote(text) or _MEMBER.fullmatch(text) is not None
    return is_meant and not os.path.lexists(text)


def split_address(text: str) -> Address:
    """Return the parts of a text for which `is_stored` holds."""
    match = _MEMBER.fullmatch(text)
    return Address(match[1], match[2]) if match else Address(text, None)
