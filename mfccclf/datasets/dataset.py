"""The data set: paths of clips, with labels, groups and splits."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from mfccclf._hashing import FileHash, hash_pieces
from mfccclf.datasets.clips import split_labels
from mfccclf.datasets.files import natural_key
from mfccclf.datasets.problems import shorten
from mfccclf.datasets.showing import describe_clips
from mfccclf.datasets.splits import SPLITS, canonical_split
from mfccclf.display import to_frame
from mfccclf.errors import DatasetError, StorageError
from mfccclf.storage.identity import hash_clip
from mfccclf.storage.stored_path import path_below
from mfccclf.waveform.stretches import recording_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dataset"]


@dataclass(frozen=True)
class Dataset:
    """Clips with their labels, as `load_dataset` returns them.

    The lists have one entry per clip and the same order.

    Parameters
    ----------
    paths : list of str
        The clips' files; a clip that is a stretch of a recording is written
        ``song.wav#t=1.5,3``, in seconds, and read like a file.
    labels : list of str
        The label of each clip. Several labels of one clip are joined by ``;``, see
        ``label_sets``.
    groups : list of str or None
        Speaker, instrument or recording of each clip; clips of one group belong on one
        side of a split. None if the layout does not say.
    splits : list of str or None
        "train", "validation" or "test" for each clip. None if the data are not split.
    layout : str
        Name of the layout that was read.
    name : str
        Name of the folder or file.
    root : str, default=""
        Folder that the paths in the fingerprint are relative to.
    target : str or None, default=None
        What the labels stand for, where the layout offers a choice.
    exclude : tuple of str, default=()
        Labels or instrument families that were left out.
    folds : list of str or None, default=None
        Official fold of cross-validation of each clip. None if there are none.

    Examples
    --------
    >>> from mfccclf import Dataset
    >>> dataset = Dataset(
    ...     paths=["yes/a.wav", "no/b.wav"], labels=["yes", "no"], groups=None,
    ...     splits=["train", "test"], layout="folders", name="words",
    ... )
    >>> dataset.classes
    ['no', 'yes']
    >>> dataset.select("test").paths
    ['no/b.wav']
    """

    paths: list[str]
    labels: list[str]
    groups: list[str] | None
    splits: list[str] | None
    layout: str
    name: str
    root: str = ""
    target: str | None = None
    exclude: tuple[str, ...] = ()
    folds: list[str] | None = None

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.paths)

    @property
    def classes(self) -> list[str]:
        """The labels that occur, sorted; joined ones count as several."""
        return sorted({label for labels in self.label_sets for label in labels})

    @property
    def multilabel(self) -> bool:
        """Whether some clip has several labels."""
        return any(";" in label for label in self.labels)

    @property
    def label_sets(self) -> list[tuple[str, ...]]:
        """The labels of each clip: ``("flute", "piano")`` for "flute;piano"."""
        return [split_labels(label) for label in self.labels]

    def take(self, rows: Sequence[int]) -> Self:
        """Return some of the clips.

        Parameters
        ----------
        rows : sequence of int
            Their places, from 0, in the order that they are to have.

        Returns
        -------
        dataset : Dataset
            With those clips only.
        """

        def pick(values: list[str]) -> list[str]:
            return [values[row] for row in rows]

        def pick_any(values: list[str] | None) -> list[str] | None:
            return None if values is None else pick(values)

        return replace(
            self,
            paths=pick(self.paths),
            labels=pick(self.labels),
            groups=pick_any(self.groups),
            splits=pick_any(self.splits),
            folds=pick_any(self.folds),
        )

    def select(self, split: str) -> Self:
        """Return the clips of one split.

        Parameters
        ----------
        split : {"train", "validation", "test"}
            The split, or another common name for it, such as "valid", "val" or "dev".

        Returns
        -------
        dataset : Dataset
            With the clips of that split only.

        Raises
        ------
        DatasetError
            If the data are not split or have no such split.
        """
        wanted = canonical_split(split)
        if self.splits is None:
            raise DatasetError(
                f"{self.name} has no split {split!r}: its clips (layout "
                f"{self.layout!r}) are not split. Use all of them, or split them into "
                "the folders train, validation and test."
            )
        rows = [i for i, name in enumerate(self.splits) if name == wanted]
        if not rows:
            known = [name for name in SPLITS if name in self.splits]
            raise DatasetError(
                f"{self.name} has no split {split!r}. It has {', '.join(known)}."
            )
        return self.take(rows)

    def join(self, other: Dataset) -> Dataset:
        """Return these clips followed by others, without splits or folds.

        Parameters
        ----------
        other : Dataset
            More clips. If only one of the two has groups, each clip of the other is a
            group of its own.

        Returns
        -------
        dataset : Dataset
            With this one's name.
        """
        both = (self, other)
        groups = None
        if any(part.groups is not None for part in both):
            groups = [g for part in both for g in part.groups or part.paths]
        return Dataset(
            paths=self.paths + other.paths,
            labels=self.labels + other.labels,
            groups=groups,
            splits=None,
            layout=self.layout,
            name=self.name,
            root=self.root,
            target=self.target,
            exclude=self.exclude,
        )

    def check_trainable(self) -> None:
        """Raise or warn if a classifier cannot be trained well on these clips.

        Raises
        ------
        DatasetError
            If there are fewer than two classes.
        """
        counts = Counter(label for labels in self.label_sets for label in labels)
        if len(counts) < 2:
            raise DatasetError(
                f"{self.name} (layout {self.layout!r}) has only clips of "
                f"{shorten(self.classes) or 'no class'}. Training needs two classes or "
                f"more. {self._hint_at_table()}Add clips of another class, or check "
                "the layout."
            )
        single = [label for label in self.classes if counts[label] == 1]
        if single:
            each, them = ("each ", "them") if len(single) > 1 else ("", "it")
            warnings.warn(
                f"{self.name} has only one clip {each}of {shorten(single)}. Add clips, "
                f"or leave {them} out.",
                UserWarning,
                stacklevel=2,
            )

    def _hint_at_table(self) -> str:
        """Return what to do where a table beside the folders has the labels."""
        tables = sorted(Path(self.root).glob("*.csv")) if self.root else []
        if self.layout != "folders" or not tables:
            return ""
        return f"If {tables[0].name} lists the labels, name that file: {tables[0]}. "

    def fingerprint(self) -> str:
        """Return a SHA-256 of the clips, the same wherever the folder lies.

        Returns
        -------
        fingerprint : str
            64 hexadecimal digits. Relative path, label, size and content of each clip
            count; the order of the clips does not. Of a clip at an address of fsspec,
            the version that is stated there stands for its content.

        Raises
        ------
        DatasetError
            If a clip can no longer be read.
        """
        return hash_pieces(self._identity())

    def summary(self) -> dict[str, Any]:
        """Return the number of clips in total, and per class, split and group.

        Returns
        -------
        summary : dict
            ``name``, ``layout``, ``n_clips``; ``classes``, ``splits``, ``groups`` and
            ``folds`` map names to counts, all but the first None where the layout does
            not say. A clip with several labels counts once for each.
        """
        return {
            "name": self.name,
            "layout": self.layout,
            "n_clips": len(self),
            "classes": _count([name for names in self.label_sets for name in names]),
            "splits": None if self.splits is None else _count(self.splits, SPLITS),
            "groups": None if self.groups is None else _count(self.groups),
            "folds": None if self.folds is None else _count(self.folds),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return the clips as a data frame.

        Returns
        -------
        frame : pandas.DataFrame
            One row per clip: ``path``, ``label``, and ``group``, ``split`` and ``fold``
            where they are known, named as in CSV files.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        columns = {
            "path": self.paths,
            "label": self.labels,
            "group": self.groups,
            "split": self.splits,
            "fold": self.folds,
        }
        return to_frame({k: v for k, v in columns.items() if v is not None})

    def _repr_html_(self) -> str:
        """Return what notebooks show: clips per label, one of each to hear."""
        return describe_clips(self)

    def _identity(self) -> Iterator[bytes]:
        """Yield what the fingerprint is made of."""
        rows = sorted(
            (_relative(path, self.root), label, path)
            for path, label in zip(self.paths, self.labels, strict=True)
        )
        # A recording with many stretches is read once.
        hash_recording = lru_cache(maxsize=1)(_hash_recording)
        for relative, label, path in rows:
            size, content = hash_recording(recording_of(path))
            # Lengths first: otherwise two lists of fields could read the same.
            for field in (relative, label, str(size), content):
                data = field.encode("utf-8", "surrogateescape")
                yield f"{len(data)}:".encode() + data


def _count(values: list[str], order: Sequence[str] = ()) -> dict[str, int]:
    counts = Counter(values)
    names = [name for name in order if name in counts] or sorted(
        counts, key=natural_key
    )
    return {name: counts[name] for name in names}


def _relative(path: str, root: str) -> str:
    below = path_below(path, root) if root else PurePosixPath(path)
    if below is not None:
        return below.as_posix()
    return Path(os.path.relpath(path, root)).as_posix()


def _hash_recording(path: str) -> FileHash:
    try:
        return hash_clip(path)
    except StorageError as exc:
        raise DatasetError(str(exc)) from exc
    except OSError as exc:
        raise DatasetError(
            f"{path} cannot be read for the fingerprint: {exc.strerror}."
        ) from exc
