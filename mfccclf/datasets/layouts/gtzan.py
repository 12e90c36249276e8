"""GTZAN genres: ``blues/blues.00000.au``.

References
----------
.. [1] G. Tzanetakis and P. Cook, "Musical genre classification of audio signals",
   IEEE Transactions on Speech and Audio Processing 10(5), 2002.
"""

from __future__ import annotations

import re

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout, all_match, matching_clips
from mfccclf.datasets.problems import Problems

__all__ = ["LAYOUT"]

_NAME = re.compile(
    r"(?P<genre>blues|classical|country|disco|hiphop|jazz|metal|pop|reggae|rock)"
    r"\.[0-9]{5}\.\w+"
)
# Left out by name, not because it cannot be read: any other broken clip is an error.
_BROKEN = "jazz.00054.wav"


def _recognises(tree: AudioTree) -> bool:
    in_folders = all(
        clip.parent.name == clip.name.partition(".")[0] for clip in tree.clips
    )
    return in_folders and all_match(tree, _NAME)


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    clips = []
    for clip, match in matching_clips(tree, _NAME, "genre.00000.au", problems):
        if clip.name == _BROKEN:
            problems.warn(
                f"{clip} is left out: it is known to be damaged in the WAV copies of "
                "this data set."
            )
            continue
        clips.append(make_clip(tree.root / clip, match["genre"]))
    return clips


LAYOUT = Layout(
    name="gtzan",
    description="genre/genre.00000.au (GTZAN)",
    recognises=_recognises,
    read=_read,
)
