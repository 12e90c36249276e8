"""Load a data set from whatever layout it has on disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from mfccclf.datasets.files import AUDIO_SUFFIXES, AudioTree, scan_folder
from mfccclf.datasets.layouts import LAYOUTS, Layout, read_table
from mfccclf.datasets.layouts.layout import Reader
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.splits import SPLITS, canonical_split
from mfccclf.errors import DatasetError

__all__ = ["find_layout", "load_dataset"]

_RECORDS = ".tfrecord"


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
        A folder, or a CSV file with the columns ``path`` and ``label``, perhaps
        ``split`` and ``group``; its paths are relative to it.
    layout : str, default="auto"
        "auto" takes the first layout that fits: a file is "csv"; a folder is "nsynth",
        "openmic", "medley-solos", "chmusic", "digits", "speech-commands", "irmas",
        "gtzan", "names" (``label.anything.ext``) or "folders" (one per label), tried in
        that order. Any of these names forces it.
    split : {"train", "validation", "test"} or None, default=None
        Return the clips of this split only; None returns all clips.
    target : str or None, default=None
        What the labels are, where a layout knows several: of "nsynth",
        "instrument_family" (which None means) or "instrument_source".
    exclude : sequence of str, default=()
        Leave out clips of these labels, or of these instrument families of "nsynth",
        whatever the target. A name that no clip has changes nothing.
    check : bool, default=True
        Open every clip's header, and look for one recording in two splits. Without
        it only names, labels and the files' presence are checked.

    Returns
    -------
    dataset : Dataset
        In natural order of the paths; a CSV's clips keep the order of its rows.

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
    check_choice("layout", layout, ["auto", "csv", *LAYOUTS], owner="load_dataset")
    check_bool("check", check, owner="load_dataset")
    wanted = None if split is None else _check_split(split)
    source = Path(data).expanduser()
    problems = Problems(str(source))
    found, root, clips = _read(source, layout, target, problems)
    clips = _leave_out(clips, exclude, problems)
    if not clips and not problems.errors:
        problems.add(f"No clip was found (layout {found!r}). Add clips.")
    check_structure(clips, problems)
    if found != "digits":  # whose official split has every speaker in both parts
        check_groups(clips, problems)
    if check:
        check_content(clips, problems)
        check_headers([c for c in clips if wanted in (None, c.split)], problems)
    problems.finish()
    dataset = replace(
        _make_dataset(clips, found, source, root),
        target=target,
        exclude=tuple(exclude),
    )
    return dataset if wanted is None else dataset.select(wanted)


def find_layout(data: str | PathLike[str], layout: str = "auto") -> str:
    """Return the name of the layout that `load_dataset` would read.

    Raises
    ------
    DatasetError
        If the layout is not known.
    """
    source = Path(data).expanduser()
    if layout != "auto":
        return layout
    return _recognise(scan_folder(source)).name if source.is_dir() else "csv"


def _check_split(split: str) -> str:
    wanted = canonical_split(split) if isinstance(split, str) else None
    if wanted is None:
        expected = "one of " + ", ".join(repr(name) for name in SPLITS) + " or None"
        hint = suggest(split, SPLITS)
        raise argument_error("split", split, expected, owner="load_dataset", hint=hint)
    return wanted


def _leave_out(
    clips: list[Clip], exclude: Sequence[str], problems: Problems
) -> list[Clip]:
    if isinstance(exclude, str):
        raise argument_error(
            "exclude",
            exclude,
            "a list of names",
            owner="load_dataset",
            error=TypeError,
        )
    known = {clip.label for clip in clips} | {clip.kind for clip in clips if clip.kind}
    for name in exclude:
        near = suggest(name, known)
        if name not in known and near:
            problems.warn(f"No clip is of {name!r}, which was to be left out. {near}")
    return [clip for clip in clips if not {clip.label, clip.kind} & set(exclude)]


def _read(
    source: Path, layout: str, target: str | None, problems: Problems
) -> tuple[str, Path, list[Clip]]:
    if not source.exists():
        raise DatasetError(f"{source} does not exist. Name a folder or a CSV file.")
    if source.is_dir():
        if layout == "csv":
            raise DatasetError(f"{source} is a folder. Name the CSV file inside it.")
        tree = scan_folder(source)
        chosen = _recognise(tree) if layout == "auto" else LAYOUTS[layout]
        return chosen.name, source, _reader(chosen, target)(tree, problems)
    if target is not None:
        raise DatasetError(_no_target(target, "csv", ()))
    if layout not in ("auto", "csv"):
        raise DatasetError(
            f"{source} is a file, but the layout {layout!r} is read from a folder. "
            "Name the folder."
        )
    if source.suffix.casefold() == _RECORDS:
        raise DatasetError(f"{source} is a TFRecord file. {_unpack_hint(source.name)}")
    if source.suffix.casefold() in AUDIO_SUFFIXES:
        raise DatasetError(
            f"{source} is one sound file, not a data set. Name a folder of labelled "
            "clips or a CSV file."
        )
    return "csv", source.parent, read_table(source, problems)


def _reader(layout: Layout, target: str | None) -> Reader:
    if target is None:
        return layout.read
    if target not in layout.targets:
        raise DatasetError(_no_target(target, layout.name, layout.targets))
    return layout.targets[target]


def _no_target(target: str, layout: str, known: Iterable[str]) -> str:
    names = ", ".join(known)
    if not names:
        return (
            f"Data of the layout {layout!r} have one kind of labels, so the target "
            f"{target!r} cannot be chosen. Leave the target out."
        )
    return (
        f"Data of the layout {layout!r} have no target {target!r}. Known targets: "
        f"{names}."
    )


def _recognise(tree: AudioTree) -> Layout:
    for layout in LAYOUTS.values():
        if layout.recognises(tree):
            return layout
    if not tree.clips:
        raise DatasetError(_no_audio(tree))
    known = "\n".join(f"  {item.name}: {item.description}" for item in LAYOUTS.values())
    names = shorten([str(clip) for clip in tree.clips], limit=3)
    raise DatasetError(
        f"{tree.root} has no layout that is known. Found {len(tree.clips)} sound "
        f"files, as {names}. Arrange them in one of these layouts, or name a CSV file "
        f"with the columns path and label:\n{known}"
    )


def _no_audio(tree: AudioTree) -> str:
    if not tree.others:
        return f"{tree.root} is empty. Name a folder of labelled clips."
    records = [path for path in tree.others if path.suffix.casefold() == _RECORDS]
    if records:
        hint = _unpack_hint(str(records[0]))
        return f"{tree.root} holds no sound file, but TFRecord files. {hint}"
    endings = ", ".join(sorted(AUDIO_SUFFIXES))
    tables = [str(path) for path in tree.others if path.suffix.casefold() == ".csv"]
    hint = f" If {tables[0]} lists the clips, name that file." if tables else ""
    return (
        f"{tree.root} holds no sound file, but {len(tree.others)} other files, as "
        f"{shorten([str(path) for path in tree.others], limit=3)}. Sound files are "
        f"known by their endings: {endings}.{hint}"
    )


def _unpack_hint(name: str) -> str:
    return f"Unpack it first: mfccclf dataset unpack {name} -o FOLDER."


def _make_dataset(clips: list[Clip], layout: str, source: Path, root: Path) -> Dataset:
    groups = [clip.group for clip in clips if clip.group is not None]
    splits = [clip.split for clip in clips if clip.split is not None]
    return Dataset(
        paths=[clip.path for clip in clips],
        labels=[clip.label for clip in clips],
        groups=groups if len(groups) == len(clips) else None,
        splits=splits if len(splits) == len(clips) else None,
        layout=layout,
        name=source.resolve().name,
        root=str(root),
    )
