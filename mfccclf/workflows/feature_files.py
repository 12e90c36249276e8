"""Extract the features of whole data sets to disk, chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from mfccclf._memory import keep_freed_memory
from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.datasets.extracted import (
    check_features_output,
    join_splits,
    write_extracted,
)
from mfccclf.workflows.extraction import count_processes

__all__ = ["WrittenFeatures", "extract_to_disk"]

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


def extract_to_disk(
    extractor: Any,
    clips: Dataset,
    output: str | PathLike[str],
    *,
    scheduler: str | None = None,
    on_progress: Progress | None = None,
) -> WrittenFeatures:
    """Extract the features of labelled clips and write them, completely or not at all.

    Memory use does not grow with the number of clips.

    Parameters
    ----------
    extractor : MFCCExtractor or another first step of a preset
        Fitted or not.
    clips : Dataset
        What `mfccclf.load_dataset` returns. The clips of each split are written
        together.
    output : str or path-like
        A file ending in ``.npz`` (compressed), which `numpy.load` reads without
        pickles: X, y, paths, feature_names, parameters (JSON), facts (JSON), and
        groups and splits where the data name them. Or one ending in ``.mfccdata``: a
        folder of ``X.npy``, ``clips.csv`` and ``parameters.json``, from which training
        reads X as it needs it.
    scheduler : str, optional
        Dask cluster that extracts, as for `mfccclf.search.open_scheduler`, in place of
        processes on this machine.
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
    n_jobs = extractor.n_jobs
    if scheduler is not None:  # whose processes then count
        extractor = clone(extractor).set_params(n_jobs=None)
    with _run_on(scheduler, n_jobs):
        extractor.fit(clips.paths)
        shape = write_extracted(
            path,
            clips,
            _extract_chunks(extractor, clips.paths, on_progress),
            front_end=extractor.describe(),
            feature_names=[str(name) for name in extractor.get_feature_names_out()],
            n_frames=extractor.feature_parameters().n_frames,
        )
    return WrittenFeatures(path=path, shape=shape)


@contextmanager
def _run_on(scheduler: str | None, n_jobs: int | None) -> Iterator[None]:
    """Let a Dask cluster extract, if one is named."""
    if scheduler is None:
        yield
        return
    from mfccclf.search import open_scheduler  # loads torch, which nothing else needs

    with open_scheduler(scheduler, n_jobs=n_jobs) as place, place.backend():
        yield


def _extract_chunks(
    extractor: Any, paths: list[str], on_progress: Progress | None
) -> Iterator[NDArray[np.float32]]:
    size = _CHUNK * math.ceil(count_processes(extractor) / 2)
    for start in range(0, len(paths), size):
        yield extractor.transform(paths[start : start + size])
        if on_progress is not None:
            on_progress(min(start + size, len(paths)), len(paths))
