"""WebDataset: ``KEY.wav`` beside ``KEY.cls``, ``KEY.json`` or ``KEY.txt``.

References
----------
.. [1] A. Aizman, G. Maltby and T. Breuel, "High Performance I/O For Large Scale Deep
   Learning", IEEE Big Data, 2019. A key is a file's path up to the first dot of its
   name; files of one key are one sample.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout
from mfccclf.datasets.problems import Problems
from mfccclf.datasets.splits import canonical_split

__all__ = ["LAYOUT"]

_KINDS = (".cls", ".json", ".txt")
_LABELS = ("label", "labels", "cls", "class", "category", "target")
_GROUPS = ("group", "speaker", "speaker_id", "recording")

Notes = Mapping[str, list[Path]]


def _recognises(tree: AudioTree) -> bool:
    """Return whether every clip has such a file, and the first one's has a label.

    Texts beside clips may as well say what is spoken, so they are labels only where
    neither folders nor names can be.
    """
    notes = _find_notes(tree)
    if not tree.clips or not all(_key(clip) in notes for clip in tree.clips):
        return False
    first = notes[_key(tree.clips[0])][0]
    if first.suffix == ".txt":
        return all(len(clip.parts) == 1 and _is_plain(clip) for clip in tree.clips)
    problems = Problems(str(tree.root))
    return bool(_read_facts(tree, first, problems).get("label"))


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    notes = _find_notes(tree)
    return [
        clip
        for path in tree.clips
        for clip in _read_clip(tree, path, notes.get(_key(path), []), problems)
    ]


def _read_clip(
    tree: AudioTree, path: Path, notes: list[Path], problems: Problems
) -> list[Clip]:
    place = tree.root / path
    if not notes:
        problems.add(
            f"{place} has no {_key(path)}.cls, .json or .txt beside it. Add its label."
        )
        return []
    facts = _read_facts(tree, notes[0], problems)
    if not facts.get("label"):
        problems.add(f"{tree.root / notes[0]} names no label. Write one into it.")
        return []
    split = canonical_split(facts.get("split") or "")
    return [make_clip(place, facts["label"], group=facts.get("group"), split=split)]


def _find_notes(tree: AudioTree) -> dict[str, list[Path]]:
    """Return the files with labels, by their keys; the surest kind comes first."""
    found: dict[str, list[Path]] = {}
    for path in tree.others:
        if path.suffix in _KINDS:
            found.setdefault(_key(path), []).append(path)
    for paths in found.values():
        paths.sort(key=lambda path: _KINDS.index(path.suffix))
    return found


def _key(path: Path) -> str:
    return (path.parent / path.name.partition(".")[0]).as_posix()


def _is_plain(path: Path) -> bool:
    return path.name.count(".") == 1


def _read_facts(tree: AudioTree, path: Path, problems: Problems) -> dict[str, Any]:
    """Return label, group and split, as far as a file names them."""
    place = tree.root / path
    try:
        text = place.read_text(encoding="utf-8-sig")
        if path.suffix != ".json":
            return {"label": text.strip()}
        fields = json.loads(text)
    except (OSError, ValueError, RecursionError) as exc:
        problems.add(f"{place} cannot be read ({exc}). Write it again as UTF-8.")
        return {}
    if not isinstance(fields, dict):
        return {"label": fields if isinstance(fields, str) else None}
    return {
        "label": _first(fields, _LABELS),
        "group": _first(fields, _GROUPS),
        "split": _first(fields, ("split",)),
    }


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, list):
            return ";".join(map(str, value)) or None
        if value is not None and not isinstance(value, dict):
            return str(value)
    return None


LAYOUT = Layout(
    name="webdataset",
    description="key.wav beside key.cls, key.json or key.txt (WebDataset)",
    recognises=_recognises,
    read=_read,
)
