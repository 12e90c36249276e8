"""ESC-10: the ten classes of ESC-50 that the column ``esc10`` marks.

References
----------
.. [1] K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM
   Multimedia, 2015.
"""

from __future__ import annotations

from pathlib import Path

from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.esc50 import COLUMNS, TABLE, make_esc_clip
from mfccclf.datasets.layouts.listed import (
    ClipTable,
    Row,
    listed_layout,
    read_listed_rows,
)
from mfccclf.datasets.problems import Problems

__all__ = ["LAYOUT"]

_COLUMNS = (*COLUMNS, "esc10")


def _is_marked(row: Row) -> bool:
    return row["esc10"].casefold() == "true"


def _recognises(tree: AudioTree) -> bool:
    """Return whether the table lists these ten classes only; else it is ESC-50."""
    if not tree.clips or Path(TABLE) not in tree.others:
        return False
    rows = read_listed_rows(tree.root / TABLE, _COLUMNS, Problems(str(tree.root)))
    return bool(rows) and all(map(_is_marked, rows))


LAYOUT = listed_layout(
    "esc10",
    "the ten classes that meta/esc50.csv marks, folds as groups (ESC-10)",
    tables=[ClipTable(TABLE, _COLUMNS, make_esc_clip, keeps=_is_marked)],
    recognises=_recognises,
)
