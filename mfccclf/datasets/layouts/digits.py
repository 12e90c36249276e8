"""Free Spoken Digit Dataset: ``digit_speaker_take.wav``.

References
----------
.. [1] Z. Jackson and others, "Free Spoken Digit Dataset", 2016. Its takes 0 to 4 of
   each digit and speaker are the official test part.
"""

from __future__ import annotations

import re

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout, all_match, matching_clips
from mfccclf.datasets.problems import Problems

__all__ = ["DIGITS"]

_NAME = re.compile(r"(?P<digit>[0-9])_(?P<speaker>[^_]+)_(?P<take>[0-9]+)\.\w+")
_TEST_TAKES = range(5)


def _recognises(tree: AudioTree) -> bool:
    return all_match(tree, _NAME)


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    return [
        make_clip(
            tree.root / clip,
            match["digit"],
            group=match["speaker"],
            split="test" if int(match["take"]) in _TEST_TAKES else "train",
        )
        for clip, match in matching_clips(
            tree, _NAME, "digit_speaker_take.wav", problems
        )
    ]


DIGITS = Layout(
    name="digits",
    description="digit_speaker_take.wav (Free Spoken Digit Dataset)",
    recognises=_recognises,
    read=_read,
)
