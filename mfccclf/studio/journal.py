"""Changes of a folder as moves of files: done whole or not at all, and undone.

A change is written down before its files are moved. A process that is killed between
two moves leaves the note behind, and the next one finishes what it says. Nothing is
ever deleted: what leaves the folder is moved to the bin.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mfccclf._files import atomic_path
from mfccclf.studio.problems import StudioError

__all__ = ["Change", "ChangeJournal", "write_json"]

_PENDING = "pending.json"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What was done to a folder.

    Attributes
    ----------
    number : int
        Changes are counted from 1.
    text : str
        What was done, for people.
    moves : list of [str, str]
        Files, relative to the folder, from where to where.
    labels : [list of str, list of str] or None, default=None
        The labels without clips before and after, where they have changed.
    mark : str, default=""
        What the change was made of, so that it is not made twice.
    undoes : int or None, default=None
        Number of the change that this one undoes.
    """

    number: int
    text: str
    moves: list[list[str]]
    labels: list[list[str]] | None = None
    mark: str = ""
    undoes: int | None = None

    def reversed(self, number: int) -> Change:
        """Return the change that undoes this one."""
        moves = [[target, source] for source, target in reversed(self.moves)]
        return Change(
            number=number,
            text=f"Undone: {self.text}",
            moves=moves,
            labels=None if self.labels is None else self.labels[::-1],
            undoes=self.number,
        )


@dataclass
class ChangeJournal:
    """The changes of a folder.

    Parameters
    ----------
    root : Path
        The folder.
    home : Path
        Hidden folder inside it that keeps the changes.
    """

    root: Path
    home: Path
    _changes: list[Change] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Finish what a killed process has begun, and read what was done."""
        self.home.mkdir(parents=True, exist_ok=True)
        pending = self.home / _PENDING
        if pending.exists():
            self._finish(_read(pending))
        self._changes = [_read(path) for path in sorted(self.home.glob("[0-9]*.json"))]

    @property
    def next_number(self) -> int:
        """Number of the next change."""
        return self._changes[-1].number + 1 if self._changes else 1

    @property
    def last(self) -> Change | None:
        """The change that `undo` would undo."""
        undone = {change.undoes for change in self._changes}
        able = [
            change
            for change in self._changes
            if change.undoes is None and change.number not in undone
        ]
        return able[-1] if able else None

    @property
    def labels(self) -> list[str]:
        """The labels that need no clips to be remembered."""
        kept = [one.labels[1] for one in self._changes if one.labels is not None]
        return kept[-1] if kept else []

    @property
    def last_mark(self) -> str:
        """What the very last change was made of."""
        return self._changes[-1].mark if self._changes else ""

    def do(
        self,
        text: str,
        moves: Iterable[tuple[Path, Path]],
        *,
        labels: tuple[Sequence[str], Sequence[str]] | None = None,
        mark: str = "",
    ) -> Change:
        """Make a change.

        Parameters
        ----------
        text : str
            What is done, for people.
        moves : iterable of (Path, Path)
            Files from where to where, both inside the folder.
        labels : pair of sequence of str, optional
            The labels without clips before and after.
        mark : str, default=""
            What the change is made of.

        Returns
        -------
        change : Change
            As it was written down.

        Raises
        ------
        StudioError
            If a file is gone, or something lies where it should go.
        """
        change = Change(
            number=self.next_number,
            text=text,
            moves=[[self._inside(a), self._inside(b)] for a, b in moves],
            labels=None if labels is None else [list(part) for part in labels],
            mark=mark,
        )
        return self._make(change)

    def undo(self) -> Change:
        """Undo the last change that is not undone.

        Returns
        -------
        change : Change
            The change that undoes it.

        Raises
        ------
        StudioError
            If there is none, or its files were changed by someone else.
        """
        last = self.last
        if last is None:
            raise StudioError("There is nothing to undo.")
        return self._make(last.reversed(self.next_number))

    def _make(self, change: Change) -> Change:
        leaving = {source for source, _ in change.moves}
        for source, target in change.moves:
            if not (self.root / source).is_file():
                raise StudioError(
                    f"{source} is gone: another program has moved it. Reload the page."
                )
            if (self.root / target).exists() and target not in leaving:
                raise StudioError(
                    f"There is a {target} already. Rename or delete it first."
                )
        write_json(self.home / _PENDING, asdict(change))
        self._finish(change)
        self._changes.append(change)
        return change

    def _finish(self, change: Change) -> None:
        """Make the moves that are not made yet, then file the change."""
        for source, target in change.moves:
            old, new = self.root / source, self.root / target
            if old.exists():
                new.parent.mkdir(parents=True, exist_ok=True)
                os.replace(old, new)
            self._tidy(old.parent)
        os.replace(self.home / _PENDING, self.home / f"{change.number:06d}.json")

    def _tidy(self, folder: Path) -> None:
        """Remove folders that have become empty: data sets have none."""
        while folder != self.root and self.root in folder.parents:
            with suppress(OSError):
                folder.rmdir()
                folder = folder.parent
                continue
            return

    def _inside(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def write_json(path: Path, value: Any) -> None:
    """Write JSON whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(value), "utf-8")


def _read(path: Path) -> Change:
    try:
        return Change(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        raise StudioError(
            f"{path} is damaged. Move it away; what it says can then not be undone."
        ) from error
