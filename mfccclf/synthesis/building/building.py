"""Build a data set of labelled clips from recordings with instruments over time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._hashing import hash_file
from mfccclf._typing import Progress
from mfccclf.errors import DatasetError
from mfccclf.synthesis.building.sources import Sources, read_sources
from mfccclf.synthesis.building.windows import LabelledWindow, label_windows
from mfccclf.synthesis.clip_folder import ClipFolder, MadeClips
from mfccclf.synthesis.segments import read_segment

__all__ = ["BuiltClips", "build_clips"]


@dataclass(frozen=True, kw_only=True)
class BuiltClips(MadeClips):
    """What was built.

    Attributes
    ----------
    folder : pathlib.Path
        Where: clips, labels.csv and manifest.json.
    n_clips : int
        Clips in it.
    n_written : int
        Clips that this run wrote; the others were there before.
    n_unlabelled : int
        Windows left out because no instrument covers enough of them.
    n_clips_per_label : dict of str to int
        By label.
    """

    n_clips: int
    n_written: int
    n_unlabelled: int
    n_clips_per_label: dict[str, int]


def build_clips(
    sources: str | PathLike[str],
    output: str | PathLike[str],
    *,
    on_progress: Progress | None = None,
) -> BuiltClips:
    """Cut recordings into windows, label each, and write them as a data set.

    A window has an instrument's label where the segments of that instrument together
    cover at least the share ``overlap`` of it. Windows lie within one recording, which
    is their group. The same call gives the same bytes.

    Parameters
    ----------
    sources : path-like
        JSON file that lists the recordings; `mfccclf.synthesis.sources_schema` returns
        its JSON Schema.
    output : path-like
        Folder to make. If it holds the beginning of the same data set, the work
        resumes.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    built : BuiltClips
        Folder and counts.

    Raises
    ------
    DatasetError
        If the file of sources has faults, all of which are listed by JSON pointer, or
        the folder holds something else. Nothing is written then.
    AudioFileError
        If a recording cannot be read to its end.

    Examples
    --------
    >>> from mfccclf.synthesis import build_clips
    >>> build_clips("sources.json", "clips").n_clips_per_label  # doctest: +SKIP
    {'dizi': 210, 'erhu': 377, 'gong': 64, 'pipa': 158}
    """
    plan = read_sources(Path(sources))
    windows = list(label_windows(plan))
    labelled = [window for window in windows if window.labels]
    _check_windows(labelled, plan, sources)
    record = _record(plan)
    folder = ClipFolder(output, record)
    read = partial(_read, plan=plan)
    n_written = folder.fill(labelled, read, plan.sample_rate, on_progress=on_progress)
    if not folder.is_complete:
        clips = [_describe(window, plan) for window in labelled]
        folder.finish([_row(window) for window in labelled], record, clips)
    counts = Counter(label for window in labelled for label in window.labels)
    return BuiltClips(
        folder=folder.path,
        n_clips=len(labelled),
        n_written=n_written,
        n_unlabelled=len(windows) - len(labelled),
        n_clips_per_label=dict(sorted(counts.items())),
    )


def _check_windows(
    windows: list[LabelledWindow], plan: Sources, sources: str | PathLike[str]
) -> None:
    if not windows:
        raise DatasetError(
            f"No window of {sources} has a label: no instrument covers "
            f"{plan.overlap:g} of one. Lower overlap or window_s, or lengthen the "
            "stretches."
        )
    counts = Counter(window.name for window in windows)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise DatasetError(
            f"{sources} gives two clips the name {twice[0]}: their starts are less "
            "than a millisecond apart. Raise hop_s."
        )


def _record(plan: Sources) -> dict[str, Any]:
    """Return all that the clips depend on, as plain data."""
    sources = [
        {**source.facts, **hash_file(source.path)._asdict()} for source in plan.sources
    ]
    return {"build": plan.settings(), "sources": sources}


def _read(window: LabelledWindow, *, plan: Sources) -> NDArray[np.float32]:
    return read_segment(
        window.source.path,
        window.start_s,
        plan.window_s,
        sample_rate=plan.sample_rate,
        n_channels=plan.channels,
        gain_db=window.source.gain_db,
    )


def _row(window: LabelledWindow) -> dict[str, str]:
    """Return a clip's row of labels.csv."""
    source = window.source
    row = {"label": ";".join(window.labels), "group": source.id}
    return row if source.split is None else {**row, "split": source.split}


def _describe(window: LabelledWindow, plan: Sources) -> dict[str, Any]:
    """Return what the manifest says of a clip."""
    start_s = round(window.start_s, 6)
    return {
        "name": window.name,
        "source": window.source.id,
        "start_s": start_s,
        "end_s": round(start_s + plan.window_s, 6),
        "labels": list(window.labels),
    }
