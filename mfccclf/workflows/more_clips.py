"""Clips of a model's labels to learn from beside the data: rendered ones, say."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from mfccclf.datasets import Dataset
from mfccclf.errors import DatasetError
from mfccclf.workflows.data_choice import check_joinable, load_clips

__all__ = ["load_more_clips"]


def load_more_clips(
    data: Sequence[str | PathLike[str]], clips: Dataset, *, multilabel: bool = False
) -> Dataset:
    """Load more clips of the labels that some clips have.

    Parameters
    ----------
    data : sequence of path-like
        What `mfccclf.load_dataset` reads, or features that `extract_to_disk` wrote, and
        nothing else then; all clips count, whatever their split, but for labels that
        were left out of the others.
    clips : Dataset
        The clips whose labels are learned.
    multilabel : bool, default=False
        Whether a clip may have several of them.

    Returns
    -------
    more : Dataset
        All of them.

    Raises
    ------
    DatasetError
        If they cannot be used, or have other labels.
    """
    check_joinable(data)
    usual = {"target": clips.target, "exclude": clips.exclude}
    parts = [load_clips(part, usual=usual) for part in data]
    for part in parts:
        unknown = sorted(set(part.classes) - set(clips.classes))
        if unknown:
            raise DatasetError(
                f"{part.name} has labels that {clips.name} has not: "
                f"{', '.join(unknown)}. It has {', '.join(clips.classes)}. Name them "
                "alike, or give such clips as clips of no label (--other)."
            )
        if part.multilabel and not (multilabel or clips.multilabel):
            raise DatasetError(
                f"{part.name} has clips of several labels and {clips.name} has none. "
                "Train with --multi-label."
            )
    more = parts[0]
    for part in parts[1:]:
        more = more.join(part)
    return more
