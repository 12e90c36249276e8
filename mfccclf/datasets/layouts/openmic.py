"""OpenMIC-2018: clips of 10 s, and a CSV file of how likely each has an instrument.

References
----------
.. [1] E. J. Humphrey, S. Durand and B. McFee, "OpenMIC-2018: An Open Data-set for
   Multiple Instrument Recognition", ISMIR, 2018.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout, read_lines
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.storage.stored_path import Place

__all__ = ["LAYOUT"]

_TABLE = "aggregated-labels.csv"
_COLUMNS = ("sample_key", "instrument", "relevance")
# Relevance is the mean answer of the listeners: from here on, more said yes than no.
_LIKELY = 0.5
_PARTITIONS = {"split01_train.csv": "train", "split01_test.csv": "test"}


def _recognises(tree: AudioTree) -> bool:
    return bool(tree.clips) and _table_of(tree) is not None


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    table = _table_of(tree)
    if table is None:
        problems.add(f"There is no file that ends in {_TABLE}. Add it.")
        return []
    labels, n_answers = _read_labels(tree.root / table, problems)
    splits = _read_splits(tree, problems)
    clips = [
        make_clip(
            tree.root / path,
            ";".join(sorted(labels[path.stem])),
            split=splits.get(path.stem),
        )
        for path in tree.clips
        if labels.get(path.stem)
    ]
    unlikely = [str(path) for path in tree.clips if not labels.get(path.stem)]
    if unlikely:
        problems.warn(
            f"{len(unlikely)} of {len(tree.clips)} clips are left out: no instrument "
            f"is likely in them: {shorten(unlikely, limit=3)}."
        )
    _warn_of_gaps(labels, n_answers, problems)
    return clips


def _warn_of_gaps(
    labels: dict[str, list[str]], n_answers: int, problems: Problems
) -> None:
    known = {label for found in labels.values() for label in found}
    if n_answers < len(labels) * len(known):
        problems.warn(
            "Not every instrument was listened for in every clip. Where it was not, it "
            "is taken to be absent."
        )


def _table_of(tree: AudioTree) -> Path | None:
    return next((path for path in tree.others if path.name.endswith(_TABLE)), None)


def _read_labels(path: Place, problems: Problems) -> tuple[dict[str, list[str]], int]:
    """Return the likely instruments of each clip, and the number of answers."""
    labels: dict[str, list[str]] = defaultdict(list)
    n_answers = 0
    for line, row in enumerate(_rows(path, problems), start=2):
        n_answers += 1
        try:
            relevance = float(row["relevance"])
        except ValueError:
            problems.add(
                f"{path}, line {line}: relevance is {row['relevance']!r}. It must be a "
                "number from 0 to 1."
            )
            continue
        found = labels[row["sample_key"]]
        if relevance >= _LIKELY and row["instrument"] not in found:
            found.append(row["instrument"])
    return labels, n_answers


def _rows(path: Place, problems: Problems) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [n for n in _COLUMNS if n not in (reader.fieldnames or ())]
            if missing:
                problems.add(
                    f"{path} has no column {' or '.join(map(repr, missing))}. Its "
                    f"first line must name {', '.join(_COLUMNS)}."
                )
                return []
            return [{name: row[name] or "" for name in _COLUMNS} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        problems.add(f"{path} cannot be read as a CSV file ({exc}). Save it again.")
        return []


def _read_splits(tree: AudioTree, problems: Problems) -> dict[str, str]:
    """Return the official split of each clip, by its key; a list has a key per line."""
    splits: dict[str, str] = {}
    for path in tree.others:
        split = _PARTITIONS.get(path.name)
        if split is not None:
            splits |= dict.fromkeys(read_lines(tree.root / path, problems), split)
    return splits


LAYOUT = Layout(
    name="openmic",
    description="audio/.../key.ogg and a table ...aggregated-labels.csv (OpenMIC)",
    recognises=_recognises,
    read=_read,
)
