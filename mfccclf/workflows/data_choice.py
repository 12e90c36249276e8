"""Load clips, or their features, with the labels that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, Self

from mfccclf.datasets import Cutting, Dataset, load_dataset
from mfccclf.datasets.extracted import is_extracted, load_extracted
from mfccclf.datasets.finding import ANNOTATIONS
from mfccclf.datasets.loading import find_layout
from mfccclf.errors import DatasetError

__all__ = ["DataChoice", "check_joinable", "load_chosen", "load_chosen_or_extracted"]

# The only layout that knows several kinds of labels.
_NSYNTH = "nsynth"


@dataclass(frozen=True, kw_only=True)
class DataChoice:
    """How data are read, and which of their labels are used.

    Parameters
    ----------
    layout : str, default="auto"
        As for `mfccclf.load_dataset`.
    target : str or None, default=None
        As for `mfccclf.load_dataset`; None uses what is usual for a preset or a model.
    exclude : sequence of str or None, default=None
        As for `mfccclf.load_dataset`; None uses what is usual for a preset or a model.
    cutting : Cutting or None, default=None
        As for `mfccclf.load_dataset`.

    Examples
    --------
    >>> from mfccclf.workflows import DataChoice
    >>> DataChoice(layout="folders", exclude=["other"]).layout
    'folders'
    """

    layout: str = "auto"
    target: str | None = None
    exclude: Sequence[str] | None = None
    cutting: Cutting | None = None

    def beside(self, data: str | PathLike[str]) -> Self:
        """Return the choice for data that are used together with those it was made for.

        These need not be annotated, and are then not cut.
        """
        if self.cutting is None or find_layout(data, self.layout) == ANNOTATIONS:
            return self
        return replace(self, cutting=None)


def load_chosen(
    data: str | PathLike[str],
    choice: DataChoice,
    *,
    usual: Mapping[str, Any] | None = None,
) -> Dataset:
    """Load clips with the labels that were chosen, or else the usual ones.

    Parameters
    ----------
    data : str or path-like
        What `mfccclf.load_dataset` reads.
    choice : DataChoice
        Layout and labels.
    usual : mapping, optional
        "target" and "exclude" of a preset or a model, for what ``choice`` leaves open.
        The target applies to NSynth's layout only.

    Returns
    -------
    clips : Dataset
        All splits, with clips that are missing or have a wrong header, if nothing else
        is wrong: whoever reads them names them with all others that cannot be used.

    Raises
    ------
    DatasetError
        If the data cannot be used, or do not have the target.
    """
    usual = usual or {}
    target, exclude = choice.target, choice.exclude
    if target is None and usual.get("target"):
        is_nsynth = find_layout(data, choice.layout) == _NSYNTH
        target = usual["target"] if is_nsynth else None
    if exclude is None:
        exclude = usual.get("exclude") or ()
    return load_dataset(
        data,
        layout=choice.layout,
        target=target,
        exclude=list(exclude),
        cutting=choice.cutting,
        keep_bad=True,
    )


def load_chosen_or_extracted(
    data: str | PathLike[str],
    choice: DataChoice,
    *,
    usual: Mapping[str, Any] | None = None,
) -> Dataset:
    """Load clips as `load_chosen` does, or features that `extract_to_disk` wrote.

    Parameters
    ----------
    data : str or path-like
        What `mfccclf.load_dataset` reads, or features.
    choice, usual
        As for `load_chosen`. Features keep the labels chosen when they were extracted.

    Returns
    -------
    clips : Dataset
        All splits.

    Raises
    ------
    DatasetError
        If the data cannot be used.
    """
    if choice.layout == "auto" and is_extracted(data):
        return load_extracted(data)
    return load_chosen(data, choice, usual=usual)


def check_joinable(data: Sequence[str | PathLike[str]]) -> None:
    """Check that features are not named together with other data.

    Parameters
    ----------
    data : sequence of path-like
        Folders, tables or features that are to be joined.

    Raises
    ------
    DatasetError
        If features are among several.
    """
    features = [part for part in data if is_extracted(part)]
    if features and len(data) > 1:
        raise DatasetError(
            f"{features[0]} holds features, which cannot be joined with other data. "
            "Name it alone, or name the clips that it was made from."
        )
