"""Load a data set from whatever layout it has on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from mfccclf._validation import argument_error, check_bool, check_choice, suggest
from mfccclf.datasets.checks import (
    check_content,
    check_groups,
    check_headers,
    check_structure,
)
from mfccclf.datasets.clips import Clip
from mfccclf.datasets.dataset import Dataset
from mfccclf.datasets.files import scan_folder
from mfccclf.datasets.finding import (
    TABLE,
    Found,
    find_clips,
    recognise_layout,
    whole_collection,
)
from mfccclf.datasets.fold_labels import check_labels_are_no_folds
from mfccclf.datasets.layouts import LAYOUTS, list_layouts
from mfccclf.datasets.left_out import note_left_out
from mfccclf.datasets.problems import Problems
from mfccclf.datasets.splits import SPLITS, canonical_split

__all__ = ["find_layout", "load_dataset"]

_OWNER = "load_dataset"


@list_layouts
def load_dataset(
    data: str | PathLike[str],
    *,
    layout: str = "auto",
    split: str | None = None,
    target: str | None = None,
    exclude: Sequence[str] = (),
    check: bool = True,
) -> Dataset:
    """Find the clips of a data set with their labels, groups and splits.

    Parameters
    ----------
    data : path-like
        A folder, or a CSV file with the columns ``path`` and ``label``, and perhaps
        ``split`` and ``group``; its paths are relative to it.
    layout : str, default="auto"
        "auto" takes the first layout that fits. A file is "csv"; a folder is one of
        these, tried in this order:

        {layouts}

        Any of these names forces it.
    split : {"train", "validation", "test"} or None, default=None
        Return the clips of this split only; None returns all clips.
    target : str or None, default=None
        What the labels stand for, where a layout offers a choice: for "nsynth",
        "instrument_family" (which None means) or "instrument_source".
    exclude : sequence of str, default=()
        Leave out clips of these labels, or of these instrument families of "nsynth",
        whatever the target. A name that no clip has changes nothing.
    check : bool, default=True
        Open every clip's header, and look for one recording in two splits. Otherwise
        only names, labels and the files' presence are checked.

    Returns
    -------
    dataset : Dataset
        In natural order of the paths; a CSV file's clips keep the order of its rows.

    Raises
    ------
    DatasetError
        If the layout is not known or anything is wrong with the data; the message
        lists every problem found, 20 lines at most.

    Examples
    --------
    >>> import tempfile, numpy as np, soundfile
    >>> from pathlib import Path
    >>> from mfccclf import load_dataset
    >>> tone = np.sin(np.arange(4000) / 5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for label in ("no", "yes"):
    ...         soundfile.write(Path(folder, f"{label}.01.wav"), tone, 8000)
    ...     dataset = load_dataset(folder)
    >>> dataset.layout, dataset.labels
    ('names', ['no', 'yes'])
    """
    check_choice("layout", layout, ["auto", TABLE, *LAYOUTS], owner=_OWNER)
    check_bool("check", check, owner=_OWNER)
    wanted = None if split is None else _check_split(split)
    source = _locate(data, layout)
    problems = Problems(str(source))
    found = find_clips(source, layout, target, problems)
    if found.tree is not None:
        note_left_out(found.tree, found.clips, exclude, problems)
    found = replace(found, clips=_leave_out(found.clips, exclude, problems))
    check_labels_are_no_folds(found.clips, source, problems)
    _check_clips(found, problems)
    if check:
        check_content(found.clips, problems)
        check_headers([c for c in found.clips if wanted in (None, c.split)], problems)
    problems.finish()
    dataset = replace(
        _make_dataset(found, source), target=target, exclude=tuple(exclude)
    )
    return dataset if wanted is None else dataset.select(wanted)


def find_layout(data: str | PathLike[str], layout: str = "auto") -> str:
    """Return the name of the layout that `load_dataset` would read.

    Raises
    ------
    DatasetError
        If the layout is not known.
    """
    source = _locate(data, layout)
    if layout != "auto":
        return layout
    return recognise_layout(scan_folder(source)).name if source.is_dir() else TABLE


def _locate(data: str | PathLike[str], layout: str) -> Path:
    source = Path(data).expanduser()
    return source if layout == TABLE else whole_collection(source)


def _check_split(split: str) -> str:
    wanted = canonical_split(split) if isinstance(split, str) else None
    if wanted is None:
        expected = "one of " + ", ".join(repr(name) for name in SPLITS) + " or None"
        hint = suggest(split, SPLITS)
        raise argument_error("split", split, expected, owner=_OWNER, hint=hint)
    return wanted


def _check_clips(found: Found, problems: Problems) -> None:
    if not found.clips and not problems.errors:
        problems.add(f"No clip was found (layout {found.layout!r}). Add clips.")
    check_structure(found.clips, problems)
    layout = LAYOUTS.get(found.layout)
    if layout is None or not layout.splits_share_groups:
        check_groups(found.clips, problems)


def _leave_out(
    clips: list[Clip], exclude: Sequence[str], problems: Problems
) -> list[Clip]:
    if isinstance(exclude, str):
        raise argument_error(
            "exclude",
            exclude,
            "a list of names",
            owner=_OWNER,
            error=TypeError,
        )
    known = {clip.label for clip in clips} | {clip.kind for clip in clips if clip.kind}
    for name in exclude:
        near = suggest(name, known)
        if name not in known and near:
            problems.warn(f"No clip is of {name!r}, which was to be left out. {near}")
    return [clip for clip in clips if not {clip.label, clip.kind} & set(exclude)]


def _make_dataset(found: Found, source: Path) -> Dataset:
    clips = found.clips
    groups = [clip.group for clip in clips if clip.group is not None]
    splits = [clip.split for clip in clips if clip.split is not None]
    return Dataset(
        paths=[clip.path for clip in clips],
        labels=[clip.label for clip in clips],
        groups=groups if len(groups) == len(clips) else None,
        splits=splits if len(splits) == len(clips) else None,
        layout=found.layout,
        name=source.resolve().name,
        root=str(found.root),
    )
