"""Data sets whose features are made already, in a file or a folder of arrays."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mfccclf.datasets.dataset import Dataset
from mfccclf.datasets.splits import canonical_split
from mfccclf.errors import DatasetError

__all__ = [
    "ARRAY_NAME",
    "FACTS_NAME",
    "FORMAT",
    "FORMAT_VERSION",
    "PER_CLIP",
    "TABLE_NAME",
    "ExtractedClips",
    "is_extracted",
    "load_extracted",
]

FORMAT, FORMAT_VERSION = "mfccclf features", 1
ARRAY_NAME, TABLE_NAME, FACTS_NAME = "X.npy", "clips.csv", "parameters.json"

# Fields of a data set with an entry per clip: columns of the table.
PER_CLIP = ("paths", "labels", "groups", "splits")

_DAMAGE = (KeyError, TypeError, ValueError, OSError, EOFError, zipfile.BadZipFile)


@dataclass(frozen=True)
class ExtractedClips(Dataset):
    """Clips with their labels and sequences, as `load_extracted` returns them.

    Parameters
    ----------
    X : float32 array of shape (n_clips, n_frames, n_features)
        Sequences, NaN past a clip's end; perhaps mapped from a file.
    front_end : mapping
        What made them: class, parameters and ways of reading.
    fingerprints : mapping of str to str
        What `fingerprint` gave for each split when the features were made, and under
        "" for all clips.
    part : str, default=""
        The split that these clips are.
    source : str, default=""
        The file or folder that holds them.
    """

    X: NDArray[np.float32] = field(
        default_factory=lambda: np.empty((0, 0, 0), np.float32),
        repr=False,
        compare=False,
    )
    front_end: Mapping[str, Any] = field(default_factory=dict)
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    source: str = ""

    def select(self, split: str) -> ExtractedClips:
        """Return the clips of one split, as `Dataset.select` does."""
        chosen = cast(ExtractedClips, super().select(split))
        return replace(chosen, part=canonical_split(split) or "")

    def fingerprint(self) -> str:
        """Return the hash of the clips as they were when they were extracted."""
        return self.fingerprints[self.part]

    def check_front_end(self, wanted: Mapping[str, Any], name: str) -> None:
        """Raise if a front end would make other features of the same clips.

        Parameters
        ----------
        wanted : mapping
            What the front end is, in the form of ``front_end``.
        name : str
            Of the preset, for the message.

        Raises
        ------
        DatasetError
            Naming all parameters that differ.
        """
        needed, held = _flatten(wanted), _flatten(self.front_end)
        names = sorted(key for key in needed | held if needed.get(key) != held.get(key))
        if names:
            raise DatasetError(
                f"{self.source} holds features made with {_spell(held, names)}, but "
                f"the preset {name} needs {_spell(needed, names)}. Extract the clips "
                f"again with --preset {name} and the same --set, or train from the "
                "clips."
            )

    def _take(self, rows: list[int]) -> Dataset:
        chosen = cast(ExtractedClips, super()._take(rows))
        return replace(chosen, X=_pick_rows(self.X, rows))


def is_extracted(path: str | PathLike[str]) -> bool:
    """Tell whether a path is one that `load_extracted` reads."""
    source = Path(path)
    if source.is_dir():
        return (source / FACTS_NAME).is_file() and (source / ARRAY_NAME).is_file()
    return source.suffix.lower() == ".npz"


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
        If there is nothing of the kind, or it is damaged.
    """
    source = Path(path)
    if not source.exists():
        raise DatasetError(f"{source} does not exist. Make it with 'mfccclf extract'.")
    try:
        return _load_folder(source) if source.is_dir() else _load_archive(source)
    except DatasetError:
        raise
    except _DAMAGE as exc:
        raise DatasetError(
            f"{source} holds no features that can be read ({exc}). Make it again with "
            "'mfccclf extract'."
        ) from exc


def _load_folder(source: Path) -> ExtractedClips:
    facts = json.loads((source / FACTS_NAME).read_text(encoding="utf-8"))
    with (source / TABLE_NAME).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    X = np.load(source / ARRAY_NAME, mmap_mode="r", allow_pickle=False)
    return _assemble(source, X, columns, facts)


def _load_archive(source: Path) -> ExtractedClips:
    with source.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        facts = json.loads(str(archive["facts"]))
        names = {"path": "paths", "label": "y", "group": "groups", "split": "splits"}
        columns = {
            column: archive[name].tolist()
            for column, name in names.items()
            if name in archive
        }
        return _assemble(source, archive["X"], columns, facts)


def _assemble(
    source: Path,
    X: NDArray[np.float32],
    columns: Mapping[str, list[str]],
    facts: Mapping[str, Any],
) -> ExtractedClips:
    if facts.get("format") != FORMAT or facts.get("format_version") != FORMAT_VERSION:
        raise ValueError(f"its format is not {FORMAT!r}, version {FORMAT_VERSION}")
    wanted = (len(columns["path"]), len(facts["feature_names"]))
    if X.ndim != 3 or (X.shape[0], X.shape[2]) != wanted or X.dtype != np.float32:
        raise ValueError(f"X has shape {X.shape}, and there are {wanted[0]} clips")
    return ExtractedClips(
        paths=columns["path"],
        labels=columns["label"],
        groups=columns.get("group"),
        splits=columns.get("split"),
        **{name: _frozen(value) for name, value in facts["data"].items()},
        source=str(source),
        X=X,
        front_end=facts["front_end"],
        fingerprints=facts["fingerprints"],
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _pick_rows(X: NDArray[np.float32], rows: Sequence[int]) -> NDArray[np.float32]:
    """Return some rows; neighbours stay in the file that they are mapped from."""
    if list(rows) == list(range(rows[0], rows[0] + len(rows))):
        return X[rows[0] : rows[0] + len(rows)]
    return X[list(rows)]


def _flatten(front_end: Mapping[str, Any]) -> dict[str, Any]:
    flat = {**front_end, **front_end.get("parameters", {})}
    flat.pop("parameters", None)
    plain: dict[str, Any] = json.loads(json.dumps(flat))
    return plain


def _spell(values: Mapping[str, Any], names: Sequence[str]) -> str:
    return ", ".join(f"{name}={values.get(name)!r}" for name in names)
