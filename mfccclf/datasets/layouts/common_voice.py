"""Common Voice, single words: ``clips/name.mp3``, listed in ``train.tsv`` and others.

References
----------
.. [1] R. Ardila and others, "Common Voice: A Massively-Multilingual Speech Corpus",
   LREC, 2020. Its segment of single words has digits, yes, no and a few more; all
   other clips are whole sentences, which are no labels.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout
from mfccclf.datasets.layouts.listed import ClipTable, Row, read_tables
from mfccclf.datasets.problems import Problems
from mfccclf.datasets.splits import canonical_split
from mfccclf.storage.stored_path import Place

__all__ = ["LAYOUT"]

_CLIPS = "clips"
_COLUMNS = ("client_id", "path", "sentence", "segment")
_ENDING = ".mp3"


def _make(split: str | None, root: Place, row: Row) -> Clip:
    name = row["path"] if Path(row["path"]).suffix else row["path"] + _ENDING
    group = row["client_id"]
    return make_clip(root / _CLIPS / name, row["sentence"], group=group, split=split)


def _is_single_word(row: Row) -> bool:
    return "singleword" in row["segment"].casefold().replace(" ", "")


def _table(name: str) -> ClipTable:
    make = partial(_make, canonical_split(name))
    return ClipTable(
        f"{name}.tsv", _COLUMNS, make, folder=_CLIPS, keeps=_is_single_word
    )


_SPLITS = [_table(name) for name in ("train", "dev", "test")]
# Holds what the splits hold and more, so it counts only where there are none.
_WHOLE = [_table("validated")]


def _recognises(tree: AudioTree) -> bool:
    return any(table.is_in(tree) for table in (*_SPLITS, *_WHOLE))


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    split = any(Path(table.path) in tree.others for table in _SPLITS)
    tables = _SPLITS if split else _WHOLE
    clips = read_tables(tree, tables, problems)
    everything = [replace(table, keeps=lambda row: True) for table in tables]
    n_listed = len(read_tables(tree, everything, Problems(str(tree.root))))
    if n_listed and not clips:
        problems.add(
            "It lists no single words, and whole sentences are no labels. Download the "
            "segment of single words."
        )
    elif len(clips) < n_listed:
        problems.warn(
            f"{n_listed - len(clips)} of {n_listed} clips are left out, as they are of "
            "no single word."
        )
    return clips


LAYOUT = Layout(
    name="common-voice",
    description="clips/name.mp3 listed in train.tsv, ... (Common Voice, single words)",
    recognises=_recognises,
    read=_read,
)
