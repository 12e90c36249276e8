"""Output files: refuse a bad path before the work is spent."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from mfccclf._files import check_writable

__all__ = ["check_output"]


def check_output(path: str | PathLike[str], *, suffix: str = ".mfccclf") -> Path:
    """Return a path that can be written, or raise before hours of work are spent.

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
        If the ending is another one.
    OSError
        If the folder does not exist or the path is a folder.
    """
    output = Path(path)
    if output.suffix.lower() != suffix:
        raise ValueError(
            f"The output {output} must end in {suffix}. Call it "
            f"{output.with_suffix(suffix).name}."
        )
    return check_writable(output)
