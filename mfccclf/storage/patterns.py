"""Many archives by one name: ``train-{000..099}.tar``, ``s3://bucket/*.tar``."""

from __future__ import annotations

import glob
import math
import os
import re
from collections.abc import Iterator

from mfccclf.errors import StorageError
from mfccclf.storage.addresses import is_remote

__all__ = ["expand_pattern", "is_pattern"]

_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
_MOST = 1_000_000


def is_pattern(text: str) -> bool:
    """Tell whether a text stands for several files: braces, "*" or "?"."""
    meant = _BRACES.search(text) or "*" in text or ("?" in text and not _is_web(text))
    return bool(meant) and not os.path.lexists(text)


def expand_pattern(text: str) -> list[str]:
    """Return the paths or addresses that a pattern stands for, in order.

    Parameters
    ----------
    text : str
        "{000..099}" counts, with as many digits; "{a,b}" lists; "*" and "?" match.

    Raises
    ------
    StorageError
        If nothing matches, or it stands for more than a million.
    """
    if _count(text) > _MOST:
        raise StorageError(f"{text} stands for over {_MOST} files. Name fewer.")
    found: list[str] = []
    for one in _expand_braces(text):
        found += _match(one) if "*" in one or "?" in one else [one]
    if not found:
        raise StorageError(f"Nothing matches {text}. Check its spelling and folder.")
    return found


def _expand_braces(text: str) -> Iterator[str]:
    match = _BRACES.search(text)
    if match is None:
        yield text
        return
    for choice in _choices(match[1]):
        yield from _expand_braces(text[: match.start()] + choice + text[match.end() :])


def _count(text: str) -> int:
    return math.prod(_count_choices(inside) for inside in _BRACES.findall(text))


def _count_choices(inside: str) -> int:
    counted = _RANGE.fullmatch(inside)
    if counted is None:
        return inside.count(",") + 1
    return max(0, int(counted[2]) - int(counted[1]) + 1)


def _choices(inside: str) -> Iterator[str]:
    counted = _RANGE.fullmatch(inside)
    if counted is None:
        yield from inside.split(",")
        return
    first, last = counted.groups()
    for number in range(int(first), int(last) + 1):
        yield str(number).zfill(len(first))


def _match(pattern: str) -> list[str]:
    if is_remote(pattern):
        from mfccclf.storage.remote import match_remote

        return match_remote(pattern)
    return sorted(glob.glob(pattern))


def _is_web(text: str) -> bool:
    """Tell whether "?" begins a query."""
    return text.startswith(("http://", "https://"))
