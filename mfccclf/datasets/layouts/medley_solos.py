"""Medley-solos-DB: ``Medley-solos-DB_subset-instrument_uuid.wav``.

References
----------
.. [1] V. Lostanlen and C.-E. Cella, "Deep convolutional networks on the pitch spiral
   for musical instrument recognition", ISMIR, 2016.
"""

from __future__ import annotations

import re

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.layouts.layout import pattern_layout
from mfccclf.datasets.splits import canonical_split
from mfccclf.storage.stored_path import Place

__all__ = ["LAYOUT"]

_NAME = re.compile(
    r"Medley-solos-DB_(?P<subset>training|validation|test)-(?P<instrument>[0-7])_"
    r"[0-9a-f-]+\.\w+"
)
_INSTRUMENTS = (
    "clarinet",
    "distorted electric guitar",
    "female singer",
    "flute",
    "piano",
    "tenor saxophone",
    "trumpet",
    "violin",
)


def _make(path: Place, match: re.Match[str]) -> Clip:
    return make_clip(
        path,
        _INSTRUMENTS[int(match["instrument"])],
        split=canonical_split(match["subset"]),
    )


LAYOUT = pattern_layout(
    "medley-solos",
    "Medley-solos-DB_subset-instrument_uuid.wav",
    pattern=_NAME,
    form="Medley-solos-DB_subset-instrument_uuid.wav",
    make=_make,
)
