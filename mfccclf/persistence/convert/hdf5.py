"""Read arrays from HDF5 files of strangers, and nothing but what is in them.

HDF5 can point to other files: by links, and by data sets whose numbers are stored
elsewhere. None of that is followed.
"""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf.errors import MissingExtraError
from mfccclf.prediction.model_config import fail

__all__ = ["Room", "find", "open_hdf5", "read_array"]

_SIZE_LIMIT = 2**30
# Bytes of all arrays together; one may be named more than once.
_SUM_LIMIT = 2**31
# Bytes of an array for each byte that is stored: compressed weights shrink little.
_MOST_EXPANSION = 1000


def open_hdf5(content: bytes, name: str) -> AbstractContextManager[Any]:
    """Open an HDF5 file in memory.

    Parameters
    ----------
    content : bytes
        The whole file.
    name : str
        What to call it in messages.

    Returns
    -------
    file : h5py.File
        To be used in a ``with`` statement.

    Raises
    ------
    ModelFileError
        If it is damaged.
    MissingExtraError
        If h5py is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError(
            "Keras files need h5py. Install it: pip install 'mfccclf[keras]'."
        ) from error
    try:
        file: AbstractContextManager[Any] = h5py.File(io.BytesIO(content), "r")
    except Exception as error:  # damaged files make h5py raise many kinds
        fail(name, "is not a valid HDF5 file", "Save the weights again.", error)
    return file


def find(group: Any, path: str) -> Any:
    """Return what stands at a path below a group; None if there is nothing.

    Raises
    ------
    ValueError
        If there is a link on the way.
    """
    import h5py

    for part in filter(None, path.split("/")):
        if not isinstance(group, h5py.Group):
            return None
        link = group.get(part, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise ValueError(f"{path!r} is a link, which is not followed")
        group = group[part]
    return group


class Room:
    """How many bytes the arrays of a file may still take."""

    def __init__(self, n_bytes: int = _SUM_LIMIT) -> None:
        self._left = n_bytes

    def take(self, n_bytes: int) -> None:
        """Make the room smaller; raise `ValueError` if there is too little."""
        self._left -= n_bytes
        if self._left < 0:
            raise ValueError("arrays that are absurdly large together")


def read_array(group: Any, path: str, room: Room) -> NDArray[np.float32]:
    """Read an array of numbers.

    Parameters
    ----------
    group : h5py.Group
        Where to begin.
    path : str
        The array's name below the group.
    room : Room
        What all arrays of the file may take.

    Raises
    ------
    KeyError, ValueError
        If there is none, or it is not stored in the file itself, or too large.
    """
    import h5py

    dataset = find(group, path)
    if not isinstance(dataset, h5py.Dataset):
        raise KeyError(path)
    if dataset.external or dataset.is_virtual:
        raise ValueError(f"{path!r} is stored in other files, which are not read")
    if dataset.dtype.kind not in "fiu" or dataset.shape is None:
        raise ValueError(f"{path!r} is no array of numbers")
    n_bytes = dataset.size * dataset.dtype.itemsize
    stored = dataset.id.get_storage_size() * _MOST_EXPANSION
    if dataset.size * 4 > _SIZE_LIMIT or n_bytes > stored:
        raise ValueError(f"an array of absurd shape {dataset.shape}")
    room.take(dataset.size * 4)
    return np.asarray(dataset[()], dtype=np.float32)
