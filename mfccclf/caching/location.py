"""The default folder of the cache, and its size limit."""

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
    """Return the default folder of the cache.

    Returns
    -------
    folder : pathlib.Path
        The environment variable ``MFCCCLF_CACHE`` if it is set, or else ``mfccclf`` in
        the user's folder for caches: ``XDG_CACHE_HOME`` or ``~/.cache``, on macOS
        ``~/Library/Caches``, on Windows ``LOCALAPPDATA``.

    Examples
    --------
    >>> from mfccclf.caching import default_folder
    >>> default_folder()  # doctest: +SKIP
    PosixPath('/home/me/.cache/mfccclf')
    """
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return _user_caches() / "mfccclf"


def size_limit() -> int:
    """Return the size limit of a cache: ``MFCCCLF_CACHE_SIZE``, or else 4 GB.

    Returns
    -------
    limit : int
        In bytes.

    Raises
    ------
    ValueError
        If the variable is set, but not to a size.

    Examples
    --------
    >>> from mfccclf.caching import size_limit
    >>> size_limit()  # doctest: +SKIP
    4000000000
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


def _user_caches() -> Path:
    xdg = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if xdg.is_absolute():  # the standard says to ignore a relative one
        return xdg
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    return home / ".cache"
