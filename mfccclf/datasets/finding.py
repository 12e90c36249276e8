"""Find the clips of a folder by the layout that it has, or those of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from mfccclf.datasets.annotations.cutting import Cutting, cut_recordings
from mfccclf.datasets.annotations.finding import (
    find_by_table,
    find_by_tables,
    tables_beside_recordings,
)
from mfccclf.datasets.annotations.reading import is_annotation_table
from mfccclf.datasets.annotations.recordings import AnnotatedRecording
from mfccclf.datasets.clips import Clip
from mfccclf.datasets.files import AudioTree, scan_folder
from mfccclf.datasets.layouts import LAYOUTS, Layout, Reader
from mfccclf.datasets.left_out import without_companions
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.stored_data import StoredData, scan_stored, split_of_shard
from mfccclf.datasets.table import read_table
from mfccclf.errors import DatasetError
from mfccclf.storage.addresses import split_address
from mfccclf.storage.stored_path import Place, StoredPath
from mfccclf.waveform.endings import SOUND_ENDINGS

__all__ = [
    "ANNOTATIONS",
    "TABLE",
    "Found",
    "find_annotated",
    "find_clips",
    "recognise",
    "recognise_layout",
    "root_of",
    "whole_collection",
]

TABLE, ANNOTATIONS = "csv", "annotations"
# Layouts of no particular collection: tables beside such clips may be what counts.
_GENERIC = ("names", "folders")
_RECORDS = ".tfrecord"


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes
    ----------
    layout : str
        Name of the layout, or ``TABLE``.
    root : pathlib.Path or StoredPath
        Folder that the paths are relative to.
    clips : list of Clip
        Every clip, checked by its reader only.
    trees : tuple of AudioTree, default=()
        What the folder, or each archive, holds; none for a table.
    """

    layout: str
    root: Place
    clips: list[Clip]
    trees: tuple[AudioTree, ...] = ()


def find_clips(
    source: Path | StoredData,
    layout: str,
    target: str | None,
    problems: Problems,
    cutting: Cutting | None = None,
) -> Found:
    """Find the clips of a data set.

    Parameters
    ----------
    source : pathlib.Path or StoredData
        Folder or table, or archives, or what lies at an address.
    layout, target : str
        As for `mfccclf.load_dataset`.
    problems : Problems
        Takes what is wrong with single clips.
    cutting : Cutting or None, default=None
        How annotated recordings are cut into clips; None makes each annotation one.

    Returns
    -------
    found : Found
        Layout and clips.

    Raises
    ------
    DatasetError
        If there is no such folder or table, its layout or target is not known, or it is
        to be cut but has no annotations.
    """
    if isinstance(source, StoredData):
        return _find_in_stored(source, layout, target, problems, cutting)
    if not source.exists():
        raise DatasetError(f"{source} does not exist. Name a folder or a table.")
    tree, name = recognise(source, layout)
    if name == ANNOTATIONS:
        _refuse_target(target, name)
        return _cut(source, [] if tree is None else [tree], problems, cutting)
    _refuse_cutting(source, name, cutting)
    if tree is None:
        return _find_in_table(source, layout, target, problems)
    _warn_of_tables(tree, name, problems)
    return Found(name, source, _reader(LAYOUTS[name], target)(tree, problems), (tree,))


def find_annotated(
    source: Path | StoredData,
    layout: str,
    problems: Problems,
    *,
    tier: str | None = None,
) -> list[AnnotatedRecording]:
    """Find the recordings of a data set with their annotations.

    Parameters
    ----------
    source, layout, problems
        As for `find_clips`.
    tier : str or None, default=None
        As for `Cutting`.

    Raises
    ------
    DatasetError
        If there are no annotations.
    """
    tree, name = recognise(source, layout)
    if name != ANNOTATIONS:
        raise DatasetError(
            f"{source} (layout {name!r}) has no annotations with times, so no time in "
            "it is known to have no label. Name a table, or recordings with tables "
            "beside them."
        )
    trees: Iterable[AudioTree] = [] if tree is None else [tree]
    if trees and isinstance(source, StoredData):
        trees = scan_stored(source, problems)
    return _find_recordings(source, trees, problems, tier)


def recognise(source: Path | StoredData, layout: str) -> tuple[AudioTree | None, str]:
    """Return what a folder holds, None for a table, and the name of the layout.

    Parameters
    ----------
    source : pathlib.Path or StoredData
        Folder or table; of archives, the first.
    layout : str
        As for `mfccclf.load_dataset`.

    Raises
    ------
    DatasetError
        If the folder has no known layout.
    """
    if isinstance(source, StoredData):
        if source.table is not None:
            return None, _kind_of_table(source.table, layout)
        if layout not in ("auto", ANNOTATIONS):
            return None, layout
        tree = next(scan_stored(source, Problems(str(source))))
        return tree, recognise_layout(tree).name if layout == "auto" else layout
    if not source.is_dir():
        return None, _kind_of_table(source, layout)
    if layout == TABLE:
        raise DatasetError(f"{source} is a folder. Name the CSV file inside it.")
    tree = scan_folder(source)
    return tree, recognise_layout(tree).name if layout == "auto" else layout


def _kind_of_table(table: Place, layout: str) -> str:
    """Return whether a table lists clips, or has annotations of recordings."""
    if layout == ANNOTATIONS or (layout == "auto" and is_annotation_table(table)):
        return ANNOTATIONS
    return TABLE


def _cut(
    source: Path | StoredData,
    trees: Sequence[AudioTree],
    problems: Problems,
    cutting: Cutting | None,
) -> Found:
    """Cut the recordings of a table, or of folders if there are any."""
    cutting = cutting or Cutting()
    root = root_of(source)
    recordings = _find_recordings(source, trees, problems, cutting.tier)
    clips = cut_recordings(recordings, root, cutting, problems)
    return Found(ANNOTATIONS, root, clips, tuple(trees))


def root_of(source: Path | StoredData) -> Place:
    """Return the folder that a data set is in; for archives, that of them all."""
    if isinstance(source, StoredData):
        return source.root
    return source if source.is_dir() else source.parent


def _find_recordings(
    source: Path | StoredData,
    trees: Iterable[AudioTree],
    problems: Problems,
    tier: str | None,
) -> list[AnnotatedRecording]:
    table = source.table if isinstance(source, StoredData) else source
    found = [find_by_tables(tree, problems, tier=tier) for tree in trees]
    if found or table is None:
        return list(chain(*found))
    return find_by_table(table, _sounds_beside(table), problems, tier=tier)


def _sounds_beside(table: Place) -> list[Place]:
    folder = table.parent
    if isinstance(folder, StoredPath):
        stored = StoredData(str(folder), (folder,))
        tree = next(scan_stored(stored, Problems(str(folder))))
        return [folder / clip for clip in tree.clips if len(clip.parts) == 1]
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.casefold() in SOUND_ENDINGS
    ]


def _refuse_cutting(
    source: Path | StoredData, layout: str, cutting: Cutting | None
) -> None:
    if cutting not in (None, Cutting()):
        raise DatasetError(
            f"{source} (layout {layout!r}) has no annotations with times, so it cannot "
            "be cut. Leave window, overlap, unlabelled and tier out, or use 'mfccclf "
            "dataset cut'."
        )


def _warn_of_tables(tree: AudioTree, layout: str, problems: Problems) -> None:
    tables = tables_beside_recordings(tree) if layout in _GENERIC else ()
    if tables:
        problems.warn(
            f"{len(tables)} tables of annotations beside the clips are not used, such "
            f"as {tables[0]}: the labels are those of the layout {layout!r}. To use "
            f"the tables, choose the layout {ANNOTATIONS!r}."
        )


def _refuse_target(target: str | None, layout: str) -> None:
    if target is not None:
        raise DatasetError(_describe_no_target(target, layout, []))


def whole_collection(source: Path) -> Path:
    """Return the folder of a known collection for the table that lists its clips."""
    tables = [Path(table) for one in LAYOUTS.values() for table in one.tables]
    for path in (source, source.absolute()):
        for table in tables:
            depth = len(table.parts)
            if path.parts[-depth:] == table.parts and path.is_file():
                return path.parents[depth - 1]
    return source


def recognise_layout(tree: AudioTree) -> Layout:
    """Return the first layout that a folder has.

    Raises
    ------
    DatasetError
        If it has none; the message says what it holds, and lists the layouts.
    """
    for layout in LAYOUTS.values():
        if layout.recognises(tree):
            return layout
    if not tree.clips:
        raise DatasetError(_describe_no_audio(tree))
    known = "\n".join(f"  {item.name}: {item.description}" for item in LAYOUTS.values())
    names = shorten([str(clip) for clip in tree.clips], limit=3)
    raise DatasetError(
        f"{tree.root} has no known layout. Found {len(tree.clips)} sound files, such "
        f"as {names}. Arrange them in one of these layouts, or name a CSV file with "
        f"the columns path and label:\n{known}"
    )


def _find_in_stored(
    source: StoredData,
    layout: str,
    target: str | None,
    problems: Problems,
    cutting: Cutting | None,
) -> Found:
    """Find the clips archive by archive; the first one's layout is that of all."""
    table = source.table
    if table is not None and _kind_of_table(table, layout) == TABLE:
        _refuse_cutting(source, TABLE, cutting)
        return _find_in_table(table, layout, target, problems)
    if table is not None:
        _refuse_target(target, ANNOTATIONS)
        return _cut(source, [], problems, cutting)
    if layout == TABLE:
        raise DatasetError(f"{source} is no table. Name the CSV file inside it.")
    trees = list(scan_stored(source, problems))
    full = [tree for tree in trees if tree.clips or len(trees) == 1]
    if not full:
        raise DatasetError(f"{source} holds no sound files. Name archives of clips.")
    chosen = LAYOUTS.get(layout) or recognise_layout(full[0])
    if chosen.name == ANNOTATIONS:
        _refuse_target(target, ANNOTATIONS)
        found = _cut(source, full, problems, cutting)
        return replace(found, clips=_split_by_shard(found.clips, source))
    _refuse_cutting(source, chosen.name, cutting)
    read = _reader(chosen, target)
    clips = _split_by_shard([c for tree in full for c in read(tree, problems)], source)
    companionless = tuple(without_companions(tree) for tree in trees)
    return Found(chosen.name, source.root, clips, companionless)


def _split_by_shard(clips: list[Clip], source: StoredData) -> list[Clip]:
    """Let ``train-0001.tar`` and ``test-0001.tar`` say the split of their clips."""
    splits = {place.home: split_of_shard(place.home) for place in source.places}
    known = {split for split in splits.values() if split}
    if len(known) < 2 or any(clip.split for clip in clips):
        return clips
    return [
        replace(clip, split=splits[split_address(clip.path).home]) for clip in clips
    ]


def _find_in_table(
    source: Place, layout: str, target: str | None, problems: Problems
) -> Found:
    _refuse_target(target, TABLE)
    if layout not in ("auto", TABLE):
        raise DatasetError(
            f"{source} is a file, but the layout {layout!r} is read from a folder. "
            "Name the folder."
        )
    if source.suffix.casefold() == _RECORDS:
        raise DatasetError(f"{source} is a TFRecord file. {_unpack_hint(source.name)}")
    if source.suffix.casefold() in SOUND_ENDINGS:
        raise DatasetError(
            f"{source} is one sound file, not a data set. Name a folder of labelled "
            "clips or a CSV file."
        )
    return Found(TABLE, source.parent, read_table(source, problems))


def _reader(layout: Layout, target: str | None) -> Reader:
    if target is None:
        return layout.read
    if target not in layout.targets:
        raise DatasetError(
            _describe_no_target(target, layout.name, list(layout.targets))
        )
    return layout.targets[target]


def _describe_no_target(target: str, layout: str, known: list[str]) -> str:
    if not known:
        return (
            f"Data of the layout {layout!r} have one kind of labels, so the target "
            f"{target!r} cannot be chosen. Leave the target out."
        )
    return (
        f"Data of the layout {layout!r} have no target {target!r}. Known targets: "
        f"{', '.join(known)}."
    )


def _describe_no_audio(tree: AudioTree) -> str:
    if not tree.others:
        what = "holds only empty folders" if tree.folders_without_clips else "is empty"
        return f"{tree.root} {what}. Name a folder of labelled clips."
    records = [path for path in tree.others if path.suffix.casefold() == _RECORDS]
    if records:
        hint = _unpack_hint(str(records[0]))
        return f"{tree.root} holds no sound file, but TFRecord files. {hint}"
    endings = ", ".join(sorted(SOUND_ENDINGS))
    tables = [str(path) for path in tree.others if path.suffix.casefold() == ".csv"]
    hint = f" If {tables[0]} lists the clips, name that file." if tables else ""
    return (
        f"{tree.root} holds no sound file, but {len(tree.others)} other files, such as "
        f"{shorten([str(path) for path in tree.others], limit=3)}. Sound files are "
        f"recognised by their endings: {endings}.{hint}"
    )


def _unpack_hint(name: str) -> str:
    return f"Unpack it first: mfccclf dataset unpack {name} -o FOLDER."
