"""Freesound on Kaggle: FSDKaggle2018 and FSDKaggle2019, with their CSV files.

Either as on Zenodo (``FSDKaggle2018.audio_train/`` beside ``FSDKaggle2018.meta/``)
or as in the competitions (``audio_train/`` beside ``train.csv``).

References
----------
.. [1] E. Fonseca and others, "General-purpose tagging of Freesound audio with AudioSet
   labels: task description, dataset, and baseline", DCASE, 2018.
.. [2] E. Fonseca, M. Plakal, F. Font, D. P. W. Ellis and X. Serra, "Audio tagging with
   noisy labels and minimal supervision", DCASE, 2019. Clips have several labels; those
   of the noisy part were never checked by a person.
"""

from __future__ import annotations

from functools import partial

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.layouts.fsd50k import join_labels
from mfccclf.datasets.layouts.listed import ClipTable, Row, listed_layout
from mfccclf.storage.stored_path import Place

__all__ = ["LAYOUT"]

_CHECKED = "manually_verified"
_UNVERIFIED = "unverified"


def _make_single(folder: str, split: str, root: Place, row: Row) -> Clip:
    kind = _UNVERIFIED if row.get(_CHECKED) == "0" else None
    path = root / folder / row["fname"]
    return make_clip(path, row["label"], split=split, kind=kind)


def _make_several(folder: str, split: str, root: Place, row: Row) -> Clip:
    kind = _UNVERIFIED if "noisy" in folder else None
    path = root / folder / row["fname"]
    return make_clip(path, join_labels(row["labels"]), split=split, kind=kind)


def _single(path: str, folder: str, *columns: str, split: str = "train") -> ClipTable:
    make = partial(_make_single, folder, split)
    return ClipTable(path, ("fname", "label", *columns), make, folder=folder)


def _several(path: str, folder: str, *, split: str = "train") -> ClipTable:
    make = partial(_make_several, folder, split)
    return ClipTable(path, ("fname", "labels"), make, folder=folder)


LAYOUT = listed_layout(
    "fsdkaggle",
    "audio_train/name.wav listed in train.csv, or FSDKaggle2018.meta/ or 2019.meta/",
    tables=[
        _single(
            "FSDKaggle2018.meta/train_post_competition.csv",
            "FSDKaggle2018.audio_train",
            _CHECKED,
        ),
        _single(
            "FSDKaggle2018.meta/test_post_competition_scoring_clips.csv",
            "FSDKaggle2018.audio_test",
            split="test",
        ),
        _single("train.csv", "audio_train", _CHECKED),
        _several(
            "FSDKaggle2019.meta/train_curated_post_competition.csv",
            "FSDKaggle2019.audio_train_curated",
        ),
        _several(
            "FSDKaggle2019.meta/train_noisy_post_competition.csv",
            "FSDKaggle2019.audio_train_noisy",
        ),
        _several(
            "FSDKaggle2019.meta/test_post_competition.csv",
            "FSDKaggle2019.audio_test",
            split="test",
        ),
        _several("train_curated.csv", "train_curated"),
        _several("train_noisy.csv", "train_noisy"),
    ],
)
