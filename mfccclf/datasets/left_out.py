"""Files and folders that a data set has but training would not see."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from mfccclf.datasets.clips import Clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.storage.stored_path import path_below

__all__ = ["note_left_out", "without_companions"]

# Texts, tables, pictures and programs that lie beside clips, and are none by mistake.
_COMPANIONS = frozenset(
    f".{ending}"
    for ending in (
        *("bib", "cfg", "csv", "doc", "docx", "gif", "htm", "html", "ini", "ipynb"),
        *("jams", "jpeg", "jpg", "json", "jsonl", "lab", "list", "log", "lst", "md"),
        *("md5", "ods", "pdf", "png", "py", "rst", "rtf", "sh", "sha1", "sha256"),
        *("svg", "textgrid", "toml", "tsv", "txt", "xls", "xlsx", "xml", "yaml", "yml"),
        "cls",
    )
)
_COMPANION_NAMES = frozenset(
    (
        *("authors", "changelog", "citation", "copying", "licence", "license"),
        *("manifest", "notice", "readme", "thumbs.db", "version"),
    )
)


def without_companions(tree: AudioTree) -> AudioTree:
    """Return what is left to note of a folder: its clips have been found."""
    others = tuple(path for path in tree.others if not _is_companion(path))
    return replace(tree, clips=(), others=others)


def note_left_out(
    trees: Sequence[AudioTree],
    clips: list[Clip],
    exclude: Collection[str],
    problems: Problems,
) -> None:
    """Warn of files that are no clips; note folders of labels that gave none.

    Parameters
    ----------
    trees : sequence of AudioTree
        The folder, or each archive.
    clips : list of Clip
        What their layout found.
    exclude : collection of str
        Labels that are left out on purpose.
    problems : Problems
        Takes one error for all such folders and one warning for all such files.
    """
    if len(trees) == 1:  # a label may be missing in one of many archives
        _note_empty_folders(trees[0], clips, exclude, problems)
    files = [
        str(path if len(trees) == 1 else tree.root / path)
        for tree in trees
        for path in tree.others
        if not _is_companion(path)
    ]
    if files:
        are, their = (
            ("file is", "its ending is")
            if len(files) == 1
            else ("files are", "their endings are")
        )
        problems.warn(
            f"{len(files)} {are} left out, as {their} not known for sound: "
            f"{shorten(files, limit=3)}."
        )


def _note_empty_folders(
    tree: AudioTree, clips: list[Clip], exclude: Collection[str], problems: Problems
) -> None:
    bare = [name for name in tree.folders_without_clips if name.name not in exclude]
    homes = _homes_of_labels(tree, clips) if bare else set()
    empty = [folder for folder in bare if folder.parent in homes]
    if empty:
        shown = shorten([_describe(tree, folder) for folder in empty])
        problems.add(
            f"No sound file was found in {shown}, beside folders of labels. Add clips, "
            "remove the folder, or put a dot before its name."
        )


def _homes_of_labels(tree: AudioTree, clips: list[Clip]) -> set[Path]:
    """Return the folders whose folders are named as the labels of the clips in them."""
    homes: set[Path] = set()
    for place, label in {(_folder_of(clip, tree), clip.label) for clip in clips}:
        parts = place.parts
        names = [unicodedata.normalize("NFC", part) for part in parts]
        if label in names:
            homes.add(Path(*parts[: names.index(label)]))
    return homes


def _folder_of(clip: Clip, tree: AudioTree) -> PurePath:
    """Return where a clip lies below the root; "." if a table found it elsewhere."""
    root, path = str(tree.root), Path(clip.path)
    below: PurePath | None = path_below(clip.path, root)
    if below is None and path.is_relative_to(root):
        below = path.relative_to(root)
    return PurePath() if below is None else below.parent


def _describe(tree: AudioTree, folder: Path) -> str:
    inside = [path for path in tree.others if path.is_relative_to(folder)]
    if not inside:
        return f"{folder} (empty)"
    number = "1 file" if len(inside) == 1 else f"{len(inside)} files"
    return f"{folder} ({number}, such as {inside[0].name})"


def _is_companion(path: Path) -> bool:
    return (
        path.suffix.casefold() in _COMPANIONS
        or path.name.casefold() in _COMPANION_NAMES
    )
