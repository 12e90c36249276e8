"""More clips of the same labels to learn from, such as rendered ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from os import PathLike

from mfccclf.datasets import Cutting, Dataset
from mfccclf.errors import DatasetError
from mfccclf.workflows.data_choice import (
    DataChoice,
    check_joinable,
    load_chosen_or_extracted,
)

__all__ = ["load_more_clips"]


def load_more_clips(
    data: Sequence[str | PathLike[str]],
    clips: Dataset,
    cutting: Cutting | None = None,
    *,
    multilabel: bool = False,
) -> Dataset:
    """Load more clips of the labels that are learned.

    Parameters
    ----------
    data : sequence of path-like
        What `mfccclf.load_dataset` reads, or one item: features that `extract_to_disk`
        wrote. All clips are used, whatever their split, except those with labels that
        ``clips`` leaves out.
    clips : Dataset
        The clips whose labels are learned.
    cutting : Cutting or None, default=None
        How annotated recordings are cut; other data are not.
    multilabel : bool, default=False
        Whether a clip may have any number of them.

    Returns
    -------
    more : Dataset
        All of them.

    Raises
    ------
    DatasetError
        If they cannot be used, or have labels that ``clips`` does not have.

    Examples
    --------
    >>> from mfccclf import load_dataset
    >>> from mfccclf.workflows import load_more_clips
    >>> clips = load_dataset("recordings")  # doctest: +SKIP
    >>> more = load_more_clips(["spoken"], clips)  # doctest: +SKIP
    """
    check_joinable(data)
    usual = {"target": clips.target, "exclude": clips.exclude}
    choice = DataChoice(cutting=cutting)
    parts = [
        load_chosen_or_extracted(part, choice.beside(part), usual=usual)
        for part in data
    ]
    for part in parts:
        _check_labels(part, clips, multilabel=multilabel or clips.multilabel)
    return reduce(Dataset.join, parts)


def _check_labels(part: Dataset, clips: Dataset, *, multilabel: bool) -> None:
    unknown = sorted(set(part.classes) - set(clips.classes))
    if unknown:
        raise DatasetError(
            f"{part.name} has labels that {clips.name} does not have: "
            f"{', '.join(unknown)}. It has {', '.join(clips.classes)}. Rename the "
            "labels, or pass such clips as clips of no label (--other)."
        )
    if part.multilabel and not multilabel:
        raise DatasetError(
            f"{part.name} has clips of several labels, but {clips.name} has none. "
            "Train with --multi-label."
        )
