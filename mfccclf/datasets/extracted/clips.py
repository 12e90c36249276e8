"""Clips with their sequences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf.datasets.dataset import Dataset
from mfccclf.datasets.splits import canonical_split
from mfccclf.errors import DatasetError

__all__ = ["ExtractedClips"]


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

    def take(self, rows: Sequence[int]) -> ExtractedClips:
        """Return some of the clips, as `Dataset.take` does, with their sequences."""
        return replace(super().take(rows), X=_pick_rows(self.X, rows))

    def select(self, split: str) -> ExtractedClips:
        """Return the clips of one split, as `Dataset.select` does."""
        return replace(super().select(split), part=canonical_split(split) or "")

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
            The preset's name, for the message.

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

    def check_unvaried(self, n_copies: int) -> None:
        """Raise if clips are to be varied, of which only features are here.

        Parameters
        ----------
        n_copies : int
            Rows that each clip is to take.

        Raises
        ------
        DatasetError
            If there are to be varied copies.
        """
        if n_copies > 1:
            raise DatasetError(
                f"{self.source} holds features, of which no varied copies can be made. "
                "Train from the clips, or set n_variations=0."
            )


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
