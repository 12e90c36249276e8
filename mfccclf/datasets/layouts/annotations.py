"""Recordings with tables of annotations beside them, named after them.

``song.wav`` with ``song.txt`` (Raven, Audacity, BirdNET), ``song.TextGrid`` (Praat),
``song.jams`` or ``song.csv``; see `mfccclf.datasets.annotations.reading`.
"""

from __future__ import annotations

from mfccclf.datasets.annotations.cutting import Cutting, cut_recordings
from mfccclf.datasets.annotations.finding import (
    find_by_tables,
    tables_beside_recordings,
)
from mfccclf.datasets.clips import Clip
from mfccclf.datasets.files import AudioTree, folder_here
from mfccclf.datasets.layouts.layout import Layout
from mfccclf.datasets.layouts.names import labels_in_names
from mfccclf.datasets.problems import Problems
from mfccclf.datasets.splits import canonical_split
from mfccclf.storage.stored_path import StoredPath

__all__ = ["LAYOUT"]


def _recognises(tree: AudioTree) -> bool:
    """Return whether only tables can say what the labels are.

    Where folders or names of clips tell labels apart, they do, whatever lies beside.
    """
    if isinstance(tree.root, StoredPath):
        return False
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
    return bool(tables_beside_recordings(tree))


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    return cut_recordings(
        find_by_tables(tree, problems), folder_here(tree), Cutting(), problems
    )


LAYOUT = Layout(
    name="annotations",
    description="song.wav with song.txt, .TextGrid, .jams or .csv of labelled times",
    recognises=_recognises,
    read=_read,
)
