"""Load clips or their features, with the labels that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from mfccclf.datasets import Dataset, load_dataset
from mfccclf.datasets.extracted import is_extracted, load_extracted
from mfccclf.datasets.loading import find_layout
from mfccclf.errors import DatasetError

__all__ = ["check_joinable", "check_validation_labels", "load_chosen", "load_clips"]

_LAYOUT = "nsynth"


def load_chosen(
    data: str | PathLike[str],
    *,
    layout: str,
    target: str | None = None,
    exclude: Sequence[str] | None = None,
    usual: Mapping[str, Any] | None = None,
) -> Dataset:
    """Load clips with the labels that were asked for, else the usual ones.

    Parameters
    ----------
    data : str or path-like
        What `mfccclf.load_dataset` reads.
    layout : str
        As for `mfccclf.load_dataset`.
    target, exclude : str and sequence of str, optional
        As for `mfccclf.load_dataset`; what is None is as usual.
    usual : mapping, optional
        "target" and "exclude" of a preset or a model, which hold for NSynth's layout
        only.

    Returns
    -------
    clips : Dataset
        All splits.

    Raises
    ------
    DatasetError
        If the data cannot be used, or have no such target.
    """
    usual = usual or {}
    if target is None and usual.get("target") and find_layout(data, layout) == _LAYOUT:
        target = usual["target"]
    if exclude is None:
        exclude = usual.get("exclude") or ()
    return load_dataset(data, layout=layout, target=target, exclude=list(exclude))


def load_clips(
    data: str | PathLike[str], *, layout: str = "auto", **choice: Any
) -> Dataset:
    """Load clips, or features that `extract_to_disk` wrote of some.

    Parameters
    ----------
    data : str or path-like
        What `mfccclf.load_dataset` reads, or features.
    layout : str, default="auto"
        As for `mfccclf.load_dataset`.
    **choice
        As for `load_chosen`; features have the labels that were chosen for them.

    Returns
    -------
    clips : Dataset
        All splits.

    Raises
    ------
    DatasetError
        If the data cannot be used.
    """
    if layout == "auto" and is_extracted(data):
        return load_extracted(data)
    return load_chosen(data, layout=layout, **choice)


def check_joinable(data: Sequence[str | PathLike[str]]) -> None:
    """Check that features do not stand beside other data.

    Parameters
    ----------
    data : sequence of path-like
        Folders, tables or features that are to count as one.

    Raises
    ------
    DatasetError
        If one of several is features.
    """
    features = [part for part in data if is_extracted(part)]
    if features and len(data) > 1:
        raise DatasetError(
            f"{features[0]} holds features, which are not joined with other data. Name "
            "it alone, or name the clips that it was made of."
        )


def check_validation_labels(clips: Dataset, validation: Dataset | None) -> None:
    """Check that validation clips have no label that is not learned.

    Parameters
    ----------
    clips : Dataset
        To learn from.
    validation : Dataset or None
        To watch the training with.

    Raises
    ------
    DatasetError
        If they have; all such labels are named.
    """
    if validation is None:
        return
    unknown = sorted(set(validation.classes) - set(clips.classes))
    if unknown:
        raise DatasetError(
            f"The validation clips have labels that no training clip has: "
            f"{', '.join(unknown)}. Add training clips of them, or leave them out."
        )
