"""ESC-50: ``audio/1-100032-A-0.wav``, listed in ``meta/esc50.csv`` with five folds.

References
----------
.. [1] K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM
   Multimedia, 2015. Clips of one recording lie in one fold, so folds become groups.
"""

from __future__ import annotations

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.layouts.listed import ClipTable, Row, listed_layout
from mfccclf.storage.stored_path import Place

__all__ = ["COLUMNS", "LAYOUT", "TABLE", "make_esc_clip"]

TABLE = "meta/esc50.csv"
COLUMNS = ("filename", "fold", "category")


def make_esc_clip(root: Place, row: Row) -> Clip:
    """Return the clip of one row of the table."""
    path = root / "audio" / row["filename"]
    return make_clip(path, row["category"], group=row["fold"], fold=row["fold"])


LAYOUT = listed_layout(
    "esc50",
    "audio/name.wav listed in meta/esc50.csv, folds as groups (ESC-50)",
    tables=[ClipTable(TABLE, COLUMNS, make_esc_clip)],
)
