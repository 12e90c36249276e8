"""Which column of a table holds paths, labels, splits and groups."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.splits import canonical_split

__all__ = [
    "FOLD",
    "OPTIONAL",
    "REQUIRED",
    "count_known",
    "find_columns",
    "warn_of_unused",
]

REQUIRED = ("path", "label")
OPTIONAL = ("split", "group")

# The other names that published collections and spreadsheets use.
_OTHER_NAMES = {
    "path": ("filename", "file", "fname", "slice_file_name", "file_name", "filepath"),
    "label": ("labels", "category", "class", "target"),
    "split": ("subset",),
    "group": ("groups", "speaker"),
}
FOLD = "fold"
# Parts of names of columns that probably say which clips belong together.
_GROUP_WORDS = (
    "actor",
    "artist",
    "fold",
    "group",
    "patient",
    "recording",
    "session",
    "source",
    "speaker",
    "src_file",
    "subject",
    "fsid",
)


def count_known(header: list[str]) -> int:
    """Return how many of the two columns a table needs a header has."""
    names = [name.casefold() for name in header]
    return sum(bool(_candidates(role, names)) for role in REQUIRED)


def find_columns(
    header: list[str], columns: Sequence[Sequence[str]], problems: Problems
) -> dict[str, int]:
    """Return the number of the column that holds paths, labels, splits and groups.

    Parameters
    ----------
    header : list of str
        Names of the columns.
    columns : sequence of sequence of str
        Their cells.
    problems : Problems
        Takes missing, repeated and competing columns, and warnings of unused ones.

    Returns
    -------
    found : dict of str to int
        By "path", "label", "split", "group" and "fold"; incomplete if there is a
        problem. The column of folds may also be that of groups.
    """
    names = [name.casefold() for name in header]
    found: dict[str, int] = {}
    told: set[int] = set()
    for role in REQUIRED + OPTIONAL:
        readings = _readings(role, names, columns)
        if len(readings) == 1:
            found[role] = readings[0]
        elif readings:
            told.update(readings)
            _note_rivals(role, [header[i] for i in readings], problems)
    _note_missing(names, found, problems)
    _note_misspelt(names, found, problems)
    if FOLD in names and names.index(FOLD) != found.get("split"):
        found[FOLD] = names.index(FOLD)
    told.update(found.values())
    unused = [
        name
        for i, name in enumerate(header)
        if i not in told and (name or any(columns[i]))
    ]
    if unused:
        warn_of_unused(unused, "group" in found, problems)
    return found


def _readings(
    role: str, names: list[str], columns: Sequence[Sequence[str]]
) -> list[int]:
    """Return the columns that can have a role; its own name goes before others."""
    if role in names:
        return [i for i, name in enumerate(names) if name == role]
    found = _candidates(role, names)
    if role == "split":
        return [i for i in found if _are_splits(columns[i])]
    if role == "group":
        groups = [i for i in found if not _are_splits(columns[i])]
        # Folds hold whole groups, so they stand for these only where nothing else does.
        return [i for i in groups if names[i] != FOLD] or groups
    return found


def _candidates(role: str, names: list[str]) -> list[int]:
    known = (role, *_OTHER_NAMES[role], *((FOLD,) if role in OPTIONAL else ()))
    return [i for i, name in enumerate(names) if name in known]


def _are_splits(cells: Sequence[str]) -> bool:
    return bool(cells) and all(canonical_split(cell) for cell in cells)


def _note_rivals(role: str, rivals: list[str], problems: Problems) -> None:
    if len(set(rivals)) == 1:
        problems.add(f"The column {rivals[0]!r} occurs twice. Keep one of the two.")
        return
    names = " and ".join(map(repr, rivals))
    if role in REQUIRED:
        problems.add(
            f"The columns {names} could each be the {role}. Rename the one that is to "
            f"{role!r}."
        )
    else:
        problems.warn(
            f"The columns {names} could each be the {role}, so none of them is used. "
            f"Rename the one that is to {role!r}."
        )


def _note_missing(
    names: list[str], found: Mapping[str, int], problems: Problems
) -> None:
    missing = [
        role for role in REQUIRED if role not in found and not _candidates(role, names)
    ]
    others = [name for name in names if name not in REQUIRED]
    hints = [
        f"Did you mean {role!r} by {near!r}?"
        for role in missing
        for near in difflib.get_close_matches(role, others, n=1)
    ]
    if missing:
        problems.add(
            f"No column is named {' or '.join(map(repr, missing))}. The first line "
            "must name the columns path and label, and may name split and group. It "
            f"is: {', '.join(names)[:200]}. {' '.join(hints)}".rstrip()
        )


def _note_misspelt(
    names: list[str], found: Mapping[str, int], problems: Problems
) -> None:
    for i, name in enumerate(names):
        near = difflib.get_close_matches(name, OPTIONAL, n=1, cutoff=0.75)
        known = near and _candidates(near[0], [name])
        if near and not known and i not in found.values() and near[0] not in found:
            problems.add(f"The column {name!r} is not known. Did you mean {near[0]!r}?")


def warn_of_unused(unused: list[str], has_groups: bool, problems: Problems) -> None:
    """Warn of columns that are not used, and offer one that looks like groups.

    Parameters
    ----------
    unused : list of str
        Their names.
    has_groups : bool
        Whether another column holds groups.
    problems : Problems
        Takes the warning.
    """
    names = shorten([repr(name) for name in unused], limit=8)
    text = f"Columns that are not used: {names}."
    like_groups = [name for name in unused if _is_like_group(name)]
    if like_groups and not has_groups:
        text += (
            f" To keep clips of one {like_groups[0]!r} together when clips are split, "
            "rename that column to 'group'."
        )
    problems.warn(text)


def _is_like_group(name: str) -> bool:
    return any(word in name.casefold() for word in _GROUP_WORDS)
