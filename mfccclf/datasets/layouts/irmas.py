"""IRMAS: a folder for each predominant instrument's code, and a test part.

Each clip of the test part, in any number of folders (Part1 to Part3 as published), has
a .txt file of the same name that lists all its instruments, one code per line.

References
----------
.. [1] J. J. Bosch, J. Janer, F. Fuhrmann and P. Herrera, "A comparison of sound
   segregation techniques for predominant instrument recognition in musical audio
   signals", ISMIR, 2012.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout, matching_clips
from mfccclf.datasets.problems import Problems

__all__ = ["LAYOUT"]

_CODES = frozenset(
    ["cel", "cla", "flu", "gac", "gel", "org", "pia", "sax", "tru", "vio", "voi"]
)
# Excerpts __1, __2 and __3 are from one recording. The code is the folder's, not the
# name's: there [cla] may also mean classical music.
_NAME = re.compile(r"(?P<recording>.*\[[a-z_]+\].*?)(__[0-9]+)?\.\w+", re.DOTALL)
# In the test part, "name-1.wav" and "name-2.wav" are from one recording.
_TEST_NAME = re.compile(r"(?P<recording>.+?)(-[0-9]+)?", re.DOTALL)


def _recognises(tree: AudioTree) -> bool:
    training, test = _parts(tree)
    in_folders = all(
        clip.parent.name in _CODES and _NAME.fullmatch(clip.name) for clip in training
    )
    if training:
        return in_folders
    problems = Problems(str(tree.root))
    return bool(test) and all(_codes_of(tree, clip, problems) for clip in test)


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    training, test = _parts(tree)
    both = bool(training and test)
    clips = _read_training(
        replace(tree, clips=training), problems, split="train" if both else None
    )
    for clip in test:
        codes = _codes_of(tree, clip, problems)
        match = _TEST_NAME.fullmatch(clip.stem)
        recording = match["recording"] if match else clip.stem
        label, split = ";".join(codes), "test" if both else None
        if codes:
            path = tree.root / clip
            clips.append(make_clip(path, label, group=recording, split=split))
    return clips


def _read_training(
    tree: AudioTree, problems: Problems, *, split: str | None
) -> list[Clip]:
    clips = []
    form = "[code][genre]0001__1.wav"
    for clip, match in matching_clips(tree, _NAME, form, problems):
        if clip.parent.name not in _CODES:
            problems.add(
                f"{tree.root / clip} lies in no instrument's folder. These are "
                f"{', '.join(sorted(_CODES))}."
            )
            continue
        clips.append(
            make_clip(
                tree.root / clip,
                clip.parent.name,
                group=match["recording"],
                split=split,
            )
        )
    return clips


def _codes_of(tree: AudioTree, clip: Path, problems: Problems) -> list[str]:
    """Return the instruments that a test clip's .txt file lists; none if wrong."""
    path = tree.root / clip.with_suffix(".txt")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        problems.add(f"{path} cannot be read ({exc}). Name one instrument per line.")
        return []
    codes = list(dict.fromkeys(text.split()))
    unknown = [code for code in codes if code not in _CODES]
    if unknown or not codes:
        found = ", ".join(map(repr, unknown)) or "no instrument"
        problems.add(
            f"{path} names {found}. Name one instrument per line, each one of "
            f"{', '.join(sorted(_CODES))}."
        )
        return []
    return sorted(codes)


def _parts(tree: AudioTree) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return the clips of the training part, and those beside a .txt file."""
    listed = {path.with_suffix("") for path in tree.others if path.suffix == ".txt"}
    test = tuple(clip for clip in tree.clips if clip.with_suffix("") in listed)
    return tuple(clip for clip in tree.clips if clip not in set(test)), test


LAYOUT = Layout(
    name="irmas",
    description="code/[code][genre]0001__1.wav, or clips beside .txt files (IRMAS)",
    recognises=_recognises,
    read=_read,
)
