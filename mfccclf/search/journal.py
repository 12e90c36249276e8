"""Finished fits on disk, so that an interrupted search can be resumed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from mfccclf._files import atomic_path
from mfccclf._hashing import hash_text

__all__ = ["FEATURES", "FITS", "Journal", "digest"]

# Prefix of the folders of features that a search makes beside its journal.
FEATURES = "features-"
# Where a journal keeps its records.
FITS = "fits.jsonl"
_LOCK = "lock"


def digest(value: object) -> str:
    """Return a hash of plain values, equal for equal values in any process.

    Parameters
    ----------
    value : object
        Dicts, lists, texts, numbers; of anything else, the ``repr`` counts.

    Returns
    -------
    digest : str
        32 hexadecimal digits.
    """
    text = json.dumps(value, sort_keys=True, default=repr)
    return hash_text(text)[:32]


class Journal:
    """A file of records, each on disk before the next is added.

    A line holds a record and its checksum. So a line that a crash cut short, or that
    was damaged, is recognised and left out.

    Parameters
    ----------
    folder : path-like
        Folder of the search; made when the journal is opened.
    identity : mapping
        Everything that scores depend on apart from a candidate and a fold: data,
        preset, seed, ... A journal with another identity cannot be resumed.
    resume : bool, default=False
        Whether to resume the search in the folder.

    Attributes
    ----------
    records : dict of str to dict
        The records by their key.
    n_found : int
        Number of records found on opening.

    Raises
    ------
    ValueError
        If the folder holds an unfinished search and ``resume`` is False, or another
        search, or if another process is writing to it.

    Examples
    --------
    >>> import tempfile
    >>> from mfccclf.search import Journal
    >>> folder = tempfile.mkdtemp()
    >>> with Journal(folder, identity={"seed": 0}) as journal:
    ...     journal.add("a", {"score": 0.9})
    >>> with Journal(folder, identity={"seed": 0}, resume=True) as journal:
    ...     journal.records
    {'a': {'score': 0.9}}
    """

    def __init__(
        self,
        folder: str | PathLike[str],
        *,
        identity: Mapping[str, Any],
        resume: bool = False,
    ) -> None:
        self.folder = Path(folder)
        self.identity = {name: digest(value) for name, value in identity.items()}
        self.resume = resume
        self.records: dict[str, dict[str, Any]] = {}
        self.n_found = 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Lock and open the file, and read the records of a search to resume."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock_file = open(self.folder / _LOCK, "wb")
        try:
            _lock(self._lock_file, self.folder)
            _remove_leftovers(self.folder)
            if not self._resume():
                self._start()
            self._file = open(self.folder / FITS, "ab")
        except BaseException:
            self._lock_file.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; another process may open it now."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock_file.close()

    def add(self, key: str, record: Mapping[str, Any]) -> None:
        """Append a record, and return when it is on disk."""
        self.records[key] = dict(record)
        self._append({"key": key, "record": record})

    def finish(self) -> None:
        """Note that the search is done, so that another may start in the folder."""
        self._append({"finished": True})

    def _append(self, content: Mapping[str, Any]) -> None:
        if self._file is None:
            raise ValueError("The journal is closed. Use it in a 'with' block.")
        self._file.write(_encode(content))
        self._file.flush()
        os.fsync(self._file.fileno())

    def _resume(self) -> bool:
        """Read the records of a search to resume; return False if there is none."""
        path = self.folder / FITS
        data = path.read_bytes() if path.exists() else b""
        lines = [_decode(line) for line in data.split(b"\n")]
        contents = [content for content in lines if content is not None]
        found = {c["key"]: c["record"] for c in contents if "key" in c}
        if found and not self.resume and not contents[-1].get("finished"):
            raise ValueError(
                f"{self.folder} holds {len(found)} finished fit(s) of an interrupted "
                "search. Add --resume (resume=True) to continue it, or remove the "
                "folder to start again."
            )
        if not found or not self.resume:
            return False
        self._check_identity(contents)
        self.records, self.n_found = found, len(found)
        if not data.endswith(b"\n"):  # a last line that was cut short
            os.truncate(path, data.rfind(b"\n") + 1)
        return True

    def _start(self) -> None:
        with atomic_path(self.folder / FITS) as temporary:
            temporary.write_bytes(_encode({"identity": self.identity}))

    def _check_identity(self, contents: list[dict[str, Any]]) -> None:
        empty: dict[str, str] = {}
        there = next((c["identity"] for c in contents if "identity" in c), empty)
        changed = [k for k, v in self.identity.items() if there.get(k) != v]
        if changed:
            raise ValueError(
                f"{self.folder} holds the fits of another search. It differs in "
                f"{', '.join(changed)}. Use what it was started with, or remove the "
                "folder to start again."
            )


def _remove_leftovers(folder: Path) -> None:
    """Remove unfinished files of a process that was killed."""
    for path in folder.glob(".*"):
        path.unlink()
    for path in folder.glob(FEATURES + "*"):
        shutil.rmtree(path, ignore_errors=True)


def _encode(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, sort_keys=True, default=str)
    return f"{_checksum(text)} {text}\n".encode()


def _decode(line: bytes) -> dict[str, Any] | None:
    try:
        checksum, _, text = line.decode().partition(" ")
    except UnicodeDecodeError:
        return None
    if checksum != _checksum(text):
        return None
    content: dict[str, Any] = json.loads(text)
    return content


def _checksum(text: str) -> str:
    return hash_text(text)[:16]


def _lock(file: IO[bytes], folder: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows has no such lock
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ValueError(
            f"Another search is writing to {folder}. Wait for it, or give another "
            "output."
        ) from error
