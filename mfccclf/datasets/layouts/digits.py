"""Free Spoken Digit Dataset: ``digit_speaker_take.wav``.

References
----------
.. [1] Z. Jackson and others, "Free Spoken Digit Dataset", 2016. Its takes 0 to 4 of
   each digit and speaker are the official test split.
"""

from __future__ import annotations

import re

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.layouts.layout import pattern_layout
from mfccclf.storage.stored_path import Place

__all__ = ["LAYOUT"]

_NAME = re.compile(r"(?P<digit>[0-9])_(?P<speaker>[^_]+)_(?P<take>[0-9]+)\.\w+")
_TEST_TAKES = range(5)


def _make(path: Place, match: re.Match[str]) -> Clip:
    return make_clip(
        path,
        match["digit"],
        group=match["speaker"],
        split="test" if int(match["take"]) in _TEST_TAKES else "train",
    )


LAYOUT = pattern_layout(
    "digits",
    "digit_speaker_take.wav (Free Spoken Digit Dataset)",
    pattern=_NAME,
    form="digit_speaker_take.wav",
    make=_make,
    splits_share_groups=True,
)
