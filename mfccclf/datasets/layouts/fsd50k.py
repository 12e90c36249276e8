"""FSD50K: ``FSD50K.dev_audio/64760.wav``, listed in ``FSD50K.ground_truth/dev.csv``.

References
----------
.. [1] E. Fonseca, X. Favory, J. Pons, F. Font and X. Serra, "FSD50K: An Open Dataset of
   Human-Labeled Sound Events", IEEE/ACM Transactions on Audio, Speech, and Language
   Processing 30, 2022. Its development part is split into train and val; its
   evaluation part is the test split. A clip has several of 200 labels, with those that
   are above them in the AudioSet ontology.
"""

from __future__ import annotations

from functools import partial

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.layouts.listed import ClipTable, Row, listed_layout
from mfccclf.datasets.splits import canonical_split
from mfccclf.storage.stored_path import Place

__all__ = ["LAYOUT", "join_labels"]


def join_labels(cell: str) -> str:
    """Return labels that a table separates by commas in our form."""
    return ";".join(part.strip() for part in cell.split(","))


def _make(folder: str, root: Place, row: Row) -> Clip:
    path = root / folder / f"{row['fname']}.wav"
    split = canonical_split(row.get("split", "test"))
    return make_clip(path, join_labels(row["labels"]), split=split)


def _table(part: str, columns: tuple[str, ...]) -> ClipTable:
    folder = f"FSD50K.{part}_audio"
    path = f"FSD50K.ground_truth/{part}.csv"
    return ClipTable(path, columns, partial(_make, folder), folder=folder)


LAYOUT = listed_layout(
    "fsd50k",
    "FSD50K.dev_audio/number.wav listed in FSD50K.ground_truth/dev.csv, and eval",
    tables=[
        _table("dev", ("fname", "labels", "split")),
        _table("eval", ("fname", "labels")),
    ],
)
