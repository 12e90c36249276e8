"""Archives of made-up clips, for tests."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile

__all__ = ["make_clip_bytes", "make_tar", "make_zip", "pack"]


def make_clip_bytes(frequency: float = 440.0, *, format: str = "WAV") -> bytes:
    """Return half a second of a tone as a file at 8 kHz."""
    tone = 0.5 * np.sin(2 * np.pi * frequency * np.arange(4000) / 8000)
    file = io.BytesIO()
    soundfile.write(file, tone, 8000, format=format)
    return file.getvalue()


def make_zip(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write a zip archive of members by their names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write a tar archive, compressed as its name says."""
    ending = path.suffix.removeprefix(".").replace("tgz", "gz")
    with tarfile.open(path, "w" if ending == "tar" else f"w:{ending}") as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def pack(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write an archive of the kind that its name says."""
    make = make_zip if path.suffix == ".zip" else make_tar
    return make(path, members)
