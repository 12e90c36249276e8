"""Write extracted features as they are made, chunk by chunk."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._array_blocks import write_blocks
from mfccclf._files import (
    atomic_folder,
    atomic_path,
    check_writable,
    sweep_remains,
)
from mfccclf.datasets.dataset import Dataset
from mfccclf.datasets.extracted.format import (
    ARCHIVE,
    ARRAY_NAME,
    COLUMNS,
    FACTS_NAME,
    FOLDER,
    FORMAT_NAME,
    FORMAT_VERSION,
    SHARED_FIELDS,
    TABLE_NAME,
    Column,
)
from mfccclf.datasets.extracted.spool import Spool
from mfccclf.datasets.splits import SPLITS
from mfccclf.errors import DatasetError

__all__ = ["check_features_output", "join_splits", "write_extracted"]

Chunks = Iterable[NDArray[np.float32]]
# Returns the facts of clips; called behind X, since it reads the clips' files.
Collect = Callable[[Dataset], dict[str, Any]]


def check_features_output(path: str | PathLike[str]) -> Path:
    """Return a path that features can be written to, or raise before the work is spent.

    Parameters
    ----------
    path : str or path-like
        As for `write_extracted`.

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
        sweep_remains(output)
        _check_replaceable(output)
    if suffix == ARCHIVE or not output.is_dir():
        check_writable(output)
    return output


def join_splits(clips: Dataset) -> Dataset:
    """Bring the clips of each split together, so that one slice of X holds them."""
    if clips.splits is None:
        return clips
    splits = clips.splits
    return clips.take(sorted(range(len(clips)), key=lambda i: SPLITS.index(splits[i])))


def write_extracted(
    path: Path,
    clips: Dataset | Callable[[], Dataset],
    chunks: Chunks,
    *,
    front_end: Mapping[str, Any],
    feature_names: Sequence[str],
    n_frames: int | None,
) -> tuple[int, int, int]:
    """Write features of labelled clips, whole or not at all.

    Memory does not grow with the number of clips.

    Parameters
    ----------
    path : pathlib.Path
        What `check_features_output` returned: a file ending in ``.npz`` (compressed),
        which `numpy.load` reads without pickles, or a folder ending in ``.mfccdata``.
    clips : Dataset or callable
        What `join_splits` returned; or a callable that returns those of the clips that
        the chunks hold, once all chunks have been made.
    chunks : iterable of float32 ndarray of shape (n, n_frames, n_features)
        The sequences of all clips, in order, NaN past a clip's end.
    front_end : mapping
        What makes them, as plain data.
    feature_names : sequence of str
        A name for each of the n_features values.
    n_frames : int or None
        Frames of every sequence; None where each chunk is as long as its longest clip.

    Returns
    -------
    shape : tuple of int
        (n_clips, n_frames, n_features).

    Raises
    ------
    DatasetError, OSError
        If the output cannot be written.
    """
    write = _write_archive if path.suffix.lower() == ARCHIVE else _write_folder
    collect = partial(_collect_facts, front_end=front_end, feature_names=feature_names)
    n_features = len(feature_names)
    if n_frames is not None and isinstance(clips, Dataset):
        X = _Array((len(clips), n_frames, n_features), chunks)
        write(path, clips, X, collect)
        return X.shape
    with Spool(path.parent, n_features) as spool:
        for chunk in chunks:
            spool.append(chunk)
        held = clips if isinstance(clips, Dataset) else clips()
        shape = (len(held), n_frames or spool.longest, n_features)
        write(path, held, _Array(shape, spool.chunks(shape[1])), collect)
        return shape


@dataclass(frozen=True)
class _Array:
    """An array that is written as it is made."""

    shape: tuple[int, int, int]
    chunks: Chunks


def _collect_facts(
    clips: Dataset, *, front_end: Mapping[str, Any], feature_names: Sequence[str]
) -> dict[str, Any]:
    parts = {split: clips.select(split) for split in dict.fromkeys(clips.splits or ())}
    return {
        "format": FORMAT_NAME,
        "format_version": FORMAT_VERSION,
        "front_end": dict(front_end),
        "feature_names": list(feature_names),
        "data": {name: getattr(clips, name) for name in SHARED_FIELDS},
        "fingerprints": {
            name: part.fingerprint() for name, part in {"": clips, **parts}.items()
        },
    }


def _columns(clips: Dataset) -> dict[Column, list[str]]:
    """Return the columns that the data tell."""
    found = {column: getattr(clips, column.field) for column in COLUMNS}
    return {column: values for column, values in found.items() if values is not None}


def _write_archive(path: Path, clips: Dataset, X: _Array, collect: Collect) -> None:
    with (
        atomic_path(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        with archive.open(ARRAY_NAME, "w", force_zip64=True) as member:
            write_blocks(member, X.shape, X.chunks)
        for name, array in _small_arrays(clips, collect(clips)).items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            archive.writestr(f"{name}.npy", content.getvalue())


def _small_arrays(clips: Dataset, facts: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """Return the arrays of an archive besides X."""
    columns = _columns(clips)
    return {
        **{column.array: np.array(columns[column], np.str_) for column in columns},
        "feature_names": np.array(facts["feature_names"], np.str_),
        "parameters": np.array(json.dumps(facts["front_end"]["parameters"])),
        "facts": np.array(json.dumps(facts)),
    }


def _write_folder(path: Path, clips: Dataset, X: _Array, collect: Collect) -> None:
    columns = _columns(clips)
    _check_replaceable(path)
    with atomic_folder(path) as temporary:
        with (temporary / ARRAY_NAME).open("wb") as file:
            write_blocks(file, X.shape, X.chunks)
        with (temporary / TABLE_NAME).open("w", encoding="utf-8", newline="") as table:
            writer = csv.writer(table)
            writer.writerow(column.heading for column in columns)
            writer.writerows(zip(*columns.values(), strict=True))
        text = json.dumps(collect(clips), indent=1, ensure_ascii=False)
        (temporary / FACTS_NAME).write_text(f"{text}\n", encoding="utf-8")


def _check_replaceable(path: Path) -> None:
    names = {ARRAY_NAME, TABLE_NAME, FACTS_NAME}
    if path.exists() and not (
        path.is_dir() and {item.name for item in path.iterdir()} <= names
    ):
        raise DatasetError(
            f"The output {path} exists and holds something other than features. Choose "
            "another name, or remove it first."
        )
