"""Checks that hold for the clips of every layout."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache

from mfccclf._hashing import hash_bytes
from mfccclf.datasets.clips import Clip, split_labels
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.errors import MfccclfError
from mfccclf.storage.addresses import is_stored
from mfccclf.storage.identity import clip_size, hash_clip, is_at_hand, stored_problem
from mfccclf.storage.opening import open_bytes
from mfccclf.waveform import read_info
from mfccclf.waveform.stretches import find_stretch, recording_of

__all__ = [
    "check_content",
    "check_files",
    "check_groups",
    "check_headers",
    "check_structure",
]

_PIECE = 4096  # bytes; enough to tell most files of one size apart
_VERB = {"validation": "validate with", "test": "test with"}


def check_structure(clips: list[Clip], problems: Problems) -> None:
    """Note what is wrong with paths, labels and splits, whatever the files are."""
    _check_duplicates(clips, problems)
    _check_labels(clips, problems)
    _check_splits(clips, problems)


def check_groups(clips: list[Clip], problems: Problems) -> None:
    """Warn if groups lie on both sides of a split."""
    splits: dict[str, set[str]] = defaultdict(set)
    for clip in clips:
        if clip.group is not None and clip.split is not None:
            splits[clip.group].add(clip.split)
    shared = sorted(group for group, names in splits.items() if len(names) > 1)
    if shared:
        problems.warn(
            f"{len(shared)} of {len(splits)} groups lie in more than one split "
            f"({shorten(shared)}), so scores will be higher than on new groups."
        )


def check_content(clips: list[Clip], problems: Problems) -> None:
    """Note every file whose content is in two splits, whatever its name."""
    if len({clip.split for clip in clips}) < 2:
        return
    # Each key looks only at the files that the cheaper one before could not tell apart.
    alike = [[clip for clip in clips if is_at_hand(recording_of(clip.path))]]
    # The whole content last, and once for all stretches of a recording in a row.
    for key in (_times, clip_size, _hash_parts, lru_cache(maxsize=1)(hash_clip)):
        alike = [same for part in alike for same in _alike_across_splits(part, key)]
    for same in alike:
        names = [f"{clip.path} ({clip.split})" for clip in same]
        problems.add(
            f"The same recording is in two splits: {shorten(names)}. "
            "Keep it in one of them."
        )


def check_headers(clips: list[Clip], problems: Problems) -> None:
    """Note every clip whose header says that it is not audio or has no samples."""
    # Not in threads: a header takes a tenth of a millisecond, in threads twice that.
    unusable = set()
    for clip in clips:
        recording = recording_of(clip.path)
        if recording in unusable or not is_at_hand(recording):
            continue
        text = _header_problem(clip.path)
        if text:
            problems.add(text)
            unusable.add(recording)


def check_files(clips: list[Clip], problems: Problems) -> None:
    """Note every clip that is no file."""
    for path in dict.fromkeys(recording_of(clip.path) for clip in clips):
        if os.path.isfile(path):
            continue
        if is_stored(path):
            missing = stored_problem(path)
            if missing:
                problems.add(missing)
        elif os.path.isdir(path):
            problems.add(f"{path} is a folder, not a clip. Name a sound file.")
        elif os.path.exists(path):
            problems.add(f"{path} is not a regular file. Name a sound file.")
        else:
            problems.add(f"{path} does not exist. Correct its path or remove it.")


def _check_duplicates(clips: list[Clip], problems: Problems) -> None:
    seen: dict[str, Clip] = {}
    for clip in clips:
        first = seen.setdefault(os.path.normpath(clip.path), clip)
        if first is clip:
            continue
        text = f"{clip.path} is listed twice"
        if first.label != clip.label:
            text += f", as {first.label!r} and as {clip.label!r}"
        problems.add(f"{text}. Keep one of the two.")


def _check_labels(clips: list[Clip], problems: Problems) -> None:
    for clip in clips:
        if not all(split_labels(clip.label)):
            problems.add(f"{clip.path} has an empty label. Give it a label.")
        elif not clip.label.isprintable():
            problems.add(
                f"{clip.path} has the label {clip.label!r}, with characters that "
                "cannot be printed. Rename it."
            )


def _check_splits(clips: list[Clip], problems: Problems) -> None:
    if all(clip.split is None for clip in clips):
        return
    for clip in clips:
        if clip.split is None:
            problems.add(
                f"{clip.path} belongs to no split, though others do. Move it to one."
            )
    trained = _labels_in(clips, "train")
    for split in ("validation", "test"):
        labels = _labels_in(clips, split)
        unknown = sorted(labels - trained)
        if trained and unknown:
            problems.add(
                f"There are clips to {_VERB[split]}, but none to train on, of "
                f"{shorten(unknown)}. Add clips to the train split, or leave them out."
            )


def _labels_in(clips: list[Clip], split: str) -> set[str]:
    joined = {clip.label for clip in clips if clip.split == split}
    return {label for labels in joined for label in split_labels(labels)}


def _alike_across_splits(
    clips: Iterable[Clip], key: Callable[[str], Hashable]
) -> list[list[Clip]]:
    alike: dict[Hashable, list[Clip]] = defaultdict(list)
    for clip in clips:
        try:
            path = clip.path if key is _times else recording_of(clip.path)
            alike[key(path)].append(clip)
        except OSError:
            continue  # check_headers names unreadable files
    return [same for same in alike.values() if len({clip.split for clip in same}) > 1]


def _times(path: str) -> str:
    stretch = find_stretch(path)
    return "" if stretch is None else stretch.times


def _hash_parts(path: str) -> str:
    # The beginning, and the middle for files that all begin with silence.
    with open_bytes(path) as file:
        start = file.read(2 * _PIECE)
        file.seek(clip_size(path) // 2)
        return hash_bytes(start + file.read(_PIECE))


def _header_problem(path: str) -> str | None:
    try:
        info = read_info(path)
    except MfccclfError as exc:
        return str(exc)
    if info.n_samples == 0:
        return f"{path} has no samples. Record it again, or remove it."
    return None
