"""Write model files: whole or not at all, and equal bytes for equal content."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from mfccclf._files import atomic_path
from mfccclf._hashing import hash_bytes
from mfccclf.errors import ModelFileError

__all__ = ["describe_members", "pack", "write_whole"]

# The earliest time that a zip can hold: equal content gives equal bytes at any time.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_PLAIN_FILE = 0o644 << 16


def describe_members(members: Mapping[str, bytes]) -> dict[str, dict[str, str | int]]:
    """Return the size in bytes and the SHA-256 of each member."""
    return {
        name: {"size": len(content), "sha256": hash_bytes(content)}
        for name, content in members.items()
    }


def pack(members: Mapping[str, bytes]) -> bytes:
    """Pack members into one zip, in their order and without compression.

    Weights hardly shrink, and compressed bytes would depend on the version of zlib.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _TIMESTAMP)
            info.create_system = _UNIX
            info.external_attr = _PLAIN_FILE
            archive.writestr(info, content)
    return buffer.getvalue()


def write_whole(path: str | PathLike[str], content: bytes) -> Path:
    """Write a file that no reader ever sees half written.

    Parameters
    ----------
    path : path-like
        File to write or to replace; its folder must exist.
    content : bytes
        Its whole content.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    ModelFileError
        If the file cannot be written. What was there before stays.
    """
    output = Path(path)
    if output.is_dir():
        raise ModelFileError(f"{output} is a folder. Give a file name in it.")
    if not output.parent.is_dir():
        raise ModelFileError(f"There is no folder {output.parent}. Make it first.")
    try:
        with atomic_path(output) as temporary, temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelFileError(
            f"{output} cannot be written ({reason}). Check the disk and permissions."
        ) from error
    return output
