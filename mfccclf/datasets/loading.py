"""Load a data set from whatever layout it has on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from mfccclf._validation import argument_error, check_bool, check_choice, suggest
from mfccclf.datasets.annotations.cutting import Cutting, cut_unlabelled
from mfccclf.datasets.checks import (
    check_content,
    check_files,
    check_groups,
    check_headers,
    check_structure,
)
from mfccclf.datasets.clips import Clip
from mfccclf.datasets.dataset import Dataset
from mfccclf.datasets.finding import (
    ANNOTATIONS,
    TABLE,
    Found,
    find_annotated,
    find_clips,
    recognise,
    root_of,
    whole_collection,
)
from mfccclf.datasets.fold_labels import check_labels_are_no_folds
from mfccclf.datasets.layouts import LAYOUTS, list_layouts
from mfccclf.datasets.left_out import note_left_out
from mfccclf.datasets.problems import Problems
from mfccclf.datasets.splits import SPLITS, canonical_split
from mfccclf.datasets.stored_data import StoredData, find_stored

__all__ = ["find_layout", "load_dataset", "load_unlabelled"]

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
    cutting: Cutting | None = None,
    keep_bad: bool = False,
) -> Dataset:
    """Find the clips of a data set with their labels, groups and splits.

    Parameters
    ----------
    data : path-like
        A folder, or a CSV file with the columns ``path`` and ``label``, and perhaps
        ``split`` and ``group``; its paths are relative to it. Or a table of
        annotations, beside its recording or with a column of paths: of Raven, Audacity,
        Praat (TextGrid) or BirdNET, JAMS, or CSV with ``start`` and ``end`` in seconds.
        Folder and CSV file may lie in an archive (``clips.zip``, ``clips.tar``), which
        is read in place, or at an address of fsspec, such as ``s3://bucket/clips``; and
        a folder may be many archives (``train-{000..099}.tar``).
    layout : str, default="auto"
        "auto" takes the first layout that fits. A file is "annotations", if it has
        times, or "csv"; a folder is one of these, tried in this order:

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
        only names, labels and the files' presence are checked, and never more of clips
        at an address of fsspec.
    cutting : Cutting or None, default=None
        How annotated recordings are cut into clips; None makes each annotation a clip.
        Nothing is copied: a clip is a stretch, such as ``song.wav#t=1.5,3``.
    keep_bad : bool, default=False
        Keep clips that are missing or whose header is wrong, for extraction to name
        them together with those whose sound is. If anything else is wrong with the
        data, they are named with that.

    Returns
    -------
    dataset : Dataset
        In natural order of the paths; a CSV file's clips keep the order of its rows,
        and stretches the order of recording and time. The recording is the group of
        its stretches, unless the table names groups, or there is only one recording.

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
    check_bool("keep_bad", keep_bad, owner=_OWNER)
    wanted = None if split is None else _check_split(split)
    if cutting is not None:
        cutting = cutting.checked(owner=_OWNER)
    source = _locate(data, layout)
    problems = Problems(str(source))
    found = find_clips(source, layout, target, problems, cutting)
    if found.trees:
        note_left_out(found.trees, found.clips, exclude, problems)
    found = replace(found, clips=_leave_out(found.clips, exclude, problems))
    check_labels_are_no_folds(found.clips, Path(str(source)), problems)
    _check_clips(found, problems)
    if check:
        check_content(found.clips, problems)
    if problems.errors or not keep_bad:
        check_files(found.clips, problems)
        wanted_clips = [c for c in found.clips if wanted in (None, c.split)]
        check_headers(wanted_clips if check else [], problems)
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
    return recognise(source, layout)[1]


def load_unlabelled(
    data: str | PathLike[str],
    *,
    layout: str = "auto",
    split: str | None = None,
    cutting: Cutting | None = None,
) -> Dataset:
    """Find clips of the time in which annotated recordings have no label.

    Parameters
    ----------
    data, layout, cutting
        As for `load_dataset`. Clips are as long as a window, or else as the median of
        the annotations.
    split : {"train", "validation", "test"} or None, default=None
        Only clips of this split; those of no split are always returned.

    Returns
    -------
    dataset : Dataset
        Perhaps without any clip; all have the label "other", or
        ``cutting.unlabelled``.

    Raises
    ------
    DatasetError
        If the data have no annotations, or anything is wrong with them.

    Examples
    --------
    >>> from mfccclf.datasets import Cutting, load_unlabelled
    >>> load_unlabelled("recordings", cutting=Cutting(window=1.0))  # doctest: +SKIP
    """
    wanted = None if split is None else _check_split(split)
    cutting = (cutting or Cutting()).checked(owner="load_unlabelled")
    source = _locate(data, layout)
    problems = Problems(str(source))
    recordings = find_annotated(source, layout, problems, tier=cutting.tier)
    root = root_of(source)
    named = replace(cutting, unlabelled=cutting.unlabelled or "other")
    clips = cut_unlabelled(recordings, root, named)
    problems.finish()
    kept = [one for one in clips if one.split in (None, wanted or one.split)]
    return _make_dataset(Found(ANNOTATIONS, root, kept), source)


def _locate(data: str | PathLike[str], layout: str) -> Path | StoredData:
    stored = find_stored(data)
    if stored is not None:
        return stored
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


def _is_lone(found: Found) -> bool:
    """Return whether all clips are of one recording, which no split can keep whole."""
    return found.layout == ANNOTATIONS and len({one.group for one in found.clips}) < 2


def _make_dataset(found: Found, source: Path | StoredData) -> Dataset:
    clips = found.clips
    groups = [clip.group for clip in clips if clip.group is not None]
    splits = [clip.split for clip in clips if clip.split is not None]
    folds = [clip.fold for clip in clips if clip.fold is not None]
    return Dataset(
        paths=[clip.path for clip in clips],
        labels=[clip.label for clip in clips],
        groups=groups if len(groups) == len(clips) and not _is_lone(found) else None,
        splits=splits if len(splits) == len(clips) else None,
        folds=folds if clips and len(folds) == len(clips) else None,
        layout=found.layout,
        name=source.name if isinstance(source, StoredData) else source.resolve().name,
        root=str(found.root),
    )
