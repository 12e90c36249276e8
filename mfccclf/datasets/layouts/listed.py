"""Collections whose clips, labels, splits and folds stand in tables of known names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mfccclf.datasets.clips import Clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.table_text import read_rows
from mfccclf.storage.stored_path import Place

__all__ = ["ClipTable", "Row", "listed_layout", "read_listed_rows", "read_tables"]

Row = dict[str, str]


@dataclass(frozen=True)
class ClipTable:
    """A table that lists clips.

    Parameters
    ----------
    path : str
        Where it lies below the folder.
    columns : tuple of str
        The columns that are needed.
    make : callable
        Returns the clip, given the folder and the row.
    folder : str, default=""
        Where its clips lie below the folder.
    keeps : callable, default=every row
        Returns whether a row belongs to the data set.
    """

    path: str
    columns: tuple[str, ...]
    make: Callable[[Place, Row], Clip]
    folder: str = ""
    keeps: Callable[[Row], bool] = lambda row: True

    def is_in(self, tree: AudioTree) -> bool:
        """Return whether a folder has this table and clips where its clips lie."""
        return Path(self.path) in tree.others and any(
            clip.is_relative_to(self.folder) for clip in tree.clips
        )


def listed_layout(
    name: str,
    description: str,
    *,
    tables: Sequence[ClipTable],
    recognises: Callable[[AudioTree], bool] | None = None,
) -> Layout:
    """Make a layout whose tables list the clips.

    Parameters
    ----------
    name, description : str
        As for `Layout`.
    tables : sequence of ClipTable
        The tables that a folder of this layout may have; one is enough.
    recognises : callable or None, default=None
        As for `Layout`; None takes a folder with one of the tables and its clips.

    Returns
    -------
    layout : Layout
        Its reader names clips that are listed, but not there, and the other way round.
    """

    def read(tree: AudioTree, problems: Problems) -> list[Clip]:
        return read_tables(tree, tables, problems)

    def has_table(tree: AudioTree) -> bool:
        return any(table.is_in(tree) for table in tables)

    return Layout(
        name=name,
        description=description,
        recognises=recognises or has_table,
        read=read,
        # Any folder of clips may have a "train.csv" of its own.
        tables=tuple(table.path for table in tables if "/" in table.path),
    )


def read_tables(
    tree: AudioTree, tables: Sequence[ClipTable], problems: Problems
) -> list[Clip]:
    """Return the clips that tables list, as far as a folder has these tables.

    Parameters
    ----------
    tree : AudioTree
        The folder.
    tables : sequence of ClipTable
        The tables that it may have.
    problems : Problems
        Takes what is wrong with them, and a warning of clips that they do not list.
    """
    found = [table for table in tables if Path(table.path) in tree.others]
    if not found:
        problems.add(_describe_no_table(tree, tables))
    listed: list[Clip] = []
    kept: list[Clip] = []
    for table in found:
        path = tree.root / table.path
        for row in read_listed_rows(path, table.columns, problems):
            clip = table.make(tree.root, row)
            listed.append(clip)
            kept += [clip] if table.keeps(row) else []
    _warn_of_unlisted(tree, listed, [table.path for table in found], problems)
    return kept


def read_listed_rows(
    path: Place, columns: tuple[str, ...], problems: Problems
) -> list[Row]:
    """Return the rows of a table; none, and a problem, if a column is missing.

    Parameters
    ----------
    path : Path or StoredPath
        The table.
    columns : tuple of str
        The columns that are needed, and that each row gets.
    problems : Problems
        Takes what is wrong with the table.
    """
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


def _describe_no_table(tree: AudioTree, tables: Sequence[ClipTable]) -> str:
    names = [table.path for table in tables]
    if len(names) == 1:
        path = tree.root / names[0]
        return f"{path} does not exist. It lists the clips of this layout."
    return (
        f"There is no table of this layout. It lists the clips in {', '.join(names)}."
    )


def _warn_of_unlisted(
    tree: AudioTree, clips: list[Clip], tables: list[str], problems: Problems
) -> None:
    listed = {clip.path for clip in clips}
    unlisted = [str(clip) for clip in tree.clips if str(tree.root / clip) not in listed]
    if unlisted and clips:
        do = "does" if len(tables) == 1 else "do"
        problems.warn(
            f"{len(unlisted)} of {len(tree.clips)} sound files are left out, as "
            f"{' and '.join(tables)} {do} not list them: {shorten(unlisted, limit=3)}."
        )
