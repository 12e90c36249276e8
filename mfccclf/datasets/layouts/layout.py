"""What a layout is, and the reading of clips' names that most layouts share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mfccclf.datasets.clips import Clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.problems import Problems

__all__ = ["Layout", "all_match", "matching_clips"]

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
        Whether a folder looks like this layout.
    read : callable
        Return the clips of a folder and note its problems.
    targets : mapping of str to callable, default={}
        What may be told apart instead, by name, and how clips are read for it.
    """

    name: str
    description: str
    recognises: Callable[[AudioTree], bool]
    read: Reader
    targets: Mapping[str, Reader] = field(default_factory=dict)


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
