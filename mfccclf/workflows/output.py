"""Output files: bad paths are refused before the work, checkpoints are found."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from mfccclf._files import check_writable

__all__ = ["check_output", "find_checkpoint", "find_search_folder"]


def check_output(path: str | PathLike[str], *, suffix: str = ".mfccclf") -> Path:
    """Return a path that can be written, or raise before hours of work are wasted.

    Parameters
    ----------
    path : str or path-like
        File to write later.
    suffix : str, default=".mfccclf"
        Ending that the file must have.

    Returns
    -------
    path : pathlib.Path
        The same path.

    Raises
    ------
    ValueError
        If it has another ending.
    OSError
        If its folder does not exist, or the path is a folder.

    Examples
    --------
    >>> from mfccclf.workflows import check_output
    >>> check_output("mine.mfccclf").name
    'mine.mfccclf'
    """
    output = Path(path)
    if output.suffix.lower() != suffix:
        raise ValueError(
            f"The output {output} must end in {suffix}. Call it "
            f"{output.with_suffix(suffix).name}."
        )
    return check_writable(output)


def find_checkpoint(
    output: str | PathLike[str], *, resume: bool = False
) -> tuple[Path, bool]:
    """Return the file that keeps the state of a training until its model is saved.

    Parameters
    ----------
    output : str or path-like
        Model file to write later, ``MODEL.mfccclf``.
    resume : bool, default=False
        Whether an interrupted training is to be resumed. If not, an old checkpoint is
        removed.

    Returns
    -------
    checkpoint : pathlib.Path
        ``MODEL.checkpoint``.
    is_old : bool
        Whether an interrupted training had left one.

    Examples
    --------
    >>> from mfccclf.workflows import find_checkpoint
    >>> checkpoint, is_old = find_checkpoint("mine.mfccclf")
    >>> checkpoint.name
    'mine.checkpoint'
    """
    checkpoint = Path(output).with_suffix(".checkpoint")
    is_old = checkpoint.exists()
    if is_old and not resume:
        checkpoint.unlink()
    return checkpoint, is_old


def find_search_folder(output: str | PathLike[str]) -> tuple[Path, bool]:
    """Return the folder that keeps the finished fits of a search.

    Parameters
    ----------
    output : str or path-like
        Model file to write later, ``MODEL.mfccclf``.

    Returns
    -------
    folder : pathlib.Path
        ``MODEL.search``.
    has_fits : bool
        Whether an earlier search has left finished fits there.

    Examples
    --------
    >>> from mfccclf.workflows import find_search_folder
    >>> folder, found = find_search_folder("best.mfccclf")
    >>> folder.name
    'best.search'
    """
    from mfccclf.search.journal import FITS  # loads torch, which nothing else needs

    folder = Path(output).with_suffix(".search")
    return folder, (folder / FITS).exists()
