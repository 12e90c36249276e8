"""Build a data set of labelled clips from recordings with instruments over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._hashing import hash_file
from mfccclf._typing import Progress
from mfccclf.errors import DatasetError
from mfccclf.synthesis.clip_folder import ClipFolder
from mfccclf.synthesis.sources import Source, Sources, Stretch, read_sources
from mfccclf.synthesis.stretches import read_stretch, window_starts

__all__ = ["BuiltClips", "build_clips"]

Wave = NDArray[np.float32]

# Times that differ by less are the same time.
_SAME_S = 1e-6


@dataclass(frozen=True, kw_only=True)
class BuiltClips:
    """What was built.

    Attributes
    ----------
    folder : pathlib.Path
        Where: clips, labels.csv and manifest.json.
    n_clips : int
        Clips in it.
    n_written : int
        Clips that this run wrote; the others were there.
    n_unlabelled : int
        Windows left out, since no instrument covers enough of them.
    n_clips_per_label : dict of str to int
        By label.
    """

    folder: Path
    n_clips: int
    n_written: int
    n_unlabelled: int
    n_clips_per_label: dict[str, int]


@dataclass(frozen=True)
class _Window:
    source: Source
    start_s: float
    labels: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.source.id}-{round(self.start_s * 1000):09d}ms.wav"


def build_clips(
    sources: str | PathLike[str],
    output: str | PathLike[str],
    *,
    on_progress: Progress | None = None,
) -> BuiltClips:
    """Cut recordings into windows, label each, and write them as a data set.

    A window has an instrument's label where the stretches of that instrument, taken
    together, cover at least the share ``overlap`` of it. Windows lie within one
    recording, which is their group. The same call gives the same bytes.

    Parameters
    ----------
    sources : path-like
        JSON file that lists the recordings; `mfccclf.synthesis.sources.sources_schema`
        returns its JSON Schema.
    output : path-like
        Folder to make. Where it holds the beginning of the same data set, the work
        goes on from there.
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
    >>> from mfccclf.synthesis.building import build_clips
    >>> build_clips("sources.json", "clips").n_clips_per_label  # doctest: +SKIP
    {'dizi': 210, 'erhu': 377, 'gong': 64, 'pipa': 158}
    """
    plan = read_sources(Path(sources))
    windows = [w for source in plan.sources for w in _cut(source, plan)]
    labelled = [window for window in windows if window.labels]
    if not labelled:
        raise DatasetError(
            f"No window of {sources} has a label: no instrument covers "
            f"{plan.overlap:g} of one. Lower overlap or window_s, or lengthen the "
            "stretches."
        )
    _check_names(labelled, sources)
    hashes = {source.id: hash_file(source.path)._asdict() for source in plan.sources}
    settings = {key: value for key, value in asdict(plan).items() if key != "sources"}
    entries = [{**source.facts, **hashes[source.id]} for source in plan.sources]
    folder = ClipFolder(output, {"build": settings, "sources": entries})
    n_written = 0
    for done, window in enumerate(labelled, start=1):
        if window.name not in folder:
            folder.write(window.name, _read(window, plan), plan.sample_rate)
            n_written += 1
        if on_progress is not None:
            on_progress(done, len(labelled))
    if not folder.is_complete:
        manifest = {"build": settings, "sources": entries}
        rows, clips = zip(*(_describe(w, plan) for w in labelled), strict=True)
        folder.finish(rows, manifest, clips)
    counts = Counter(label for window in labelled for label in window.labels)
    return BuiltClips(
        folder=folder.path,
        n_clips=len(labelled),
        n_written=n_written,
        n_unlabelled=len(windows) - len(labelled),
        n_clips_per_label=dict(sorted(counts.items())),
    )


def _cut(source: Source, plan: Sources) -> Iterator[_Window]:
    """Yield the windows of a recording, each wholly inside it."""
    for start_s in window_starts(
        source.start_s, source.end_s, window_s=plan.window_s, hop_s=plan.hop_s
    ):
        yield _Window(source, start_s, _labels(source, start_s, plan))


def _labels(source: Source, start_s: float, plan: Sources) -> tuple[str, ...]:
    end_s = start_s + plan.window_s
    instruments = {name for part in source.stretches for name in part.instruments}
    least = plan.overlap * plan.window_s - _SAME_S
    found = [
        name
        for name in sorted(instruments)
        if _covered(source.stretches, name, start_s, end_s) >= least
    ]
    if not found and plan.unlabelled:
        return (plan.unlabelled,)
    return tuple(found)


def _covered(
    stretches: tuple[Stretch, ...], name: str, start_s: float, end_s: float
) -> float:
    """Return for how long an instrument sounds; overlapping stretches count once."""
    covered, reached = 0.0, start_s
    for part in sorted(stretches, key=lambda part: part.start_s):
        if name in part.instruments:
            begin, end = max(part.start_s, reached), min(part.end_s, end_s)
            covered += max(end - begin, 0.0)
            reached = max(reached, end)
    return covered


def _check_names(windows: list[_Window], sources: str | PathLike[str]) -> None:
    counts = Counter(window.name for window in windows)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise DatasetError(
            f"{sources} gives two clips the name {twice[0]}: their starts are less "
            "than a millisecond apart. Raise hop_s."
        )


def _read(window: _Window, plan: Sources) -> Wave:
    return read_stretch(
        window.source.path,
        window.start_s,
        plan.window_s,
        sample_rate=plan.sample_rate,
        n_channels=plan.channels,
        gain_db=window.source.gain_db,
    )


def _describe(window: _Window, plan: Sources) -> tuple[dict[str, str], dict[str, Any]]:
    """Return a clip's row of labels.csv, and its entry in the manifest."""
    source = window.source
    row = {"label": ";".join(window.labels), "group": source.id}
    if source.split is not None:
        row["split"] = source.split
    start_s = round(window.start_s, 6)
    clip = {
        "name": window.name,
        "source": source.id,
        "start_s": start_s,
        "end_s": round(start_s + plan.window_s, 6),
        "labels": list(window.labels),
    }
    return row, clip
