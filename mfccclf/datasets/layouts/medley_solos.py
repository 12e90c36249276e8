"""Medley-solos-DB: ``Medley-solos-DB_subset-instrument_uuid.wav``.

References
----------
.. [1] V. Lostanlen and C.-E. Cella, "Deep convolutional networks on the pitch spiral
   for musical instrument recognition", ISMIR, 2016.
"""

from __future__ import annotations

import re

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout, all_match, matching_clips
from mfccclf.datasets.problems import Problems
from mfccclf.datasets.splits import canonical_split

__all__ = ["MEDLEY_SOLOS"]

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


def _recognises(tree: AudioTree) -> bool:
    return all_match(tree, _NAME)


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    form = "Medley-solos-DB_subset-instrument_uuid.wav"
    return [
        make_clip(
            tree.root / clip,
            _INSTRUMENTS[int(match["instrument"])],
            split=canonical_split(match["subset"]),
        )
        for clip, match in matching_clips(tree, _NAME, form, problems)
    ]


MEDLEY_SOLOS = Layout(
    name="medley-solos",
    description="Medley-solos-DB_subset-instrument_uuid.wav",
    recognises=_recognises,
    read=_read,
)
