"""The folder of a report: only an earlier report in it may be replaced."""

from __future__ import annotations

import json
import os
from os import PathLike
from pathlib import Path

from mfccclf._validation import argument_error

__all__ = ["FORMAT", "MANIFEST", "check_report_folder"]

MANIFEST = "report.json"
FORMAT = "mfccclf report"


def check_report_folder(folder: str | PathLike[str]) -> Path:
    """Return a folder that a report can be written to, or raise an error.

    Parameters
    ----------
    folder : path-like
        A new or empty folder, or one that holds an earlier report and nothing else.

    Returns
    -------
    folder : pathlib.Path
        The same folder, as an absolute path without links.

    Raises
    ------
    ValueError
        If the folder holds anything but an earlier report.
    FileNotFoundError, PermissionError
        If its parent folder is missing or not writable.
    """
    # Resolved, so that a link stays and the folder it points to is replaced.
    path = Path(folder).resolve()
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"The folder of the report {folder} does not exist. Make it first"
        )
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"The folder of the report {folder} is not writable")
    if path.exists() and not _is_replaceable(path):
        hint = "Choose another name, or remove it first."
        expected = "a new or empty folder, or an earlier report with nothing beside it"
        owner = "write_report"
        raise argument_error("folder", str(folder), expected, owner=owner, hint=hint)
    return path


def _is_replaceable(path: Path) -> bool:
    if not path.is_dir() or path == Path.cwd():
        return False
    found = {p.relative_to(path).as_posix() for p in path.rglob("*") if not p.is_dir()}
    return found <= _files_of_report(path)


def _files_of_report(path: Path) -> set[str]:
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
        if manifest["format"] == FORMAT:
            return {MANIFEST, *manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return set()
