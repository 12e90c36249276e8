"""Out-of-distribution clips: noise, music or other words, of none of the labels."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from mfccclf.datasets import Dataset, load_dataset, load_unlabelled
from mfccclf.datasets.extracted import is_extracted, load_extracted
from mfccclf.datasets.files import scan_folder
from mfccclf.datasets.stored_data import find_sounds, find_stored
from mfccclf.errors import DatasetError
from mfccclf.workflows.data_choice import DataChoice, check_joinable

__all__ = ["load_ood_clips", "load_unlabelled_clips"]

# Part of the fingerprint that model files keep.
_LABEL = "other"
_LAYOUT = "other clips"


def load_ood_clips(
    data: Sequence[str | PathLike[str]], unlabelled: Dataset | None = None
) -> Dataset:
    """Find clips that have none of the labels.

    Parameters
    ----------
    data : sequence of path-like
        Folders and archives, whose sound files are all used however they are sorted,
        here or at addresses of fsspec, and tables that
        `mfccclf.load_dataset` reads; or one item: features that `extract_to_disk`
        wrote. Names and labels of the clips do not matter.
    unlabelled : Dataset or None, default=None
        More such clips, of time without annotations.

    Returns
    -------
    clips : Dataset
        All of them, under one label that means nothing.

    Raises
    ------
    DatasetError
        If a folder or table does not exist or holds no clips, or if features are among
        several, or joined with ``unlabelled``.

    Examples
    --------
    >>> from mfccclf.workflows import load_ood_clips
    >>> others = load_ood_clips(["noise", "speech"])  # doctest: +SKIP
    """
    parts = [*data, *([] if unlabelled is None else [unlabelled.root])]
    check_joinable(parts)
    if data and is_extracted(data[0]):
        return load_extracted(data[0])
    paths = [path for part in data for path in _find(part)]
    names = [Path(part).name for part in data]
    if unlabelled is not None:
        paths += unlabelled.paths
        names.append(f"{unlabelled.name} without labels")
    return Dataset(
        paths=paths,
        labels=[_LABEL] * len(paths),
        groups=None,
        splits=None,
        layout=_LAYOUT,
        name=", ".join(names),
    )


def load_unlabelled_clips(
    data: str | PathLike[str], clips: Dataset, choice: DataChoice
) -> Dataset:
    """Find clips of the time in which annotated training data have no label.

    Parameters
    ----------
    data : str or path-like
        The annotated recordings.
    clips : Dataset
        The training clips from them.
    choice : DataChoice
        How they are read and cut.

    Returns
    -------
    unlabelled : Dataset
        One clip or more.

    Raises
    ------
    DatasetError
        If the data are not annotated, or have a label at all times.
    ValueError
        If that time has a label of its own.
    """
    if choice.cutting is not None and choice.cutting.unlabelled is not None:
        raise ValueError(
            "The time without annotations can have a label of its own, or be unlike "
            "all labels, but not both. Leave out --unlabelled or --other-unlabelled."
        )
    unlabelled = load_unlabelled(
        data,
        layout=choice.layout,
        split=None if clips.splits is None else "train",
        cutting=choice.cutting,
    )
    if not len(unlabelled):
        raise DatasetError(
            f"{unlabelled.name} has no time without annotations that is as long as a "
            "clip. Leave out --other-unlabelled."
        )
    return unlabelled


def _find(part: str | PathLike[str]) -> list[str]:
    stored = find_stored(part)
    if stored is not None and stored.table is None:
        return find_sounds(stored)
    if not Path(part).is_dir():
        return load_dataset(part, keep_bad=True).paths
    tree = scan_folder(Path(part))
    if not tree.clips:
        raise DatasetError(f"{part} holds no sound files. Name a folder of clips.")
    return [str(tree.root / clip) for clip in tree.clips]
