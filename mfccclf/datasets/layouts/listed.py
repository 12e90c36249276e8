"""Collections whose clips, labels and folds stand in one table with a known name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mfccclf.datasets.clips import Clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.table_text import read_rows

__all__ = ["Row", "listed_layout", "read_listed_rows"]

Row = dict[str, str]


def listed_layout(
    name: str,
    description: str,
    *,
    table: str,
    columns: tuple[str, ...],
    make: Callable[[Path, Row], Clip],
    keeps: Callable[[Row], bool] = lambda row: True,
    recognises: Callable[[AudioTree], bool] | None = None,
) -> Layout:
    """Make a layout whose table lists the clips.

    Parameters
    ----------
    name, description : str
        As for `Layout`.
    table : str
        The table's path below the folder.
    columns : tuple of str
        The columns that are needed.
    make : callable
        Returns the clip, given the folder and the row.
    keeps : callable, default=every row
        Returns whether a row belongs to the data set.
    recognises : callable or None, default=None
        As for `Layout`; None takes a folder with the table and any clips.

    Returns
    -------
    layout : Layout
        Its reader names clips that are listed, but not there, and the other way round.
    """

    def read(tree: AudioTree, problems: Problems) -> list[Clip]:
        rows = read_listed_rows(tree.root / table, columns, problems)
        _warn_of_unlisted(tree, [make(tree.root, row) for row in rows], table, problems)
        return [make(tree.root, row) for row in rows if keeps(row)]

    def has_table(tree: AudioTree) -> bool:
        return bool(tree.clips) and Path(table) in tree.others

    return Layout(
        name=name,
        description=description,
        recognises=recognises or has_table,
        read=read,
        table=table,
    )


def read_listed_rows(
    path: Path, columns: tuple[str, ...], problems: Problems
) -> list[Row]:
    """Return the rows of a table; none, and a problem, if a column is missing.

    Parameters
    ----------
    path : Path
        The table.
    columns : tuple of str
        The columns that are needed, and that each row gets.
    problems : Problems
        Takes what is wrong with the table.
    """
    if not path.is_file():
        problems.add(f"{path} does not exist. It lists the clips of this layout.")
        return []
    rows = read_rows(path, problems, lambda header: len({*header} & {*columns}))
    missing = [name for name in columns if name not in rows.header]
    if missing:
        problems.add(
            f"{path} has no column {' or '.join(map(repr, missing))}. Its first line "
            f"must name {', '.join(columns)}."
        )
        return []
    places = {name: rows.header.index(name) for name in columns}
    return [
        {name: cells[place] for name, place in places.items()}
        for _, cells in rows.lines
    ]


def _warn_of_unlisted(
    tree: AudioTree, clips: list[Clip], table: str, problems: Problems
) -> None:
    listed = {clip.path for clip in clips}
    unlisted = [str(clip) for clip in tree.clips if str(tree.root / clip) not in listed]
    if unlisted and clips:
        problems.warn(
            f"{len(unlisted)} of {len(tree.clips)} sound files are left out, as "
            f"{table} does not list them: {shorten(unlisted, limit=3)}."
        )
