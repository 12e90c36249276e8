"""Find annotated recordings: one table, or a folder with recordings and tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from mfccclf.datasets.annotations.annotation import TableProblems
from mfccclf.datasets.annotations.reading import (
    TABLE_ENDINGS,
    is_annotation_table,
    read_annotations,
)
from mfccclf.datasets.annotations.recordings import (
    AnnotatedRecording,
    RecordingNames,
    join_recordings,
)
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.splits import canonical_split
from mfccclf.errors import DatasetError
from mfccclf.storage.stored_path import Place, StoredPath, path_within

__all__ = [
    "find_by_table",
    "find_by_tables",
    "has_tables",
    "tables_beside_recordings",
]


def find_by_table(
    table: Place,
    beside: Iterable[Place],
    problems: Problems,
    *,
    tier: str | None = None,
) -> list[AnnotatedRecording]:
    """Return the recordings that a table annotates.

    Parameters
    ----------
    table : pathlib.Path or StoredPath
        A table that `read_annotations` reads, beside its recording, or with a column of
        paths relative to it.
    beside : iterable of pathlib.Path or StoredPath
        Sound files beside it.
    problems : Problems
        Takes all faults of table and recordings.
    tier : str or None, default=None
        As for `read_annotations`.

    Raises
    ------
    DatasetError
        If the table cannot be read at all.
    """
    recordings, is_empty = _read(table, RecordingNames(beside), problems, tier)
    if is_empty:
        problems.add("It has no annotation. Annotate the recording.")
    return recordings


def find_by_tables(
    tree: AudioTree, problems: Problems, *, tier: str | None = None
) -> list[AnnotatedRecording]:
    """Return the recordings of a folder that have a table named after them.

    A table may also lie in another folder than its recording. Folders named like splits
    say which split their recordings belong to.

    Parameters
    ----------
    tree : AudioTree
        The folder.
    problems : Problems
        Takes faults of all tables and recordings; warnings of recordings without table.
    tier : str or None, default=None
        As for `read_annotations`.
    """
    root = tree.root
    names = RecordingNames(root / clip for clip in tree.clips)
    found: list[AnnotatedRecording] = []
    empty: list[str] = []
    for table in tables_beside_recordings(tree):
        try:
            recordings, is_empty = _read(root / table, names, problems, tier)
        except DatasetError as exc:
            problems.add(str(exc))
            continue
        found += recordings
        empty += [str(table)] if is_empty else []
    if empty:
        names_shown = shorten(empty, limit=3)
        problems.warn(f"{len(empty)} tables have no annotation: {names_shown}.")
    _note_several_tables(found, problems)
    _warn_of_bare_recordings(tree, found, problems)
    return [replace(one, split=_split_of(one.path, root)) for one in found]


@lru_cache(maxsize=2)
def tables_beside_recordings(tree: AudioTree) -> tuple[Path, ...]:
    """Return the tables of a folder that are named after one of its recordings."""
    named = _named_after_recordings(tree)
    return tuple(path for path in named if is_annotation_table(tree.root / path))


def has_tables(tree: AudioTree) -> bool:
    """Tell whether recordings have tables of annotations beside them.

    In an archive and at an address, the first file that is named after a recording
    decides: reading each may take a request to a server.
    """
    if isinstance(tree.root, StoredPath):
        first = next(_named_after_recordings(tree), None)
        return first is not None and is_annotation_table(tree.root / first)
    return bool(tables_beside_recordings(tree))


def _named_after_recordings(tree: AudioTree) -> Iterator[Path]:
    candidates = [p for p in tree.others if p.suffix.casefold() in TABLE_ENDINGS]
    names = RecordingNames(tree.clips) if candidates else RecordingNames(())
    return (path for path in candidates if names.match(path))


def _read(
    table: Place, names: RecordingNames, problems: Problems, tier: str | None
) -> tuple[list[AnnotatedRecording], bool]:
    """Return the recordings of a table, and whether it has no annotation at all."""
    own = TableProblems(str(table))
    annotations = read_annotations(table, own, tier=tier)
    recordings = join_recordings(table, annotations, names, own)
    is_empty = not annotations and not own.errors
    own.move_to(problems)
    return recordings, is_empty


def _note_several_tables(
    recordings: Sequence[AnnotatedRecording], problems: Problems
) -> None:
    counts: dict[str, int] = defaultdict(int)
    for recording in recordings:
        counts[recording.path] += 1
    several = [path for path, count in counts.items() if count > 1]
    if several:
        problems.add(
            f"Several tables annotate the same recording: {shorten(several)}. Keep one "
            "table of each, or name the table that counts."
        )


def _warn_of_bare_recordings(
    tree: AudioTree, recordings: Sequence[AnnotatedRecording], problems: Problems
) -> None:
    annotated = {recording.path for recording in recordings}
    bare = [str(clip) for clip in tree.clips if str(tree.root / clip) not in annotated]
    if bare:
        problems.warn(
            f"{len(bare)} of {len(tree.clips)} recordings are left out, as no table is "
            f"named after them: {shorten(bare, limit=3)}."
        )


def _split_of(path: str, root: Place) -> str | None:
    within = path_within(path, root)
    parts = () if within is None else within.parts
    splits = [canonical_split(part) for part in parts[:-1]]
    return next((split for split in splits if split), None)
