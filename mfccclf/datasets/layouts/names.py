"""Clips named ``label.anything.ext``, flat or in _train, _validation and _test."""

from __future__ import annotations

import re

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout, matching_clips
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.splits import canonical_split

__all__ = ["LAYOUT", "labels_in_names"]

_NAME = re.compile(r"(?P<label>[^.]+)\..+\.[^.]+", re.DOTALL)


def labels_in_names(tree: AudioTree) -> set[str]:
    """Return the labels in the names of all clips; none if a name has no label."""
    matches = [_NAME.fullmatch(clip.name) for clip in tree.clips]
    return {match["label"] for match in matches if match} if all(matches) else set()


def _recognises(tree: AudioTree) -> bool:
    in_place = all(
        len(clip.parts) == 1
        or (len(clip.parts) == 2 and canonical_split(clip.parts[0]) is not None)
        for clip in tree.clips
    )
    # One name is enough: the reader then names the clips that do not follow it.
    return in_place and any(_NAME.fullmatch(clip.name) for clip in tree.clips)


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    clips = []
    for clip, match in matching_clips(tree, _NAME, "label.anything.ext", problems):
        split = canonical_split(clip.parts[0]) if clip.parent.name else None
        clips.append(make_clip(tree.root / clip, match["label"], split=split))
    return _without_loose(clips, problems)


def _without_loose(clips: list[Clip], problems: Problems) -> list[Clip]:
    """Leave out clips beside the split folders, kept there to try by hand."""
    split = [clip for clip in clips if clip.split is not None]
    if not split or len(split) == len(clips):
        return clips
    loose = [clip.path for clip in clips if clip.split is None]
    problems.warn(
        f"{len(loose)} of {len(clips)} clips are left out, as they lie beside the "
        f"split folders: {shorten(loose, limit=3)}."
    )
    return split


LAYOUT = Layout(
    name="names",
    description="label.anything.wav, flat or in _train, _validation and _test",
    recognises=_recognises,
    read=_read,
)
