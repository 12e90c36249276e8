"""Features on disk, keyed by a file's content and the feature parameters."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._validation import check_int
from mfccclf.caching.content import FileStamp, hash_content, hash_key
from mfccclf.caching.database import database_size
from mfccclf.caching.location import default_folder, size_limit
from mfccclf.caching.records import pack_sequence, unpack_sequence
from mfccclf.caching.store import (
    Store,
    add_database,
    find_databases,
    remove_database,
)
from mfccclf.waveform.stretches import Stretch, find_stretch, recording_of

__all__ = ["CacheInfo", "CachedFile", "FeatureCache"]

_SMALLEST = 1024**2
_FEATURES, _FILES = b"features", b"files"

# A process must not open LMDB twice, nor keep it open across a fork. So there is one
# store per process and folder, which every extractor and its clones share, and all
# stores are closed before a fork.
_STORES: dict[tuple[int, Path], Store] = {}
_STORES_GUARD = threading.Lock()


def _suspend_stores() -> None:
    _STORES_GUARD.acquire()
    for store in _STORES.values():
        store.suspend()


def _resume_stores() -> None:
    for store in _STORES.values():
        store.resume()
    _STORES_GUARD.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_suspend_stores,
        after_in_parent=_resume_stores,
        after_in_child=_resume_stores,
    )


@dataclass(frozen=True, kw_only=True)
class CacheInfo:
    """Content and size of a feature cache.

    Attributes
    ----------
    folder : pathlib.Path
        Its folder.
    n_sequences : int
        Sequences in it, one per file content and set of parameters.
    n_bytes : int
        Bytes on disk.
    max_bytes : int
        Bytes that it may grow to; then its oldest quarter is removed.
    """

    folder: Path
    n_sequences: int
    n_bytes: int
    max_bytes: int


@dataclass(frozen=True)
class CachedFile:
    """A file, and the key of its features.

    Attributes
    ----------
    stamp : FileStamp
        State of the file when its content was read.
    key : bytes
        Key of the content with the parameters.
    """

    stamp: FileStamp
    key: bytes


class FeatureCache:
    """Sequences of features on disk, keyed by file content and all feature parameters.

    Many processes may use one cache at once. A file that has changed is not found; a
    copy under another name is. A damaged cache is replaced, and a cache that cannot be
    used is ignored: both give one `CacheWarning`, never an error. The folder must be on
    a local disk.

    Parameters
    ----------
    folder : path-like or None, default=None
        Its folder. None means the environment variable ``MFCCCLF_CACHE``, or else the
        user's folder for caches.
    max_bytes : int or None, default=None
        Size that it may grow to; then its oldest quarter is removed. None means the
        environment variable ``MFCCCLF_CACHE_SIZE`` (such as "500MB"), or else 4 GB.

    Examples
    --------
    >>> import tempfile
    >>> from mfccclf import FeatureCache
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     FeatureCache(folder).info().n_sequences
    0
    """

    def __init__(
        self,
        folder: str | PathLike[str] | None = None,
        *,
        max_bytes: int | None = None,
    ) -> None:
        chosen = default_folder() if folder is None else Path(folder).expanduser()
        self.folder = Path(os.path.realpath(chosen))
        self.max_bytes = (
            size_limit()
            if max_bytes is None
            else check_int("max_bytes", max_bytes, minimum=_SMALLEST, owner=self)
        )

    def info(self) -> CacheInfo:
        """Return content and size of the cache; a missing folder is an empty cache."""
        databases = find_databases(self.folder)
        return CacheInfo(
            folder=self.folder,
            n_sequences=self._store.count(_FEATURES) if databases else 0,
            n_bytes=sum(map(database_size, databases.values())),
            max_bytes=self.max_bytes,
        )

    def clear(self) -> None:
        """Remove all features, but no other files in the folder.

        Raises
        ------
        OSError
            If the folder cannot be changed.
        """
        databases = find_databases(self.folder)
        if not databases:
            return
        store = self._store
        store.suspend()
        try:
            add_database(self.folder)
            for path in databases.values():
                remove_database(path)
        finally:
            store.resume()

    def identify(
        self, paths: Sequence[str | PathLike[str]], parameters: Mapping[str, Any]
    ) -> list[CachedFile | None]:
        """Identify files by content, reading only those that may have changed.

        Parameters
        ----------
        paths : sequence of path-like
            The files, or stretches of them.
        parameters : mapping
            Everything but the content that features depend on, as plain values.

        Returns
        -------
        files : list of CachedFile or None
            One per path; None if it is not a readable regular file.
        """
        stretches = [find_stretch(path) for path in paths]
        stamps = [FileStamp.of(recording_of(path)) for path in paths]
        contents = self._contents(stamp for stamp in stamps if stamp is not None)
        text = json.dumps(parameters, sort_keys=True).encode()

        def make_key(content: bytes, stretch: Stretch | None) -> bytes:
            times = b"" if stretch is None else stretch.times.encode()
            return hash_key(content + text + times)

        return [
            CachedFile(stamp, make_key(contents[stamp], stretch))
            if stamp is not None and stamp in contents
            else None
            for stamp, stretch in zip(stamps, stretches, strict=True)
        ]

    def get(self, keys: Iterable[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Return the sequences of the keys that are in the cache."""
        records = self._store.get(_FEATURES, keys)
        return {key: unpack_sequence(record) for key, record in records.items()}

    def put(self, sequences: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Add sequences under their keys."""
        records = {key: pack_sequence(array) for key, array in sequences.items()}
        self._store.put({_FEATURES: records})

    def claim(self, keys: Iterable[bytes]) -> set[bytes]:
        """Claim the keys that nobody else has claimed, and return them."""
        return self._store.claim(keys)

    def release(self, keys: Iterable[bytes]) -> None:
        """Release claims."""
        self._store.release(keys)

    def _contents(self, stamps: Iterable[FileStamp]) -> dict[FileStamp, bytes]:
        """Return the hashes of files, reading only those that may have changed."""
        keys = {stamp: stamp.key for stamp in stamps}
        settled = {stamp for stamp in keys if stamp.is_settled()}
        known = self._store.get(_FILES, (keys[stamp] for stamp in settled))
        contents, fresh = {}, {}
        for stamp, key in keys.items():
            content = known.get(key) or hash_content(stamp.path)
            if content is None or (key not in known and stamp.has_changed()):
                continue
            contents[stamp] = content
            if stamp in settled and key not in known:
                fresh[key] = content
        self._store.put({_FILES: fresh})
        return contents

    @property
    def _store(self) -> Store:
        home = (os.getpid(), self.folder)
        with _STORES_GUARD:
            if home not in _STORES:
                _STORES[home] = Store(self.folder, max_bytes=self.max_bytes)
            return _STORES[home]
