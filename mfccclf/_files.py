"""Write files and folders whole or not at all.

What is being written stands under a hidden name and is locked. A process that is killed
leaves it behind, unlocked, and the next one that writes the same output removes it.
"""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path

from mfccclf._validation import argument_error
from mfccclf.errors import DatasetError

__all__ = [
    "atomic_folder",
    "atomic_path",
    "check_replaceable_folder",
    "check_writable",
    "filled_folder",
    "make_empty_folder",
    "sweep_all_remains",
    "sweep_remains",
]

# Seconds in which something new may not be locked yet.
_NEW_S = 1.0
_UNFINISHED = ".unfinished-"
# What `tempfile` puts behind the prefix.
_RANDOM = "[a-z0-9_]" * 8


@contextmanager
def atomic_path(path: str | PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that replaces it at the end.

    Yields
    ------
    temporary : pathlib.Path
        Write here. If the block raises, it is removed and ``path`` is untouched.
    """
    output = Path(path)
    handle, name = tempfile.mkstemp(
        dir=output.parent, prefix=f".{output.stem}-", suffix=output.suffix
    )
    os.close(handle)
    temporary = Path(name)
    try:
        with _locked(temporary):
            yield temporary
        temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, output)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_folder(path: str | PathLike[str]) -> Iterator[Path]:
    """Yield a temporary folder beside ``path`` that replaces it at the end.

    Anything that was at ``path`` is removed: check first that it may be.

    Yields
    ------
    temporary : pathlib.Path
        Write into it. If the block raises, it is removed and ``path`` is untouched.
    """
    output = Path(path)
    sweep_remains(output)
    temporary = Path(tempfile.mkdtemp(dir=output.parent, prefix=f".{output.name}-"))
    try:
        with _locked(temporary):
            yield temporary
        temporary.chmod(0o777 & ~_umask())
        _take_place(temporary, output)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


@contextmanager
def filled_folder(path: str | PathLike[str]) -> Iterator[Path]:
    """Yield a temporary folder inside ``path`` whose content moves up at the end.

    For an existing, empty folder, which may be the current one.

    Yields
    ------
    temporary : pathlib.Path
        Write into it. If the block raises, it is removed and ``path`` is empty again.
    """
    output = Path(path)
    with (
        tempfile.TemporaryDirectory(dir=output, prefix=_UNFINISHED) as name,
        _locked(Path(name)),
    ):
        yield Path(name)
        for item in sorted(Path(name).iterdir()):
            os.replace(item, output / item.name)


def make_empty_folder(path: str | PathLike[str]) -> Path:
    """Create a folder for a data set, or accept an existing one that is empty.

    What a killed run has left in it is removed.

    Parameters
    ----------
    path : path-like
        The folder.

    Returns
    -------
    folder : pathlib.Path
        The folder, with ``~`` expanded.

    Raises
    ------
    DatasetError
        If it cannot be created, or is not empty.
    """
    folder = Path(path).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder.glob(f"{_UNFINISHED}{_RANDOM}"))
        found = next(folder.iterdir(), None)
    except OSError as error:
        raise DatasetError(
            f"Folder {folder} cannot be made ({error.strerror}). Name another."
        ) from error
    if found is not None:
        raise DatasetError(
            f"Folder {folder} is not empty: it holds {found.name}. Name a new folder."
        )
    return folder


def _take_place(temporary: Path, output: Path) -> None:
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".old-") as attic:
        old = Path(attic) / output.name
        if output.exists():
            os.replace(output, old)
        try:
            os.replace(temporary, output)
        except BaseException:
            if old.exists():
                os.replace(old, output)
            raise


def check_replaceable_folder(
    folder: str | PathLike[str],
    *,
    kind: str,
    files_of: Callable[[Path], set[str]],
    owner: object,
) -> Path:
    """Return a folder that can be written as a whole, or raise an error.

    Parameters
    ----------
    folder : path-like
        A new or empty folder, or one that holds an earlier result and nothing else.
    kind : str
        What an error calls the result.
    files_of : callable
        From a folder to the files, relative to it, that belong to an earlier result
        there; empty if there is none.
    owner : object
        What an error says the parameter belongs to.

    Returns
    -------
    folder : pathlib.Path
        The same folder, as an absolute path without links.

    Raises
    ------
    ValueError
        If the folder holds anything else.
    FileNotFoundError, PermissionError
        If its parent folder is missing or not writable.
    """
    # Resolved, so that a link stays and the folder it points to is replaced.
    path = Path(folder).resolve()
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"The folder of the {kind} {folder} does not exist. Make it first"
        )
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(
            f"The folder of the {kind} {folder} cannot be written to. "
            "Change its permissions, or name another folder"
        )
    if path.exists() and not _is_replaceable(path, files_of):
        hint = "Choose another name, or remove it first."
        expected = f"a new or empty folder, or an earlier {kind} with nothing beside it"
        raise argument_error("folder", str(folder), expected, owner=owner, hint=hint)
    return path


def _is_replaceable(path: Path, files_of: Callable[[Path], set[str]]) -> bool:
    if not path.is_dir() or path == Path.cwd():
        return False
    found = {p.relative_to(path).as_posix() for p in path.rglob("*") if not p.is_dir()}
    return found <= files_of(path)


def check_writable(path: str | PathLike[str]) -> Path:
    """Return a path that can be written, or raise before any work is done.

    What a killed run has left beside it is removed.

    Raises
    ------
    OSError
        If the folder does not exist or may not be written, or the path is a folder.
    """
    output = Path(path)
    if output.is_dir():
        raise IsADirectoryError(f"The output {output} is a folder. Name a file")
    if not output.parent.is_dir():
        raise FileNotFoundError(
            f"The folder of the output {output} does not exist. Make it first"
        )
    if not os.access(output.parent, os.W_OK):
        raise PermissionError(
            f"The folder of the output {output} cannot be written to. "
            "Change its permissions, or name another folder"
        )
    sweep_remains(output)
    return output


def sweep_remains(path: str | PathLike[str]) -> None:
    """Remove what killed processes have left of an output, which may not be there.

    Parameters
    ----------
    path : path-like
        File or folder that they would have written.
    """
    output = Path(path)
    stem, name = glob.escape(output.stem), glob.escape(output.name)
    suffix = glob.escape(output.suffix)
    _sweep(output.parent.glob(f".{stem}-{_RANDOM}{suffix}"))
    _sweep(output.parent.glob(f".{name}-{_RANDOM}"))


def sweep_all_remains(folder: Path) -> None:
    """Remove what killed processes have left of any file in a folder of ours."""
    _sweep(folder.glob(f".?*-{_RANDOM}.*"))


def _sweep(remains: Iterator[Path]) -> None:
    """Remove files and folders that nobody is writing any more."""
    for path in filter(_is_abandoned, list(remains)):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Lock a file or folder while the block runs, where the system knows locks."""
    if os.name != "posix":
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """Lock an open file or folder; return whether nobody else has."""
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # locked, or on a disk without locks
        return False
    return True


def _is_abandoned(path: Path) -> bool:
    """Return whether the process that was writing is gone, as far as can be told."""
    if os.name != "posix":
        return False
    try:
        # A new one may not be locked yet.
        if time.time() - path.lstat().st_mtime < _NEW_S:
            return False
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return _lock(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    """Return the user's mask for new files, which ``mkstemp`` ignores."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
