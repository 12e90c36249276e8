"""Features of whole data sets written to disk as they are made, chunk by chunk."""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._array_blocks import write_blocks
from mfccclf._files import atomic_folder, atomic_path
from mfccclf._memory import keep_freed_memory
from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.datasets.extracted import (
    ARRAY_NAME,
    FACTS_NAME,
    FORMAT,
    FORMAT_VERSION,
    PER_CLIP,
    TABLE_NAME,
)
from mfccclf.datasets.splits import SPLITS
from mfccclf.errors import DatasetError
from mfccclf.workflows.extraction import count_processes
from mfccclf.workflows.output import check_output

__all__ = [
    "WrittenFeatures",
    "check_features_output",
    "describe_front_end",
    "extract_to_disk",
    "transform_in_blocks",
]

ARCHIVE, FOLDER = ".npz", ".mfccdata"

Chunk = NDArray[np.float32]

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


def check_features_output(path: str | PathLike[str]) -> Path:
    """Return a path that features can be written to, or raise before the work is spent.

    Parameters
    ----------
    path : str or path-like
        As for `extract_to_disk`.

    Returns
    -------
    path : pathlib.Path
        The same path.

    Raises
    ------
    ValueError
        If it ends neither in ``.npz`` nor in ``.mfccdata``.
    DatasetError, OSError
        If something else is there, or its folder does not exist or is not writable.
    """
    output = Path(path)
    suffix = output.suffix.lower()
    if suffix not in (ARCHIVE, FOLDER):
        raise ValueError(
            f"The output {output} must end in {ARCHIVE} (one compressed file) or "
            f"{FOLDER} (a folder that training reads as it needs it). Call it "
            f"{output.stem}{ARCHIVE} or {output.stem}{FOLDER}."
        )
    if suffix == FOLDER:
        _check_replaceable(output)
    if suffix == ARCHIVE or not output.is_dir():
        check_output(output, suffix=suffix)
    return output


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
    clips = _sort_by_split(clips)
    write = _write_archive if path.suffix.lower() == ARCHIVE else _write_folder
    keep_freed_memory()
    extractor.fit(clips.paths)
    facts = _collect_facts(extractor, clips)
    chunks = _extract_chunks(extractor, clips.paths, on_progress)
    n_frames = extractor.feature_parameters().n_frames
    n_features = len(facts["feature_names"])
    if n_frames is not None:
        shape = (len(clips), n_frames, n_features)
        write(path, clips, facts, shape, chunks)
        return WrittenFeatures(path=path, shape=shape)
    with _Spool(path.parent, n_features) as spool:
        for X in chunks:
            spool.append(X)
        shape = (len(clips), spool.longest, n_features)
        write(path, clips, facts, shape, spool.chunks())
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
) -> Iterator[Chunk]:
    size = _CHUNK * math.ceil(count_processes(extractor) / 2)
    for start in range(0, len(paths), size):
        yield extractor.transform(paths[start : start + size])
        if on_progress is not None:
            on_progress(min(start + size, len(paths)), len(paths))


def _sort_by_split(clips: Dataset) -> Dataset:
    """Bring the clips of each split together, so that one slice of X holds them."""
    if clips.splits is None:
        return clips
    splits = clips.splits
    return clips._take(sorted(range(len(clips)), key=lambda i: SPLITS.index(splits[i])))


def _collect_facts(extractor: Any, clips: Dataset) -> dict[str, Any]:
    parts = {split: clips.select(split) for split in set(clips.splits or ())}
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "front_end": describe_front_end(extractor),
        "feature_names": [str(name) for name in extractor.get_feature_names_out()],
        "data": {
            field.name: getattr(clips, field.name)
            for field in fields(Dataset)
            if field.name not in PER_CLIP
        },
        "fingerprints": {
            name: part.fingerprint() for name, part in {"": clips, **parts}.items()
        },
    }


class _Spool:
    """Sequences of all lengths on disk, until the longest is known.

    Parameters
    ----------
    folder : pathlib.Path
        Where there is room.
    n_features : int
        Values per frame.
    """

    def __init__(self, folder: Path, n_features: int) -> None:
        self._folder = folder
        self._n_features = n_features
        self._lengths: list[int] = []

    def __enter__(self) -> _Spool:
        self._file = tempfile.TemporaryFile(dir=self._folder)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def longest(self) -> int:
        """Frames of the longest sequence."""
        return max(self._lengths)

    def append(self, X: Chunk) -> None:
        """Add sequences, without what fills them up."""
        true_frames = ~np.isnan(X[:, :, 0])
        self._lengths += true_frames.sum(axis=1).tolist()
        self._file.write(X[true_frames].tobytes())

    def chunks(self) -> Iterator[Chunk]:
        """Yield all sequences again, all filled up to the longest."""
        self._file.seek(0)
        for start in range(0, len(self._lengths), _CHUNK):
            lengths = np.array(self._lengths[start : start + _CHUNK])
            shape = (len(lengths), self.longest, self._n_features)
            X = np.full(shape, np.nan, np.float32)
            true_frames = np.arange(self.longest) < lengths[:, np.newaxis]
            n_values = int(lengths.sum()) * self._n_features
            values = np.frombuffer(self._file.read(4 * n_values), np.float32)
            X[true_frames] = values.reshape(-1, self._n_features)
            yield X


def _write_archive(
    path: Path,
    clips: Dataset,
    facts: dict[str, Any],
    shape: tuple[int, int, int],
    chunks: Iterable[Chunk],
) -> None:
    texts = {
        "y": np.array(clips.labels, dtype=np.str_),
        "paths": np.array(clips.paths, dtype=np.str_),
        "feature_names": np.array(facts["feature_names"], dtype=np.str_),
        "parameters": np.array(json.dumps(facts["front_end"]["parameters"])),
        "facts": np.array(json.dumps(facts)),
    }
    if clips.groups is not None:
        texts["groups"] = np.array(clips.groups, dtype=np.str_)
    if clips.splits is not None:
        texts["splits"] = np.array(clips.splits, dtype=np.str_)
    with (
        atomic_path(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        with archive.open(ARRAY_NAME, "w", force_zip64=True) as member:
            write_blocks(member, shape, chunks)
        for name, array in texts.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            archive.writestr(f"{name}.npy", content.getvalue())


def _write_folder(
    path: Path,
    clips: Dataset,
    facts: dict[str, Any],
    shape: tuple[int, int, int],
    chunks: Iterable[Chunk],
) -> None:
    columns: dict[str, list[str]] = {"path": clips.paths, "label": clips.labels}
    if clips.groups is not None:
        columns["group"] = clips.groups
    if clips.splits is not None:
        columns["split"] = clips.splits
    _check_replaceable(path)
    with atomic_folder(path) as temporary:
        with (temporary / ARRAY_NAME).open("wb") as file:
            write_blocks(file, shape, chunks)
        with (temporary / TABLE_NAME).open("w", encoding="utf-8", newline="") as table:
            writer = csv.writer(table)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        text = json.dumps(facts, indent=1, ensure_ascii=False)
        (temporary / FACTS_NAME).write_text(f"{text}\n", encoding="utf-8")


def _check_replaceable(path: Path) -> None:
    names = {ARRAY_NAME, TABLE_NAME, FACTS_NAME}
    if path.exists() and not (
        path.is_dir() and {item.name for item in path.iterdir()} <= names
    ):
        raise DatasetError(
            f"The output {path} exists and holds something else than features. Choose "
            "another name, or remove it first."
        )
