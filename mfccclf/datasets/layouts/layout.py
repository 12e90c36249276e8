"""What a layout is, and what most layouts share: clips that are read by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mfccclf.datasets.clips import Clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.problems import Problems
from mfccclf.storage.stored_path import Place

__all__ = [
    "Layout",
    "Reader",
    "all_match",
    "matching_clips",
    "pattern_layout",
    "read_lines",
]

Reader = Callable[[AudioTree, Problems], list[Clip]]


@dataclass(frozen=True)
class Layout:
    """A way in which data sets lie on disk.

    Parameters
    ----------
    name : str
        What ``load_dataset(layout=...)`` calls it.
    description : str
        Where clips and labels are, for people.
    recognises : callable
        Returns whether a folder has this layout.
    read : callable
        Returns the clips of a folder, and notes its problems.
    targets : mapping of str to callable, default={}
        Other things that the clips may be labelled by: a reader for each, by name.
    splits_share_groups : bool, default=False
        Whether the official split has groups on both sides, by design; no warning then.
    tables : tuple of str, default=()
        Files below the folder that list the clips, if they alone say what they are:
        the path of one then stands for the folder.
    """

    name: str
    description: str
    recognises: Callable[[AudioTree], bool]
    read: Reader
    targets: Mapping[str, Reader] = field(default_factory=dict)
    splits_share_groups: bool = False
    tables: tuple[str, ...] = ()


def pattern_layout(
    name: str,
    description: str,
    *,
    pattern: re.Pattern[str],
    form: str,
    make: Callable[[Place, re.Match[str]], Clip],
    splits_share_groups: bool = False,
) -> Layout:
    """Make a layout whose file names say everything about the clips.

    Parameters
    ----------
    name, description : str
        As for `Layout`.
    pattern : re.Pattern
        To match the whole file name.
    form : str
        The form of the names, for people.
    make : callable
        Returns the clip, given its path and its match.
    splits_share_groups : bool, default=False
        As for `Layout`.

    Returns
    -------
    layout : Layout
        It recognises a folder by the names of all its clips.
    """

    def read(tree: AudioTree, problems: Problems) -> list[Clip]:
        found = matching_clips(tree, pattern, form, problems)
        return [make(tree.root / clip, match) for clip, match in found]

    return Layout(
        name=name,
        description=description,
        recognises=lambda tree: all_match(tree, pattern),
        read=read,
        splits_share_groups=splits_share_groups,
    )


def all_match(tree: AudioTree, pattern: re.Pattern[str]) -> bool:
    """Return whether there are clips and the name of each matches."""
    return bool(tree.clips) and all(pattern.fullmatch(clip.name) for clip in tree.clips)


def matching_clips(
    tree: AudioTree, pattern: re.Pattern[str], form: str, problems: Problems
) -> Iterator[tuple[Path, re.Match[str]]]:
    """Yield each clip's relative path with its match; note those without one.

    Parameters
    ----------
    tree : AudioTree
        The folder.
    pattern : re.Pattern
        To match the whole file name.
    form : str
        The form of the names, for people.
    problems : Problems
        Takes the names that do not match.
    """
    for clip in tree.clips:
        match = pattern.fullmatch(clip.name)
        if match:
            yield clip, match
        else:
            problems.add(
                f"{tree.root / clip} is not named {form}. Rename or remove it."
            )


def read_lines(path: Place, problems: Problems) -> list[str]:
    """Return the lines of a text that are not blank; note if it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        problems.add(f"{path} cannot be read ({exc}). Save it again as UTF-8.")
        return []
    return [line.strip() for line in lines if line.strip()]
