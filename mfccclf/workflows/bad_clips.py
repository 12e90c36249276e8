"""Clips that cannot be used: all of them are named, and left out if that is wanted."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf._files import atomic_path
from mfccclf.datasets import Dataset
from mfccclf.datasets.problems import shorten
from mfccclf.errors import BadClip, BadClipsError, DatasetError
from mfccclf.waveform.paths import printable

__all__ = [
    "ReadPart",
    "SkippedClip",
    "check_labels_left",
    "report_bad",
    "save_skipped",
    "without_bad",
]

_HINT = (
    "Repair or remove them, or leave them out with --skip-bad (skip_bad=True), which "
    "lists them beside the output."
)
_MAX_NAMED = 20


class SkippedClip(NamedTuple):
    """A clip that was left out, since it cannot be used.

    Attributes
    ----------
    path : str
        Its file.
    label : str
        Its label; several are joined by ";".
    problem : str
        One line that names the clip and says what is wrong.
    """

    path: str
    label: str
    problem: str


@dataclass(frozen=True)
class ReadPart:
    """A data set after its clips have been read.

    Attributes
    ----------
    clips : Dataset
        All of them.
    X : float32 ndarray of shape (n_usable, n_frames, n_features)
        Sequences of those that can be used.
    bad : tuple of BadClip, default=()
        The others.
    """

    clips: Dataset
    X: NDArray[np.float32]
    bad: tuple[BadClip, ...] = ()

    def usable(self) -> Dataset:
        """Return the clips that can be used, as many as X has rows."""
        return without_bad(self.clips, self.bad)


def report_bad(
    found: Iterable[tuple[Dataset, Sequence[BadClip]]], *, skip_bad: bool
) -> tuple[SkippedClip, ...]:
    """Raise one error for all clips that cannot be used, or warn of them.

    Parameters
    ----------
    found : iterable of (Dataset, sequence of BadClip)
        Data sets, and those of their clips that cannot be used.
    skip_bad : bool
        Whether they are left out, with a warning.

    Returns
    -------
    skipped : tuple of SkippedClip
        The clips to be left out.

    Raises
    ------
    BadClipsError
        If there are any, and they are not to be left out.
    """
    pairs = list(found)
    n_clips = sum(len(clips) for clips, _ in pairs)
    every = [clip for _, bad in pairs for clip in bad]
    if every and not skip_bad:
        raise BadClipsError(every, n_clips, _HINT)
    if every:
        are = "clip is" if n_clips == 1 else "clips are"
        names = [printable(str(clip.path)) for clip in every]
        warnings.warn(
            f"{len(every)} of {n_clips} {are} left out, as they cannot be used: "
            f"{shorten(names, limit=_MAX_NAMED)}.",
            UserWarning,
            stacklevel=3,
        )
    return tuple(
        SkippedClip(clips.paths[clip.index], clips.labels[clip.index], clip.problem)
        for clips, bad in pairs
        for clip in bad
    )


def without_bad(clips: Dataset, bad: Sequence[BadClip]) -> Dataset:
    """Return a data set without its bad clips.

    Raises
    ------
    DatasetError
        If no clip is left.
    """
    if not bad:
        return clips
    if len(bad) == len(clips):
        raise DatasetError(
            f"{clips.name}: none of its {len(clips)} clips can be used, such as "
            f"{bad[0].problem}"
        )
    left_out = {clip.index for clip in bad}
    return clips.take([row for row in range(len(clips)) if row not in left_out])


def check_labels_left(clips: Dataset, usable: Dataset) -> None:
    """Raise if a label lost all of its clips, so that nothing would be learned of it.

    Parameters
    ----------
    clips, usable : Dataset
        Before and after bad clips were left out.

    Raises
    ------
    DatasetError
        Naming all such labels.
    """
    lost = sorted(set(clips.classes) - set(usable.classes))
    if lost:
        raise DatasetError(
            f"{clips.name}: no clip of {shorten(lost)} can be used. Repair some, or "
            "leave the label out."
        )


def save_skipped(
    skipped: Sequence[SkippedClip], output: str | PathLike[str]
) -> Path | None:
    """Write the list of the clips that were left out beside an output.

    Parameters
    ----------
    skipped : sequence of SkippedClip
        The clips. Without any, a list that an earlier output of this name had is
        removed.
    output : str or path-like
        The output, ``NAME.mfccclf`` or the like.

    Returns
    -------
    path : pathlib.Path or None
        ``NAME.skipped.csv`` with the columns path, label and problem.
    """
    path = Path(output).with_suffix(".skipped.csv")
    if not skipped:
        path.unlink(missing_ok=True)
        return None
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(SkippedClip._fields)
    writer.writerows(skipped)
    with atomic_path(path) as temporary:
        data = text.getvalue().encode("utf-8", "surrogateescape")
        Path(temporary).write_bytes(data)
    return path
