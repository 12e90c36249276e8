"""Features of whole data sets written to disk as they are made, chunk by chunk."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._memory import keep_freed_memory
from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.datasets.extracted import (
    check_features_output,
    join_splits,
    write_extracted,
)
from mfccclf.workflows.extraction import count_processes

__all__ = [
    "WrittenFeatures",
    "describe_front_end",
    "extract_to_disk",
    "transform_in_blocks",
]

# Clips in memory at a time, for every two processes that extract them.
_CHUNK = 256


@dataclass(frozen=True, kw_only=True)
class WrittenFeatures:
    """What was written.

    Attributes
    ----------
    path : pathlib.Path
        The file or folder.
    shape : tuple of int
        (n_clips, n_frames, n_features).
    """

    path: Path
    shape: tuple[int, int, int]


def describe_front_end(extractor: Any) -> dict[str, Any]:
    """Return what decides the numbers that a front end makes, as plain values."""
    reading = {
        name: getattr(extractor, name)
        for name in ("backend", "channel", "allow_silence")
        if hasattr(extractor, name)
    }
    return {
        "class": type(extractor).__name__,
        "parameters": extractor.feature_parameters().to_dict(),
        **reading,
    }


def extract_to_disk(
    extractor: Any,
    clips: Dataset,
    output: str | PathLike[str],
    *,
    on_progress: Progress | None = None,
) -> WrittenFeatures:
    """Extract the features of labelled clips and write them, whole or not at all.

    Memory does not grow with the number of clips.

    Parameters
    ----------
    extractor : MFCCExtractor or another first step of a preset
        Fitted or not.
    clips : Dataset
        What `mfccclf.load_dataset` returns. The clips of a split come together.
    output : str or path-like
        A file ending in ``.npz`` (compressed), which `numpy.load` reads without
        pickles: X, y, paths, feature_names, parameters (JSON), facts (JSON), and
        groups and splits where the data name them. Or one ending in ``.mfccdata``: a
        folder of ``X.npy``, ``clips.csv`` and ``parameters.json``, from which training
        reads X as it needs it.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    written : WrittenFeatures
        Where, and how much.

    Raises
    ------
    AudioFileError
        If a clip cannot be read.
    ValueError, DatasetError, OSError
        If the output cannot be written.
    """
    path = check_features_output(output)
    clips = join_splits(clips)
    keep_freed_memory()
    extractor.fit(clips.paths)
    shape = write_extracted(
        path,
        clips,
        _extract_chunks(extractor, clips.paths, on_progress),
        front_end=describe_front_end(extractor),
        feature_names=[str(name) for name in extractor.get_feature_names_out()],
        n_frames=extractor.feature_parameters().n_frames,
    )
    return WrittenFeatures(path=path, shape=shape)


def transform_in_blocks(step: Any, X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Transform sequences; where X is mapped from a file, into a temporary file.

    Parameters
    ----------
    step : transformer
        Fitted; it must keep the shape of X, and treat clips one by one.
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        In memory or mapped.

    Returns
    -------
    X : float32 ndarray of the same shape
        The file goes with the array.
    """
    if not isinstance(X, np.memmap):
        transformed: NDArray[np.float32] = step.transform(X)
        return transformed
    with tempfile.TemporaryFile() as file:
        mapped = np.memmap(file, np.float32, "w+", shape=X.shape)
    for first in range(0, len(X), _CHUNK):
        mapped[first : first + _CHUNK] = step.transform(X[first : first + _CHUNK])
    return mapped


def _extract_chunks(
    extractor: Any, paths: list[str], on_progress: Progress | None
) -> Iterator[NDArray[np.float32]]:
    size = _CHUNK * math.ceil(count_processes(extractor) / 2)
    for start in range(0, len(paths), size):
        yield extractor.transform(paths[start : start + size])
        if on_progress is not None:
            on_progress(min(start + size, len(paths)), len(paths))
