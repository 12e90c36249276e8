"""ChMusic: ``x.y.wav``, piece y of traditional Chinese instrument x."""

from __future__ import annotations

import re

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout, all_match, matching_clips
from mfccclf.datasets.problems import Problems

__all__ = ["CHMUSIC"]

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


def _recognises(tree: AudioTree) -> bool:
    return all_match(tree, _NAME)


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    form = "instrument.piece.wav, instrument 1 to 11 and piece 1 to 5"
    return [
        make_clip(
            tree.root / clip,
            _INSTRUMENTS[int(match["instrument"]) - 1],
            split="test" if int(match["piece"]) == _TEST_PIECE else "train",
        )
        for clip, match in matching_clips(tree, _NAME, form, problems)
    ]


CHMUSIC = Layout(
    name="chmusic",
    description="instrument.piece.wav, instruments 1 to 11 (ChMusic)",
    recognises=_recognises,
    read=_read,
)
