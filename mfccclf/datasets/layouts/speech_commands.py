"""Speech Commands: ``word/hash_nohash_n.wav``; the hash stands for the speaker.

References
----------
.. [1] P. Warden, "Speech Commands: A Dataset for Limited-Vocabulary Speech
   Recognition", arXiv:1804.03209, 2018.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import (
    Layout,
    all_match,
    matching_clips,
    read_lines,
)
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.splits import canonical_split

__all__ = ["LAYOUT"]

_NAME = re.compile(r"(?P<speaker>[0-9a-f]+)_nohash_[0-9]+\.\w+")
_NOISE = "_background_noise_"  # minutes of noise to mix in, not clips of a word
_LISTS = {"validation_list.txt": "validation", "testing_list.txt": "test"}


def _recognises(tree: AudioTree) -> bool:
    words = _without_noise(tree)
    in_place = all(_is_in_word(clip) or _is_in_split(clip) for clip in words.clips)
    return in_place and all_match(words, _NAME)


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    words = _without_noise(tree)
    listed = _read_lists(tree, problems)
    form = "word/hash_nohash_n.wav"
    _warn_of_noise(tree, problems)
    clips = []
    for clip, match in matching_clips(words, _NAME, form, problems):
        path = tree.root / clip
        if not clip.parent.name:
            problems.add(f"{path} lies in no word's folder. Move it into one.")
            continue
        split = listed.get(clip.as_posix(), "train") if listed else None
        if _is_in_split(clip):
            split = canonical_split(clip.parts[0])
        label = clip.parent.name
        clips.append(make_clip(path, label, group=match["speaker"], split=split))
    return clips


def _warn_of_noise(tree: AudioTree, problems: Problems) -> None:
    noise = [str(clip) for clip in tree.clips if clip.parts[0] == _NOISE]
    if noise:
        are = "clip is" if len(noise) == 1 else "clips are"
        problems.warn(
            f"{len(noise)} {are} left out, as {_NOISE} holds noise and no words: "
            f"{shorten(noise, limit=3)}."
        )


def _is_in_word(clip: Path) -> bool:
    return len(clip.parts) == 2 and canonical_split(clip.parts[0]) is None


def _is_in_split(clip: Path) -> bool:
    return len(clip.parts) == 3 and canonical_split(clip.parts[0]) is not None


def _without_noise(tree: AudioTree) -> AudioTree:
    return replace(tree, clips=tuple(c for c in tree.clips if c.parts[0] != _NOISE))


def _read_lists(tree: AudioTree, problems: Problems) -> dict[str, str]:
    """Return the split of each clip that the folder's lists name."""
    listed: dict[str, str] = {}
    for name, split in _LISTS.items():
        if Path(name) in tree.others:
            listed |= dict.fromkeys(read_lines(tree.root / name, problems), split)
    return listed


LAYOUT = Layout(
    name="speech-commands",
    description="word/hash_nohash_n.wav, with or without its lists of splits",
    recognises=_recognises,
    read=_read,
)
