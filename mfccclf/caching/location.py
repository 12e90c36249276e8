"""Where the cache lies by default, and how large it may grow."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

__all__ = ["FOLDER_VARIABLE", "SIZE_VARIABLE", "default_folder", "size_limit"]

FOLDER_VARIABLE = "MFCCCLF_CACHE"
SIZE_VARIABLE = "MFCCCLF_CACHE_SIZE"

_DEFAULT_SIZE = "4GB"
_SMALLEST = 8 * 1024**2
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}


def default_folder() -> Path:
    """Return the folder of the cache where none is named.

    Returns
    -------
    folder : pathlib.Path
        What the environment variable ``MFCCCLF_CACHE`` says, else ``mfccclf`` in the
        user's folder for caches: ``XDG_CACHE_HOME`` or ``~/.cache``, on macOS
        ``~/Library/Caches``, on Windows ``LOCALAPPDATA``.
    """
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return _caches_of_the_user() / "mfccclf"


def size_limit() -> int:
    """Return how many bytes a cache may take: ``MFCCCLF_CACHE_SIZE``, else 4 GB.

    Returns
    -------
    limit : int
        In bytes.

    Raises
    ------
    ValueError
        If the variable is set to something that is no size.
    """
    text = os.environ.get(SIZE_VARIABLE) or _DEFAULT_SIZE
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", text.strip().upper())
    size = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if size < _SMALLEST:
        raise ValueError(
            f"The environment variable {SIZE_VARIABLE} must be a size of 8 MB or more, "
            f"such as 500MB or 4GB. Got {text!r} instead."
        )
    return int(size)


def _caches_of_the_user() -> Path:
    xdg = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if xdg.is_absolute():  # the standard says to ignore a relative one
        return xdg
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    return home / ".cache"
