"""Recordings with tables of annotations beside them, named after them.

``song.wav`` with ``song.txt`` (Raven, Audacity, BirdNET), ``song.TextGrid`` (Praat),
``song.jams`` or ``song.csv``; see `mfccclf.datasets.annotations.reading`.
"""

from __future__ import annotations

from mfccclf.datasets.annotations.cutting import Cutting, cut_recordings
from mfccclf.datasets.annotations.finding import (
    find_by_tables,
    has_tables,
)
from mfccclf.datasets.clips import Clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout
from mfccclf.datasets.layouts.names import labels_in_names
from mfccclf.datasets.problems import Problems
from mfccclf.datasets.splits import canonical_split

__all__ = ["LAYOUT"]


def _recognises(tree: AudioTree) -> bool:
    """Return whether only tables can say what the labels are.

    Where folders or names of clips tell labels apart, they do, whatever lies beside.
    """
    folders = {
        parts[0]
        for parts in (
            [p for p in clip.parts[:-1] if not canonical_split(p)]
            for clip in tree.clips
        )
        if parts
    }
    if len(folders) > 1 or len(labels_in_names(tree)) > 1:
        return False
    return has_tables(tree)


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    found = find_by_tables(tree, problems)
    return cut_recordings(found, tree.root, Cutting(), problems)


LAYOUT = Layout(
    name="annotations",
    description="song.wav with song.txt, .TextGrid, .jams or .csv of labelled times",
    recognises=_recognises,
    read=_read,
)
