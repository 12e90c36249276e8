"""Extract the features of whole data sets to disk, chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from mfccclf.errors import BadClip
from mfccclf.storage.shards import cut_rounds
from mfccclf.workflows.bad_clips import (
    SkippedClip,
    check_labels_left,
    report_bad,
    save_skipped,
    without_bad,
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
    skipped : tuple of SkippedClip, default=()
        Clips that were left out, since they cannot be used.
    """

    path: Path
    shape: tuple[int, int, int]
    skipped: tuple[SkippedClip, ...] = ()


def extract_to_disk(
    extractor: Any,
    clips: Dataset,
    output: str | PathLike[str],
    *,
    scheduler: str | None = None,
    skip_bad: bool = False,
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
    skip_bad : bool, default=False
        Whether to go on without clips that cannot be used, with a warning that names
        them, rather than to raise an error that does. ``NAME.skipped.csv`` beside the
        output lists them.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    written : WrittenFeatures
        Where, and how much.

    Raises
    ------
    BadClipsError
        If clips cannot be used; it is an `AudioFileError` that names all of them.
    ValueError, DatasetError, OSError
        If the output cannot be written.

    Examples
    --------
    >>> from mfccclf import MFCCExtractor, load_dataset
    >>> from mfccclf.workflows import extract_to_disk
    >>> clips = load_dataset("recordings")  # doctest: +SKIP
    >>> extract_to_disk(MFCCExtractor(), clips, "mine.mfccdata")  # doctest: +SKIP
    """
    path = check_features_output(output)
    clips = join_splits(clips)
    keep_freed_memory()
    n_jobs = extractor.n_jobs
    if scheduler is not None:  # whose processes then count
        extractor = clone(extractor).set_params(n_jobs=None)
    chunks = _Chunks(extractor, clips, skip_bad=skip_bad, on_progress=on_progress)
    with _run_on(scheduler, n_jobs):
        extractor.fit(clips.paths)
        shape = write_extracted(
            path,
            chunks.usable_clips if skip_bad else clips,
            chunks,
            front_end=extractor.describe(),
            feature_names=[str(name) for name in extractor.get_feature_names_out()],
            n_frames=extractor.feature_parameters().n_frames,
        )
    save_skipped(chunks.skipped, path)
    return WrittenFeatures(path=path, shape=shape, skipped=chunks.skipped)


@contextmanager
def _run_on(scheduler: str | None, n_jobs: int | None) -> Iterator[None]:
    """Let a Dask cluster extract, if one is named."""
    if scheduler is None:
        yield
        return
    from mfccclf.search import open_scheduler  # loads torch, which nothing else needs

    with open_scheduler(scheduler, n_jobs=n_jobs) as place, place.backend():
        yield


class _Chunks:
    """The sequences of a data set, extracted as they are asked for.

    Attributes
    ----------
    skipped : tuple of SkippedClip
        Clips that were left out, once all have been read.
    """

    def __init__(
        self,
        extractor: Any,
        clips: Dataset,
        *,
        skip_bad: bool,
        on_progress: Progress | None,
    ) -> None:
        self.skipped: tuple[SkippedClip, ...] = ()
        self._extractor = extractor
        self._clips = clips
        self._skip_bad = skip_bad
        self._on_progress = on_progress
        self._bad: list[BadClip] = []

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Yield the sequences of usable clips; in the end, tell of all others.

        Raises
        ------
        BadClipsError
            At the end, if there are others, and they are not to be left out.
        """
        paths = self._clips.paths
        n = count_processes(self._extractor)
        for part in cut_rounds(paths, size=_CHUNK * math.ceil(n / 2), n_processes=n):
            usable = self._extractor.transform_usable(paths[part])
            self._bad += [replace(b, index=part.start + b.index) for b in usable.bad]
            yield usable.X
            if self._on_progress is not None:
                self._on_progress(part.stop, len(paths))
        found = [(self._clips, self._bad)]
        self.skipped = report_bad(found, skip_bad=self._skip_bad)

    def usable_clips(self) -> Dataset:
        """Return the clips whose sequences were yielded, once all have been.

        Raises
        ------
        DatasetError
            If a label has no clip left.
        """
        usable = without_bad(self._clips, self._bad)
        check_labels_left(self._clips, usable)
        return usable
