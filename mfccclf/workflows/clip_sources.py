"""Training data that are made from a file of sources first."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from mfccclf._typing import Progress
from mfccclf.synthesis import build_clips

__all__ = ["build_if_sources"]

_SUFFIX = ".json"


def build_if_sources(
    data: str | PathLike[str],
    folder: str | PathLike[str],
    *,
    on_progress: Progress | None = None,
) -> str | PathLike[str]:
    """Build the clips of a file of sources; leave any other data alone.

    Parameters
    ----------
    data : str or path-like
        A file of sources (.json), as `mfccclf.synthesis.build_clips` reads it,
        or what `mfccclf.load_dataset` reads.
    folder : str or path-like
        Where the clips are built.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    data : str or path-like
        The table of the clips that were built, or ``data`` as given.

    Raises
    ------
    DatasetError, AudioFileError
        If the sources cannot be used.
    """
    if Path(data).suffix.lower() != _SUFFIX:
        return data
    built = build_clips(data, folder, on_progress=on_progress)
    return str(built.table)
