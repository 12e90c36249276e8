"""ChMusic: ``x.y.wav``, piece y of traditional Chinese instrument x."""

from __future__ import annotations

import re

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.layouts.layout import pattern_layout
from mfccclf.storage.stored_path import Place

__all__ = ["LAYOUT"]

# Whole numbers, not a decimal: 10.1 is piece 1 of instrument 10.
_NAME = re.compile(r"(?P<instrument>[1-9]|10|11)\.(?P<piece>[1-5])\.\w+")
_INSTRUMENTS = (
    "Erhu",
    "Pipa",
    "Sanxian",
    "Dizi",
    "Suona",
    "Zhuiqin",
    "Zhongruan",
    "Liuqin",
    "Guzheng",
    "Yangqin",
    "Sheng",
)
_TEST_PIECE = 5


def _make(path: Place, match: re.Match[str]) -> Clip:
    return make_clip(
        path,
        _INSTRUMENTS[int(match["instrument"]) - 1],
        split="test" if int(match["piece"]) == _TEST_PIECE else "train",
    )


LAYOUT = pattern_layout(
    "chmusic",
    "instrument.piece.wav, instruments 1 to 11 (ChMusic)",
    pattern=_NAME,
    form="instrument.piece.wav, instrument 1 to 11 and piece 1 to 5",
    make=_make,
)
