"""Folds and splits that would be taken for labels."""

from __future__ import annotations

import re
from pathlib import Path

from mfccclf.datasets.clips import Clip, split_labels
from mfccclf.datasets.files import natural_key
from mfccclf.datasets.layouts import LAYOUTS
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.splits import canonical_split

__all__ = ["check_labels_are_no_folds"]

_FOLD = re.compile(r"_?fold[ _-]?[0-9]+", re.IGNORECASE)


def check_labels_are_no_folds(
    clips: list[Clip], source: Path, problems: Problems
) -> None:
    """Note labels that are all folds, or all splits: nobody means to tell those apart.

    Parameters
    ----------
    clips : list of Clip
        What was found.
    source : Path
        The folder or table they come from.
    problems : Problems
        Takes the problem, with the folder to name instead if there is one.
    """
    labels = {label for clip in clips for label in split_labels(clip.label)}
    folds = bool(labels) and all(map(_FOLD.fullmatch, labels))
    splits = len(labels) > 1 and all(map(canonical_split, labels))
    if folds or splits:
        kind = "folds" if folds else "splits"
        names = shorten(sorted(labels, key=natural_key))
        problems.add(f"The labels are all {kind}: {names}. {_remedy(source)}")


def _remedy(source: Path) -> str:
    if source.is_file():
        return "Name the column of labels 'label', and this one 'fold'."
    home = source.absolute().parent
    tables = [table for layout in LAYOUTS.values() for table in layout.tables]
    if any((home / table).is_file() for table in tables):
        return f"Name the folder {home} instead."
    return (
        "Put one folder per label into each of them and call them train, validation "
        "and test; or name a CSV file with the columns path, label and fold."
    )
