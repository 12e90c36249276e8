"""IRMAS, training part: one folder per predominant instrument's code.

References
----------
.. [1] J. J. Bosch, J. Janer, F. Fuhrmann and P. Herrera, "A comparison of sound
   segregation techniques for predominant instrument recognition in musical audio
   signals", ISMIR, 2012.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout, matching_clips
from mfccclf.datasets.problems import Problems

__all__ = ["IRMAS"]

_CODES = frozenset(
    ["cel", "cla", "flu", "gac", "gel", "org", "pia", "sax", "tru", "vio", "voi"]
)
# Excerpts __1, __2 and __3 are of one recording.  The code is the folder's, never the
# name's: there [cla] may also stand for classical music.
_NAME = re.compile(r"(?P<recording>.*\[[a-z_]+\].*?)(__[0-9]+)?\.\w+", re.DOTALL)


def _recognises(tree: AudioTree) -> bool:
    excerpts = _training_part(tree).clips
    return bool(excerpts) and all(
        clip.parent.name in _CODES and _NAME.fullmatch(clip.name) for clip in excerpts
    )


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    training = _training_part(tree)
    left_out = len(tree.clips) - len(training.clips)
    if left_out:
        problems.warn(
            f"{left_out} of {len(tree.clips)} clips are left out: a .txt file beside "
            "them lists several labels (the test part)."
        )
    clips = []
    form = "[code][genre]0001__1.wav"
    for clip, match in matching_clips(training, _NAME, form, problems):
        if clip.parent.name not in _CODES:
            problems.add(
                f"{tree.root / clip} lies in no instrument's folder. These are "
                f"{', '.join(sorted(_CODES))}."
            )
            continue
        label = clip.parent.name
        clips.append(make_clip(tree.root / clip, label, group=match["recording"]))
    return clips


def _training_part(tree: AudioTree) -> AudioTree:
    listed = {path.with_suffix("") for path in tree.others if path.suffix == ".txt"}
    clips = tuple(clip for clip in tree.clips if clip.with_suffix("") not in listed)
    return replace(tree, clips=clips)


IRMAS = Layout(
    name="irmas",
    description="code/[code][genre]0001__1.wav, codes as cel and cla (IRMAS)",
    recognises=_recognises,
    read=_read,
)
