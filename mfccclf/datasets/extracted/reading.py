"""Read what ``mfccclf extract`` wrote."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._inert import first_line
from mfccclf.datasets.extracted.archive import unpack_array, unpack_texts
from mfccclf.datasets.extracted.clips import ExtractedClips
from mfccclf.datasets.extracted.format import (
    ARCHIVE,
    ARRAY_NAME,
    COLUMNS,
    FACTS_NAME,
    FORMAT_NAME,
    FORMAT_VERSION,
    SHARED_FIELDS,
    TABLE_NAME,
)
from mfccclf.errors import DatasetError

__all__ = ["is_extracted", "load_extracted"]

_FACTS = {"feature_names": list, "data": dict, "front_end": dict, "fingerprints": dict}


def is_extracted(path: str | PathLike[str]) -> bool:
    """Tell whether a path is one that `load_extracted` reads."""
    source = Path(path)
    if source.is_dir():
        return (source / FACTS_NAME).is_file() and (source / ARRAY_NAME).is_file()
    return source.suffix.lower() == ARCHIVE


def load_extracted(path: str | PathLike[str]) -> ExtractedClips:
    """Load what ``mfccclf extract`` wrote.

    Parameters
    ----------
    path : path-like
        A folder, whose array is mapped into memory and read as it is used, or a file
        ending in ``.npz``, which is read whole.

    Returns
    -------
    clips : ExtractedClips
        Clips, labels and sequences.

    Raises
    ------
    DatasetError
        If there is no such file or folder, or it is damaged.
    """
    source = Path(path)
    if not source.exists():
        raise DatasetError(f"{source} does not exist. Make it with 'mfccclf extract'.")
    try:
        return _load_folder(source) if source.is_dir() else _load_archive(source)
    except MemoryError as exc:
        raise DatasetError(
            f"{source} needs more memory than there is. Extract the clips into a "
            "folder that ends in .mfccdata."
        ) from exc
    except Exception as exc:  # what unpacking damaged bytes raises has no common class
        raise DatasetError(
            f"{source} holds no readable features ({first_line(exc)}). Make it again "
            "with 'mfccclf extract'."
        ) from exc


def _load_folder(source: Path) -> ExtractedClips:
    facts = _parse_facts((source / FACTS_NAME).read_text(encoding="utf-8"))
    with (source / TABLE_NAME).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    headings = set(rows[0] if rows else ())
    values = {
        column.field: [row[column.heading] for row in rows]
        for column in COLUMNS
        if column.heading in headings
    }
    X = np.load(source / ARRAY_NAME, mmap_mode="r", allow_pickle=False)
    return _assemble(source, X, values, facts)


def _load_archive(source: Path) -> ExtractedClips:
    with source.open("rb") as file, zipfile.ZipFile(file) as archive:
        members = set(archive.namelist())
        (text,) = unpack_texts(archive, "facts")
        facts = _parse_facts(text)
        values = {
            column.field: unpack_texts(archive, column.array)
            for column in COLUMNS
            if f"{column.array}.npy" in members
        }
        return _assemble(source, unpack_array(archive, "X"), values, facts)


def _parse_facts(text: str) -> dict[str, Any]:
    facts = json.loads(text)
    if not isinstance(facts, dict):
        raise ValueError("its facts are no mapping")
    found = (facts.get("format"), facts.get("format_version"))
    if found != (FORMAT_NAME, FORMAT_VERSION):
        raise ValueError(f"its format is not {FORMAT_NAME!r}, version {FORMAT_VERSION}")
    for key, kind in _FACTS.items():
        if not isinstance(facts.get(key), kind):
            raise ValueError(f"its facts lack {key!r}")
    if not facts["data"].keys() <= set(SHARED_FIELDS):
        raise ValueError("its facts tell more of the data than is known")
    if not {type(item) for item in facts["fingerprints"].values()} <= {str}:
        raise ValueError("its fingerprints are no texts")
    return facts


def _assemble(
    source: Path,
    X: NDArray[Any],
    values: Mapping[str, list[str]],
    facts: Mapping[str, Any],
) -> ExtractedClips:
    wanted = (len(values["paths"]), len(facts["feature_names"]))
    if X.ndim != 3 or (X.shape[0], X.shape[2]) != wanted or X.dtype != np.float32:
        raise ValueError(f"X has shape {X.shape}, and there are {wanted[0]} clips")
    if not {"", *values.get("splits", ())} <= facts["fingerprints"].keys():
        raise ValueError("its fingerprints are not those of its clips and splits")
    return ExtractedClips(
        paths=values["paths"],
        labels=values["labels"],
        groups=values.get("groups"),
        splits=values.get("splits"),
        folds=values.get("folds"),
        **{name: _frozen(value) for name, value in facts["data"].items()},
        source=str(source),
        X=X,
        front_end=facts["front_end"],
        fingerprints=facts["fingerprints"],
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
