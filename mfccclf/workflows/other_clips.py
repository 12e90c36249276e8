"""Clips that have none of a model's labels: noise, music, other words."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from mfccclf.datasets import Dataset, load_dataset
from mfccclf.datasets.extracted import is_extracted, load_extracted
from mfccclf.datasets.files import scan_folder
from mfccclf.errors import DatasetError
from mfccclf.workflows.data_choice import check_joinable

__all__ = ["load_other_clips"]

_LAYOUT, _LABEL = "other clips", "other"


def load_other_clips(data: Sequence[str | PathLike[str]]) -> Dataset:
    """Find clips to learn from that are none of the labels.

    Parameters
    ----------
    data : sequence of path-like
        Folders, of which all sound files below count however they are sorted, and
        tables that `mfccclf.load_dataset` reads; or features that `extract_to_disk`
        wrote, and nothing else then. What the clips are called does not matter.

    Returns
    -------
    clips : Dataset
        All of them, under labels that mean nothing.

    Raises
    ------
    DatasetError
        If there is no such folder or table, no clip in it, or features beside it.
    """
    check_joinable(data)
    if is_extracted(data[0]):
        return load_extracted(data[0])
    paths = [path for part in data for path in _find(Path(part))]
    return Dataset(
        paths=paths,
        labels=[_LABEL] * len(paths),
        groups=None,
        splits=None,
        layout=_LAYOUT,
        name=", ".join(Path(part).name for part in data),
    )


def _find(part: Path) -> list[str]:
    if not part.is_dir():
        return load_dataset(part).paths
    tree = scan_folder(part)
    if not tree.clips:
        raise DatasetError(f"{part} holds no sound files. Name a folder of clips.")
    return [str(tree.root / clip) for clip in tree.clips]
