"""Out-of-distribution clips: noise, music or other words, of none of the labels."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from mfccclf.datasets import Dataset, load_dataset
from mfccclf.datasets.extracted import is_extracted, load_extracted
from mfccclf.datasets.files import scan_folder
from mfccclf.errors import DatasetError
from mfccclf.workflows.data_choice import check_joinable

__all__ = ["load_ood_clips"]

# Part of the fingerprint that model files keep.
_LABEL = "other"
_LAYOUT = "other clips"


def load_ood_clips(data: Sequence[str | PathLike[str]]) -> Dataset:
    """Find clips that have none of the labels.

    Parameters
    ----------
    data : sequence of path-like
        Folders, whose sound files are all used however they are sorted, and tables that
        `mfccclf.load_dataset` reads; or one item: features that `extract_to_disk`
        wrote. Names and labels of the clips do not matter.

    Returns
    -------
    clips : Dataset
        All of them, under one label that means nothing.

    Raises
    ------
    DatasetError
        If a folder or table does not exist or holds no clips, or if features are among
        several.
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
