"""NSynth: ``examples.json`` beside ``audio/*.wav``, or a folder of these per split.

References
----------
.. [1] J. Engel and others, "Neural Audio Synthesis of Musical Notes with WaveNet
   Autoencoders", ICML, 2017.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree, natural_key
from mfccclf.datasets.layouts.layout import Layout
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.splits import canonical_split
from mfccclf.storage.stored_path import Place

__all__ = ["LAYOUT"]

_INDEX = "examples.json"
_GROUP = "instrument_str"
_FAMILY = "instrument_family_str"


def _read(tree: AudioTree, problems: Problems, *, target: str = _FAMILY) -> list[Clip]:
    """Return the notes of a folder, or of ``nsynth-train`` and so on in it.

    The field ``target`` of a note becomes its label.
    """
    indexes = _indexes(tree)
    if not indexes:
        problems.add(
            f"{tree.root / _INDEX} does not exist. NSynth lists its notes there."
        )
    clips: list[Clip] = []
    for index in indexes:
        # "nsynth-valid/examples.json" belongs to the split "valid".
        split = canonical_split(index.parent.name.rpartition("-")[2])
        notes = _load_index(tree.root / index, problems)
        for name in sorted(notes, key=natural_key):
            path = tree.root / index.parent / "audio" / f"{name}.wav"
            clips.extend(_read_note(path, notes[name], target, split, problems))
    _note_unlisted(tree, clips, problems)
    return clips


def _recognises(tree: AudioTree) -> bool:
    # Where one of many folders has an index, the others are not NSynth's.
    homes = {index.parent for index in _indexes(tree)}
    return bool(homes) and all(
        Path() in homes or Path(clip.parts[0]) in homes for clip in tree.clips
    )


def _indexes(tree: AudioTree) -> list[Path]:
    found = [path for path in tree.others if path.name == _INDEX]
    return [path for path in found if len(path.parts) <= 2]


def _load_index(path: Place, problems: Problems) -> dict[str, Any]:
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as exc:
        problems.add(f"{path} is not readable JSON: {exc}.")
        return {}
    if not isinstance(notes, dict):
        problems.add(f"{path} must hold one object, with a note's fields per name.")
        return {}
    return notes


def _read_note(
    path: Place, note: Any, target: str, split: str | None, problems: Problems
) -> list[Clip]:
    fields = note if isinstance(note, dict) else {}
    missing = [name for name in (target, _GROUP) if name not in fields]
    if missing:
        problems.add(f"Note {path.stem} of {_INDEX} lacks {' and '.join(missing)}.")
        return []
    return [
        make_clip(
            path,
            str(fields[target]),
            group=str(fields[_GROUP]),
            split=split,
            kind=str(fields.get(_FAMILY)),
        )
    ]


def _note_unlisted(tree: AudioTree, clips: list[Clip], problems: Problems) -> None:
    listed = {clip.path for clip in clips}
    unlisted = [str(clip) for clip in tree.clips if str(tree.root / clip) not in listed]
    if unlisted and clips:
        problems.warn(
            f"{len(unlisted)} of {len(tree.clips)} sound files are left out, as "
            f"{_INDEX} does not list them: {shorten(unlisted, limit=3)}."
        )


LAYOUT = Layout(
    name="nsynth",
    description="examples.json beside audio/note.wav (NSynth)",
    recognises=_recognises,
    read=_read,
    targets={
        name: partial(_read, target=f"{name}_str")
        for name in ("instrument_family", "instrument_source")
    },
)
