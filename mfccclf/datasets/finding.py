"""Find the clips of a folder by the layout that it has, or those of a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mfccclf.datasets.clips import Clip
from mfccclf.datasets.files import AudioTree, scan_folder
from mfccclf.datasets.layouts import LAYOUTS, Layout, Reader
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.table import read_table
from mfccclf.errors import DatasetError
from mfccclf.waveform.endings import SOUND_ENDINGS

__all__ = ["TABLE", "Found", "find_clips", "recognise_layout", "whole_collection"]

TABLE = "csv"
_RECORDS = ".tfrecord"


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes
    ----------
    layout : str
        Name of the layout, or ``TABLE``.
    root : pathlib.Path
        Folder that the paths are relative to.
    clips : list of Clip
        Every clip, checked by its reader only.
    tree : AudioTree or None
        What the folder holds; None for a table.
    """

    layout: str
    root: Path
    clips: list[Clip]
    tree: AudioTree | None = None


def find_clips(
    source: Path, layout: str, target: str | None, problems: Problems
) -> Found:
    """Find the clips of a data set.

    Parameters
    ----------
    source : pathlib.Path
        Folder or table.
    layout, target : str
        As for `mfccclf.load_dataset`.
    problems : Problems
        Takes what is wrong with single clips.

    Returns
    -------
    found : Found
        Layout and clips.

    Raises
    ------
    DatasetError
        If there is no such folder or table, or its layout or target is not known.
    """
    if not source.exists():
        raise DatasetError(f"{source} does not exist. Name a folder or a CSV file.")
    if not source.is_dir():
        return _find_in_table(source, layout, target, problems)
    if layout == TABLE:
        raise DatasetError(f"{source} is a folder. Name the CSV file inside it.")
    tree = scan_folder(source)
    chosen = recognise_layout(tree) if layout == "auto" else LAYOUTS[layout]
    return Found(chosen.name, source, _reader(chosen, target)(tree, problems), tree)


def whole_collection(source: Path) -> Path:
    """Return the folder of a known collection for the table that lists its clips."""
    for layout in LAYOUTS.values():
        depth = len(Path(layout.table).parts) if layout.table else 0
        for path in (source, source.absolute()):
            if 0 < depth <= len(path.parents) and path.is_file():
                folder = path.parents[depth - 1]
                if folder / layout.table == path:
                    return folder
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


def _find_in_table(
    source: Path, layout: str, target: str | None, problems: Problems
) -> Found:
    if target is not None:
        raise DatasetError(_describe_no_target(target, TABLE, []))
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
        return f"{tree.root} is empty. Name a folder of labelled clips."
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
