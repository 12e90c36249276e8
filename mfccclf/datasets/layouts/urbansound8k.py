"""UrbanSound8K: ``audio/fold1/name.wav``, listed in ``metadata/UrbanSound8K.csv``.

References
----------
.. [1] J. Salamon, C. Jacoby and J. P. Bello, "A Dataset and Taxonomy for Urban Sound
   Research", ACM Multimedia, 2014. Slices of one recording lie in one of the ten
   folds, so folds become groups.
"""

from __future__ import annotations

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.layouts.listed import ClipTable, Row, listed_layout
from mfccclf.storage.stored_path import Place

__all__ = ["LAYOUT"]


def _make(root: Place, row: Row) -> Clip:
    path = root / "audio" / f"fold{row['fold']}" / row["slice_file_name"]
    return make_clip(path, row["class"], group=row["fold"], fold=row["fold"])


LAYOUT = listed_layout(
    "urbansound8k",
    "audio/fold1/name.wav listed in metadata/UrbanSound8K.csv, folds as groups",
    tables=[
        ClipTable(
            "metadata/UrbanSound8K.csv", ("slice_file_name", "fold", "class"), _make
        )
    ],
)
