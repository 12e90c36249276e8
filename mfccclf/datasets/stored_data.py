"""Data sets that are no folder here: archives, shards, folders at addresses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, takewhile
from os import PathLike
from pathlib import Path, PurePosixPath

from mfccclf.datasets.files import (
    AudioTree,
    is_hidden,
    make_tree,
    natural_key,
    scan_folder,
)
from mfccclf.datasets.problems import Problems
from mfccclf.datasets.splits import canonical_split
from mfccclf.errors import DatasetError, StorageError
from mfccclf.storage.addresses import SEPARATOR, is_archive, is_remote, is_stored
from mfccclf.storage.opening import open_archive
from mfccclf.storage.patterns import expand_pattern, is_pattern
from mfccclf.storage.stored_path import Place, StoredPath
from mfccclf.waveform.endings import SOUND_ENDINGS

__all__ = ["StoredData", "find_sounds", "find_stored", "scan_stored", "split_of_shard"]

_TABLES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class StoredData:
    """A data set that is no folder here.

    Attributes
    ----------
    text : str
        What names it.
    places : tuple of StoredPath
        The archives, the folder or the table that it consists of.
    """

    text: str
    places: tuple[StoredPath, ...]

    def __str__(self) -> str:
        """Return what names it."""
        return self.text

    @property
    def name(self) -> str:
        """The last part of what names it."""
        return PurePosixPath(self.text.replace(os.sep, "/")).name

    @property
    def table(self) -> StoredPath | None:
        """The table of clips, if it is one."""
        first = self.places[0]
        return first if first.suffix.casefold() in _TABLES else None

    @property
    def root(self) -> Place:
        """The archive, or the folder that the archives are in."""
        if len(self.places) == 1:
            return self.table.parent if self.table else self.places[0]
        homes = [place.home for place in self.places]
        paths = [home.replace(os.sep, "/").split("/") for home in homes]
        levels = zip(*paths, strict=False)
        shared = takewhile(lambda names: len({*names}) == 1, levels)
        folder = "/".join(names[0] for names in shared)
        return StoredPath(folder) if is_remote(folder) else Path(folder)


def find_stored(data: str | PathLike[str]) -> StoredData | None:
    """Return the data set that an archive, a pattern or an address names.

    Parameters
    ----------
    data : path-like
        What `mfccclf.load_dataset` reads. A folder is meant by its archives if it holds
        no sound files beside them.

    Returns
    -------
    stored : StoredData or None
        None for a folder of clips or a table here.

    Raises
    ------
    DatasetError
        If it does not exist or cannot be read.
    """
    text = os.path.expanduser(os.fspath(data))
    try:
        places = _find_places(text)
        if len(places) == 1 and is_archive(places[0].home):
            places = [_inner_folder(places[0])]
    except StorageError as exc:
        raise DatasetError(str(exc)) from exc
    return StoredData(text, tuple(places)) if places else None


def find_sounds(stored: StoredData) -> list[str]:
    """Return every sound file of archives, or of a folder at an address.

    Raises
    ------
    DatasetError
        If there is none, or one cannot be read.
    """
    problems = Problems(str(stored))
    trees = list(scan_stored(stored, problems))
    problems.finish()
    found = [str(tree.root / clip) for tree in trees for clip in tree.clips]
    if not found:
        raise DatasetError(f"{stored} holds no sound files. Name others.")
    return found


def scan_stored(stored: StoredData, problems: Problems) -> Iterator[AudioTree]:
    """Yield what each archive holds, or what the folder at an address holds.

    Parameters
    ----------
    stored : StoredData
        Not a table.
    problems : Problems
        Takes the members that cannot be read, each with its archive.

    Raises
    ------
    DatasetError
        If an archive or address cannot be read.
    """
    for place in stored.places:
        try:
            packed = is_archive(place.home)
            yield _scan_archive(place, problems) if packed else _scan_remote(place)
        except StorageError as exc:
            raise DatasetError(str(exc)) from exc


def split_of_shard(home: str) -> str | None:
    """Return the split that an archive's name begins with, or its folder's is.

    Such as "train" for ``train-0001.tar`` and ``train/0001.tar``.
    """
    path = PurePosixPath(home.replace(os.sep, "/"))
    word = re.match("_?[A-Za-z]*", path.name)
    named = canonical_split(word[0]) if word else None
    return named or canonical_split(path.parent.name)


def _find_places(text: str) -> list[StoredPath]:
    if is_pattern(text):
        return [_checked_archive(one, text) for one in expand_pattern(text)]
    if is_archive(text) and (is_remote(text) or os.path.isfile(text)):
        return [StoredPath(text)]
    if is_stored(text):
        place = StoredPath.of(text)
        if place.separator == SEPARATOR or place.suffix.casefold() in _TABLES:
            return [place]
        return _find_remote(text.rstrip("/"))
    return _find_shards(text) if os.path.isdir(text) else []


def _checked_archive(path: str, pattern: str) -> StoredPath:
    if not is_archive(path):
        raise StorageError(
            f"{pattern} stands for {path}, which is no archive. Name .tar or .zip "
            "files."
        )
    return StoredPath(path)


def _find_shards(folder: str) -> list[StoredPath]:
    """Return the archives of a folder here, if it has no sound files beside them."""
    names = sorted(os.listdir(folder), key=natural_key)
    paths = [os.path.join(folder, name) for name in names if not is_hidden(name)]
    nearby = chain(paths, *(_archives_in(path) for path in paths))
    if not any(is_archive(path) for path in nearby):
        return []
    tree = scan_folder(Path(folder))
    if tree.clips:
        return []
    return [StoredPath(str(tree.root / path)) for path in tree.others if _packs(path)]


def _archives_in(path: str) -> list[str]:
    if not os.path.isdir(path):
        return []
    return [os.path.join(path, name) for name in os.listdir(path)]


def _find_remote(address: str) -> list[StoredPath]:
    """Return the archives of a folder at an address, or the folder itself."""
    from mfccclf.storage.remote import is_folder, list_remote

    if not is_folder(address):
        raise StorageError(
            f"{address} is a file. Name a folder, an archive (.zip, .tar), or a CSV "
            "file with the columns path and label."
        )
    archives = []
    for found in list_remote(address):
        path = PurePosixPath(found.name)
        if any(map(is_hidden, path.parts)):
            continue
        if path.suffix.casefold() in SOUND_ENDINGS:
            return [StoredPath(address)]
        if is_archive(found.name):
            archives.append(StoredPath(f"{address}/{found.name}"))
    return archives or [StoredPath(address)]


def _packs(path: Path) -> bool:
    return is_archive(path.name)


def _inner_folder(place: StoredPath) -> StoredPath:
    """Go into the one folder that an archive made of a folder has, and so on."""
    while not place.suffix or place.suffix.casefold() not in _TABLES:
        names = _names_below(place, open_archive(place.home).sizes)
        tops = {name.partition("/")[::2] for name in names}
        folders = {top for top, rest in tops if rest}
        if len(folders) != 1 or any(not rest for _, rest in tops):
            return place
        place = place / folders.pop()
    return place


def _names_below(place: StoredPath, names: Iterable[str]) -> list[str]:
    """Return the names of what lies below a folder of an archive, hidden ones aside."""
    top = f"{place.inner}/" if place.inner.parts else ""
    inside = [name[len(top) :] for name in names if name.startswith(top)]
    return [name for name in inside if not any(map(is_hidden, name.split("/")))]


def _scan_archive(place: StoredPath, problems: Problems) -> AudioTree:
    archive = open_archive(place.home)
    for name, fault in archive.faults.items():
        if not any(is_hidden(part) and part != ".." for part in name.split("/")):
            at = f"{place.home}{SEPARATOR}{name}" if name else place.home
            problems.add(f"{at} {fault}")
    # In the archive's order, in which it is read fastest.
    files = [Path(name) for name in _names_below(place, archive.sizes)]
    folders = [Path(name) for name in _names_below(place, archive.folders)]
    return make_tree(place, files, _all_folders(files, folders))


def _scan_remote(place: StoredPath) -> AudioTree:
    from mfccclf.storage.remote import list_remote

    names = [found.name for found in list_remote(str(place))]
    shown = [name for name in names if not any(map(is_hidden, name.split("/")))]
    files = [Path(name) for name in sorted(shown, key=natural_key)]
    return make_tree(place, files, _all_folders(files, []))


def _all_folders(files: list[Path], folders: list[Path]) -> list[Path]:
    found = {parent for path in files for parent in path.parents} | {*folders}
    return sorted(found, key=lambda path: natural_key(str(path)))
