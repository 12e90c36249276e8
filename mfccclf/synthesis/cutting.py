"""Cut the clips of a data set into shorter ones of equal length."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._typing import Progress
from mfccclf._validation import check_int, check_real
from mfccclf.datasets.annotations.coverage import window_starts
from mfccclf.datasets.dataset import Dataset
from mfccclf.errors import DatasetError
from mfccclf.synthesis.clip_folder import ClipFolder, MadeClips, relative_name
from mfccclf.synthesis.segments import read_segment
from mfccclf.waveform import read_info

__all__ = ["CutClips", "cut_clips"]


_OWNER = "cut_clips"


@dataclass(frozen=True, kw_only=True)
class CutClips(MadeClips):
    """What was cut.

    Attributes
    ----------
    folder : pathlib.Path
        Where: clips, labels.csv and manifest.json.
    n_clips : int
        Clips in it.
    n_too_short : int
        Clips that were left out because they are shorter than one piece.
    """

    n_clips: int
    n_too_short: int


@dataclass(frozen=True)
class _Piece:
    row: int
    path: str
    start_s: float

    @property
    def name(self) -> str:
        return f"{self.row:06d}-{round(self.start_s * 1000):09d}ms.wav"


def cut_clips(
    clips: Dataset,
    output: str | PathLike[str],
    *,
    duration: float,
    hop: float | None = None,
    sample_rate: int = 44100,
    n_channels: int = 1,
    on_progress: Progress | None = None,
) -> CutClips:
    """Cut clips into pieces of equal length, with the labels of the whole.

    A piece has its clip's group, or the clip itself as its group if the layout has
    none: a split by groups never separates the pieces of one recording. Official splits
    are kept.

    Parameters
    ----------
    clips : Dataset
        Clips of any length.
    output : path-like
        Folder to make. If it holds the beginning of the same data set, the work
        resumes.
    duration : float
        Length of a piece in seconds; what remains of a clip is left out.
    hop : float or None, default=None
        From the start of one piece to the start of the next, in seconds; None means
        ``duration``.
    sample_rate : int, default=44100
        Rate of the pieces, in Hz.
    n_channels : {1, 2}, default=1
        Mono or stereo.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    cut : CutClips
        Folder and counts.

    Raises
    ------
    DatasetError
        If no clip is long enough, or the folder holds something else.
    AudioFileError
        If a clip cannot be read.

    Examples
    --------
    >>> from mfccclf import load_dataset
    >>> from mfccclf.synthesis import cut_clips
    >>> cut_clips(load_dataset("ChMusic"), "pieces", duration=5)  # doctest: +SKIP
    """
    duration = check_real("duration", duration, minimum=0.01, owner=_OWNER)
    step = duration if hop is None else check_real("hop", hop, above=0, owner=_OWNER)
    check_int("sample_rate", sample_rate, minimum=1000, owner=_OWNER)
    check_int("n_channels", n_channels, minimum=1, maximum=2, owner=_OWNER)
    pieces = _plan(clips, duration, step)
    settings = {
        "duration_s": duration,
        "hop_s": step,
        "sample_rate": sample_rate,
        "channels": n_channels,
    }
    folder = ClipFolder(output, {"cut": settings, "clips": clips.fingerprint()})
    read = partial(
        _read, duration=duration, sample_rate=sample_rate, n_channels=n_channels
    )
    folder.fill(pieces, read, sample_rate, on_progress=on_progress)
    if not folder.is_complete:
        rows = [_row(clips, piece.row) for piece in pieces]
        listed = [_describe(clips, piece, duration) for piece in pieces]
        folder.finish(rows, {"cut": settings, "data": clips.name}, listed)
    n_used = len({piece.row for piece in pieces})
    return CutClips(
        folder=folder.path, n_clips=len(pieces), n_too_short=len(clips) - n_used
    )


def _plan(clips: Dataset, duration: float, hop: float) -> list[_Piece]:
    pieces = []
    for row, path in enumerate(clips.paths):
        length = read_info(path).duration_s
        if length is None:
            raise DatasetError(
                f"{path} does not tell its length. Convert it to WAV or FLAC."
            )
        starts = window_starts(0.0, length, window_s=duration, hop_s=hop)
        pieces += [_Piece(row, path, start_s) for start_s in starts]
    if not pieces:
        raise DatasetError(
            f"No clip of {clips.name} is {duration:g} s long. Lower the duration."
        )
    return pieces


def _read(
    piece: _Piece, *, duration: float, sample_rate: int, n_channels: int
) -> NDArray[np.float32]:
    return read_segment(
        piece.path,
        piece.start_s,
        duration,
        sample_rate=sample_rate,
        n_channels=n_channels,
    )


def _row(clips: Dataset, row: int) -> dict[str, str]:
    """Return a piece's row of labels.csv."""
    group = _name(clips, row) if clips.groups is None else clips.groups[row]
    values = {"label": clips.labels[row], "group": group}
    return values if clips.splits is None else {**values, "split": clips.splits[row]}


def _describe(clips: Dataset, piece: _Piece, duration: float) -> dict[str, Any]:
    """Return what the manifest says of a piece."""
    start_s = round(piece.start_s, 6)
    return {
        "name": piece.name,
        "source": _name(clips, piece.row),
        "start_s": start_s,
        "end_s": round(start_s + duration, 6),
    }


def _name(clips: Dataset, row: int) -> str:
    return relative_name(Path(clips.paths[row]), Path(clips.root))
