"""AudioMNIST: ``data/01/0_01_0.wav``, a folder per speaker, in five folds of these.

References
----------
.. [1] S. Becker, M. Ackermann, S. Lapuschkin, K.-R. Mueller and W. Samek, "Interpreting
   and Explaining Deep Neural Networks for Classification of Audio Signals",
   arXiv:1807.03418, 2018. Each of its five splits for digits tests on twelve of the
   sixty speakers.
"""

from __future__ import annotations

import re

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout, all_match, matching_clips
from mfccclf.datasets.problems import Problems

__all__ = ["LAYOUT"]

_NAME = re.compile(r"(?P<digit>[0-9])_(?P<speaker>[0-9]{2})_(?P<take>[0-9]+)\.\w+")
# The speakers that each split tests on.
_FOLDS = (
    (26, 52, 60, 18, 32, 42, 5, 13, 22, 33, 45, 51),
    (28, 56, 7, 19, 35, 1, 6, 16, 23, 34, 46, 53),
    (36, 57, 9, 24, 37, 2, 8, 17, 29, 39, 48, 54),
    (43, 58, 14, 25, 38, 3, 10, 20, 30, 40, 49, 55),
    (12, 47, 59, 15, 27, 41, 4, 11, 21, 31, 44, 50),
)
_FOLD_OF = {
    f"{speaker:02}": str(number)
    for number, speakers in enumerate(_FOLDS, 1)
    for speaker in speakers
}


def _recognises(tree: AudioTree) -> bool:
    return all_match(tree, _NAME) and all(
        clip.parent.name == clip.name.split("_")[1] for clip in tree.clips
    )


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    return [
        make_clip(
            tree.root / clip,
            match["digit"],
            group=match["speaker"],
            fold=_FOLD_OF.get(match["speaker"]),
        )
        for clip, match in matching_clips(tree, _NAME, "digit_speaker_take", problems)
    ]


LAYOUT = Layout(
    name="audiomnist",
    description="speaker/digit_speaker_take.wav (AudioMNIST), in folds of speakers",
    recognises=_recognises,
    read=_read,
)
