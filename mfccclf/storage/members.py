"""What the members of an archive may be: told before any of them is read.

Nothing is ever written under a member's name. Names are checked all the same, because
an archive that has such names was not made by honest means, or not as its maker meant.
"""

from __future__ import annotations

import re

__all__ = ["MAX_SIZE", "clean_name", "expansion_fault", "name_fault"]

# Most bytes of one member; no clip of an hour needs more.
MAX_SIZE = 2**31
# Sound is hardly compressed by more than this, unless it is silence.
_MAX_EXPANSION, _EXPANDED = 250, 2**26

_DRIVE = re.compile(r"[A-Za-z]:")


def clean_name(name: str) -> str:
    """Return a member's name with "/" between its parts, and no part that is ".".

    Some programs for Windows have written backslashes between them.
    """
    parts = name.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", "."))


def name_fault(name: str) -> str | None:
    """Return what is wrong with a member's name, to follow it; None if nothing is."""
    plain = name.replace("\\", "/")
    if plain.startswith("/") or _DRIVE.match(plain):
        return "has an absolute path. Make the archive again, from inside its folder."
    if ".." in plain.split("/"):
        return "lies outside the archive ('..'). Make the archive again."
    if not name.isprintable():
        return "has a name with characters that cannot be printed. Rename it."
    return None


def expansion_fault(size: int, stored: int) -> str | None:
    """Return what is wrong with a member's size; None if nothing is.

    Parameters
    ----------
    size, stored : int
        Bytes that it is to have, and that it takes in the archive.
    """
    if size > MAX_SIZE:
        return (
            f"has {size / 1e9:.1f} GB, and at most {MAX_SIZE / 1e9:.1f} GB of one "
            "member are read. Unpack it, and cut it with 'mfccclf dataset cut'."
        )
    if size > _EXPANDED and size > _MAX_EXPANSION * stored:
        return (
            f"grows {size // max(stored, 1)}-fold when it is unpacked, as zip bombs "
            "do. It is not read."
        )
    return None
