"""The folder of a report: only an earlier report in it may be replaced."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path

from mfccclf._files import check_replaceable_folder

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

    Examples
    --------
    >>> from mfccclf.report import check_report_folder
    >>> check_report_folder("new-report").name
    'new-report'
    """
    return check_replaceable_folder(
        folder, kind="report", files_of=_files_of_report, owner="write_report"
    )


def _files_of_report(path: Path) -> set[str]:
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
        if manifest["format"] == FORMAT:
            return {MANIFEST, *manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return set()
