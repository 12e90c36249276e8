"""List the audio files below a folder, in one order on every machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mfccclf.errors import DatasetError
from mfccclf.storage.stored_path import Place
from mfccclf.waveform.endings import SOUND_ENDINGS

__all__ = [
    "AudioTree",
    "is_hidden",
    "make_tree",
    "natural_key",
    "scan_folder",
]

# Left behind by archives of other systems. Hidden names are known by their dot.
_JUNK_FOLDERS = frozenset({"__MACOSX"})


@dataclass(frozen=True)
class AudioTree:
    """The files below a folder; every path is relative to ``root``.

    Parameters
    ----------
    root : Path or StoredPath
        The folder.
    clips : tuple of Path
        Files with an audio ending, in natural order.
    others : tuple of Path
        The other files that are not hidden, in natural order.
    folders_without_clips : tuple of Path, default=()
        Folders below which no clip lies, in natural order.
    """

    root: Place
    clips: tuple[Path, ...]
    others: tuple[Path, ...]
    folders_without_clips: tuple[Path, ...] = ()

    @property
    def folders(self) -> list[str]:
        """Names of the first-level folders that hold clips, in natural order."""
        return list(
            dict.fromkeys(clip.parts[0] for clip in self.clips if clip.parent.name)
        )


def scan_folder(root: Path) -> AudioTree:
    """List the files below a folder, without hidden ones.

    Parameters
    ----------
    root : Path
        The folder. Links to folders are followed, loops are not.

    Returns
    -------
    tree : AudioTree
        Clips, other files, and folders without clips.

    Raises
    ------
    DatasetError
        If a folder cannot be listed.
    """
    folders: list[Path] = []
    files = _in_order(_walk(root, frozenset(), folders), root)
    return make_tree(root, files, _in_order(folders, root))


def make_tree(root: Place, files: Sequence[Path], folders: Iterable[Path]) -> AudioTree:
    """Tell clips from other files, and folders with clips from those without.

    Parameters
    ----------
    root : Path or StoredPath
        The folder.
    files, folders : sequence of Path
        What it holds, relative to it, in order.

    Returns
    -------
    tree : AudioTree
        All of it.
    """
    clips = tuple(path for path in files if _is_audio(path))
    others = tuple(path for path in files if not _is_audio(path))
    with_clips = {folder for clip in clips for folder in clip.parents}
    bare = [path for path in folders if path not in with_clips]
    return AudioTree(
        root=root,
        clips=clips,
        others=others,
        folders_without_clips=tuple(path for path in bare if path.name),
    )


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder of this name is passed over."""
    return name.startswith(".") or name in _JUNK_FOLDERS


def natural_key(text: str) -> tuple[list[str | int], str]:
    """Return a sort key by which "take 2" comes before "take 10"."""
    # Text and digits alternate, so only like is compared with like.
    parts = re.split(r"(\d+)", text.casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], text


def _in_order(paths: Iterable[Path], root: Path) -> list[Path]:
    """Return paths relative to ``root``, in natural order."""
    ordered = sorted(paths, key=lambda path: natural_key(str(path)))
    return [path.relative_to(root) for path in ordered]


def _is_audio(path: Path) -> bool:
    return path.suffix.casefold() in SOUND_ENDINGS


def _walk(
    folder: Path, ancestors: frozenset[tuple[int, int]], folders: list[Path]
) -> Iterator[Path]:
    """Yield the files below a folder; note it and those below it in ``folders``."""
    try:
        status = folder.stat()
        entries = list(os.scandir(folder))
    except OSError as exc:
        raise DatasetError(
            f"Folder {folder} cannot be listed: {exc.strerror}. Allow reading it."
        ) from exc
    identity = (status.st_dev, status.st_ino)
    if identity in ancestors:
        return
    folders.append(folder)
    for entry in entries:
        if is_hidden(entry.name):
            continue
        if entry.is_dir():
            yield from _walk(folder / entry.name, ancestors | {identity}, folders)
        else:
            yield folder / entry.name
