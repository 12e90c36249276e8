"""Inspect the sound of a data set: what training would refuse, and what is heard."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import joblib
import numpy as np

from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.datasets.clip_sound import ClipSound, measure_sound
from mfccclf.datasets.splits import SPLITS
from mfccclf.errors import AudioFileError, BadClip
from mfccclf.features.clip_checks import CheckedClip
from mfccclf.features.transformer import ClipTransformer
from mfccclf.workflows.extraction import make_extractor

__all__ = ["Duplicates", "SoundInspection", "inspect_sound"]

# Clips per task; few enough for a progress bar to move.
_CHUNK = 64


@dataclass(frozen=True)
class Duplicates:
    """Clips with the very same sound.

    Attributes
    ----------
    rows : tuple of int
        Their places in the data set.
    differ_in : tuple of str
        What tells them apart: "label", "split", "group" or "fold".
    """

    rows: tuple[int, ...]
    differ_in: tuple[str, ...]

    @property
    def is_harmful(self) -> bool:
        """Whether a score or a label is wrong because of them."""
        return bool({"label", "split"} & set(self.differ_in))


@dataclass(frozen=True, kw_only=True)
class SoundInspection:
    """What is heard in the clips of a data set.

    Attributes
    ----------
    clips : Dataset
        The clips.
    preset : str
        Whose features decide which clips are too short.
    checked : tuple of CheckedClip
        Why clips cannot be used, or may not be what was intended.
    sounds : tuple of ClipSound or None
        What is heard in each clip; None for those that cannot be used.
    """

    clips: Dataset
    preset: str
    checked: tuple[CheckedClip, ...]
    sounds: tuple[ClipSound | None, ...]

    @property
    def bad(self) -> list[BadClip]:
        """The clips that training would refuse."""
        return [
            BadClip(row, self.clips.paths[row], one.problem)
            for row, one in enumerate(self.checked)
            if one.problem is not None
        ]

    @property
    def remarks(self) -> list[str]:
        """Why clips may not be what was intended, a line each."""
        return [text for one in self.checked for text in one.remarks]

    @property
    def duplicates(self) -> list[Duplicates]:
        """Groups of clips with the very same sound."""
        homes: dict[str, list[int]] = defaultdict(list)
        for row, sound in self._heard():
            homes[sound.sound].append(row)
        found = [tuple(rows) for rows in homes.values() if len(rows) > 1]
        return [Duplicates(rows, self._differences(rows)) for rows in found]

    @property
    def clipped(self) -> list[tuple[int, float]]:
        """Places of clips with samples cut off at full scale, and their share."""
        found = [(row, sound.clipped) for row, sound in self._heard() if sound.clipped]
        return sorted(found, key=lambda one: -one[1])

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the clips of each label for each split, or for "all"."""
        splits = self.clips.splits or ["all"] * len(self.clips)
        return {
            split: Counter(
                label
                for labels, home in zip(self.clips.label_sets, splits, strict=True)
                if home == split
                for label in labels
            )
            for split in (name for name in ("all", *SPLITS) if name in splits)
        }

    def durations(self) -> dict[str, list[float]]:
        """Return the lengths in seconds of the clips of each label."""
        found: dict[str, list[float]] = {label: [] for label in self.clips.classes}
        for row, sound in self._heard():
            for label in self.clips.label_sets[row]:
                found[label].append(sound.duration_s)
        return found

    def levels(self) -> list[float]:
        """Return the level of each clip that can be used, in dB of full scale."""
        return [sound.level_db for _, sound in self._heard()]

    def to_dict(self) -> dict[str, Any]:
        """Return all that was found, as plain values.

        Returns
        -------
        facts : dict
            "preset"; "n_bad" and "bad" (path, label, problem); "remarks"; "duration_s"
            (total, min, median, max) and "duration_s_per_class"; numbers of clips by
            "sample_rates", "channels" and "encodings"; "level_db" and "peak_db"
            (min, median, max); "clipped" (path, share); "duplicates" (paths, labels,
            splits, differ_in).
        """
        heard = [sound for _, sound in self._heard()]
        paths, labels = self.clips.paths, self.clips.labels
        return {
            "preset": self.preset,
            "n_bad": len(self.bad),
            "bad": [
                {"path": one.path, "label": labels[one.index], "problem": one.problem}
                for one in self.bad
            ],
            "remarks": self.remarks,
            "duration_s": _spread([one.duration_s for one in heard], total=True),
            "duration_s_per_class": {
                label: _spread(values, total=True)
                for label, values in self.durations().items()
            },
            "sample_rates": _count(str(one.sample_rate) for one in heard),
            "channels": _count(str(one.n_channels) for one in heard),
            "encodings": _count(one.encoding for one in heard),
            "level_db": _spread([one.level_db for one in heard]),
            "peak_db": _spread([one.peak_db for one in heard]),
            "clipped": [
                {"path": paths[row], "share": share} for row, share in self.clipped
            ],
            "duplicates": [self._describe(one) for one in self.duplicates],
        }

    def _heard(self) -> Iterator[tuple[int, ClipSound]]:
        for row, sound in enumerate(self.sounds):
            if sound is not None:
                yield row, sound

    def _differences(self, rows: Sequence[int]) -> tuple[str, ...]:
        fields = {
            "label": self.clips.labels,
            "split": self.clips.splits,
            "group": self.clips.groups,
            "fold": self.clips.folds,
        }
        return tuple(
            name
            for name, values in fields.items()
            if values is not None and len({values[row] for row in rows}) > 1
        )

    def _describe(self, one: Duplicates) -> dict[str, Any]:
        clips = self.clips.take(one.rows)
        found: Mapping[str, Any] = {
            "paths": clips.paths,
            "labels": clips.labels,
            "splits": clips.splits,
        }
        return {**found, "differ_in": list(one.differ_in)}


def inspect_sound(
    clips: Dataset,
    *,
    preset: str | PathLike[str] = "default",
    n_jobs: int | None = None,
    on_progress: Progress | None = None,
) -> SoundInspection:
    """Read all clips of a data set as a training would, and measure them.

    Parameters
    ----------
    clips : Dataset
        What `mfccclf.load_dataset` returns with ``keep_bad=True``.
    preset : str or path-like, default="default"
        Whose features decide which clips are too short, and how sound is read.
    n_jobs : int, optional
        Processes.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    inspection : SoundInspection
        What is heard, and what training would refuse.

    Examples
    --------
    >>> from mfccclf import load_dataset
    >>> from mfccclf.workflows import inspect_sound
    >>> clips = load_dataset("recordings", keep_bad=True)  # doctest: +SKIP
    >>> inspect_sound(clips).bad  # doctest: +SKIP
    []
    """
    extractor = make_extractor(preset)
    chunks = range(0, len(clips), _CHUNK)
    tasks = (
        joblib.delayed(_inspect_chunk)(extractor, clips.paths[start : start + _CHUNK])
        for start in chunks
    )
    checked: list[CheckedClip] = []
    sounds: list[ClipSound | None] = []
    for found in joblib.Parallel(n_jobs=n_jobs, return_as="generator")(tasks):
        checked += found[0]
        sounds += found[1]
        if on_progress is not None:
            on_progress(len(checked), len(clips))
    return SoundInspection(
        clips=clips, preset=str(preset), checked=tuple(checked), sounds=tuple(sounds)
    )


def _inspect_chunk(
    extractor: ClipTransformer, paths: Sequence[str]
) -> tuple[list[CheckedClip], list[ClipSound | None]]:
    checked = extractor.check_files(paths)
    pairs = zip(paths, checked, strict=True)
    return checked, [
        _measure(path) if one.problem is None else None for path, one in pairs
    ]


def _measure(path: str) -> ClipSound | None:
    try:
        return measure_sound(path)
    except AudioFileError:  # it was there a moment ago
        return None


def _spread(values: Sequence[float], *, total: bool = False) -> dict[str, float] | None:
    """Return the smallest, middle and largest value; None without any."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return None
    found = {
        "min": min(finite),
        "median": float(np.median(finite)),
        "max": max(finite),
    }
    return {"total": sum(finite), **found} if total else found


def _count(values: Iterator[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())
