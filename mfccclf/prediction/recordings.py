"""Labels for the windows of a recording."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike, fsdecode
from typing import Any

from mfccclf.errors import AudioFileError
from mfccclf.prediction.outcome import WindowPrediction
from mfccclf.prediction.scoring import Scorer
from mfccclf.prediction.windows import Window
from mfccclf.waveform.containers.forward import stream_name
from mfccclf.waveform.downmix import SILENT_SWING
from mfccclf.waveform.paths import AnySource, printable

__all__ = ["file_of", "predict_cuts"]

# Windows whose features go through the net together.
_BATCH = 64
# What resampling leaves of a sound before and after it lasts 11 ms at 8 kHz.
_EDGE_S = 0.02
# Share of a window that a model may leave unread without a remark.
_UNREAD = 0.1


def file_of(source: AnySource) -> str:
    """Return a path as it was given, "-" for a stream."""
    if isinstance(source, str | bytes | PathLike):
        return fsdecode(source)
    return "-"


def predict_cuts(
    cuts: Iterable[Sequence[Window]], scorer: Scorer, *, path: AnySource, model: str
) -> Iterator[WindowPrediction]:
    """Predict the windows of one recording.

    Parameters
    ----------
    cuts : iterable of sequence of Window
        Windows of one length together.
    scorer : Scorer
        The model.
    path : path-like or binary file object
        The recording.
    model : str
        The model as it was asked for.

    Yields
    ------
    window : WindowPrediction
        In order. A last one that is too short for the model is left out.

    Raises
    ------
    AudioFileError
        If the only window is too short for the model, or one cannot be used.
    """
    is_first = True
    for windows in cuts:
        problem = scorer.front_end.problem(windows[0].waveform)
        if problem and is_first:
            raise AudioFileError(f"{_name_of(path)} {problem}")
        if problem:
            return
        if is_first:
            _warn_of_unread(windows[0], scorer.front_end.reach_s, model)
        is_first = False
        for start in range(0, len(windows), _BATCH):
            batch = windows[start : start + _BATCH]
            yield from _predict_batch(batch, scorer, file_of(path), model)


def _predict_batch(
    windows: Sequence[Window], scorer: Scorer, file: str, model: str
) -> Iterator[WindowPrediction]:
    are_heard = [_is_heard(window, scorer) for window in windows]
    pairs = zip(windows, are_heard, strict=True)
    verdicts = iter(scorer.judge([window.waveform for window, heard in pairs if heard]))
    for window, heard in zip(windows, are_heard, strict=True):
        yield WindowPrediction(
            file=file,
            **(next(verdicts) if heard else _silence()),
            model=model,
            duration_s=round(window.end_s - window.start_s, 6),
            start_s=window.start_s,
            end_s=window.end_s,
        )


def _silence() -> dict[str, Any]:
    return {"label": None, "labels": [], "scores": {}, "familiarity": None}


def _is_heard(window: Window, scorer: Scorer) -> bool:
    """Tell whether there is anything to predict from, as `load_waveform` does.

    Resampling smears a sound by some milliseconds, across the edges of a window too.
    """
    if scorer.front_end.reading.allow_silence:
        return True
    edge = round(_EDGE_S * scorer.front_end.sample_rate)
    inner = window.waveform[edge:-edge]
    if not len(inner):
        inner = window.waveform
    return float(inner.max()) - float(inner.min()) >= SILENT_SWING


def _warn_of_unread(window: Window, reach_s: float | None, model: str) -> None:
    length_s = window.end_s - window.start_s
    if reach_s is not None and reach_s < (1 - _UNREAD) * length_s:
        warnings.warn(
            f"The model {model} looks at the first {reach_s:.2f} s of a window only. "
            f"Of windows of {length_s:g} s the rest goes unheard. Shorten the windows.",
            UserWarning,
            stacklevel=3,
        )


def _name_of(source: AnySource) -> str:
    if isinstance(source, str | bytes | PathLike):
        return printable(fsdecode(source))
    return stream_name(source)
