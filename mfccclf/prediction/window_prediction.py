"""Labels for the windows of a recording."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from mfccclf.errors import AudioFileError
from mfccclf.features.protocol import Extraction, reach_s
from mfccclf.prediction.file_prediction import file_of
from mfccclf.prediction.outcome import WindowPrediction
from mfccclf.prediction.scoring import Scorer
from mfccclf.prediction.threads import map_ahead
from mfccclf.prediction.windows import Window, WindowGrid, cut_windows
from mfccclf.waveform import RawFormat, Waveform
from mfccclf.waveform.downmix import SILENT_SWING
from mfccclf.waveform.paths import AnySource, check_source, source_name
from mfccclf.waveform.streaming import iter_pieces

__all__ = ["predict_recording"]

# Windows whose features go through the net together.
_MAX_WINDOWS = 64
# Resampling smears a sound by up to 11 ms at 8 kHz.
_EDGE_S = 0.02
# Share of a window that a model may ignore without a warning.
_IGNORED = 0.1


def predict_recording(
    path: AnySource,
    grid: WindowGrid,
    scorer: Scorer,
    *,
    model: str,
    raw: RawFormat | None = None,
    watch: Callable[[Waveform], object] | None = None,
    n_threads: int = 1,
) -> Iterator[WindowPrediction]:
    """Predict the windows of one recording.

    Parameters
    ----------
    path : path-like or binary file object
        The recording.
    grid : WindowGrid
        Where its windows are.
    scorer : Scorer
        The model.
    model : str
        Name or path of the model, as given.
    raw : RawFormat or None, default=None
        How samples without a header are stored.
    watch : callable or None, default=None
        Called with each piece of the waveform before its windows are yielded.
    n_threads : int, default=1
        Threads that compute features and scores while the recording is read.

    Returns
    -------
    windows : iterator of WindowPrediction
        In order of time. A last window that is too short for the model is left out.

    Raises
    ------
    TypeError
        If ``path`` is neither a path nor a stream.
    AudioFileError
        On the way: if the recording cannot be read, its only window is too short for
        the model, or the model fails on a window.
    """
    source = check_source(path, owner="predict_windows")
    reading = scorer.reading.with_raw(raw)
    pieces = iter_pieces(source, reading, sample_rate=grid.sample_rate)
    watched = pieces if watch is None else _watched(pieces, watch)
    name = source_name(path)
    batches = _batches(cut_windows(watched, grid), scorer.extraction, name, model)
    work = partial(_predict_batch, scorer=scorer, file=file_of(path), model=model)
    return _unfold(map_ahead(work, batches, n_threads=n_threads), name)


def _watched(
    pieces: Iterable[Waveform], watch: Callable[[Waveform], object]
) -> Iterator[Waveform]:
    for piece in pieces:
        watch(piece)
        yield piece


def _batches(
    cuts: Iterable[Sequence[Window]], extraction: Extraction, name: str, model: str
) -> Iterator[Sequence[Window]]:
    """Yield windows to predict together; each item of ``cuts`` has one length."""
    is_first = True
    for windows in cuts:
        problem = extraction.problem(windows[0].waveform)
        if problem and is_first:
            raise AudioFileError(f"{name} {problem}")
        if problem:
            return
        if is_first:
            _warn_if_ignored(windows[0], reach_s(extraction), model)
        is_first = False
        for start in range(0, len(windows), _MAX_WINDOWS):
            yield windows[start : start + _MAX_WINDOWS]


def _predict_batch(
    windows: Sequence[Window], *, scorer: Scorer, file: str | None, model: str
) -> list[WindowPrediction | str]:
    """Return a prediction of each window, or why it cannot be predicted."""
    are_heard = [_is_heard(window, scorer) for window in windows]
    pairs = zip(windows, are_heard, strict=True)
    verdicts = scorer.judge_each([item.waveform for item, heard in pairs if heard])
    return [
        _place(next(verdicts) if heard else _silence(), window, file, model)
        for window, heard in zip(windows, are_heard, strict=True)
    ]


def _place(
    verdict: dict[str, Any] | str, window: Window, file: str | None, model: str
) -> WindowPrediction | str:
    if isinstance(verdict, str):
        return verdict
    return WindowPrediction(
        file=file,
        **verdict,
        model=model,
        duration_s=round(window.end_s - window.start_s, 6),
        start_s=window.start_s,
        end_s=window.end_s,
    )


def _unfold(
    batches: Iterable[Sequence[WindowPrediction | str]], name: str
) -> Iterator[WindowPrediction]:
    for batch in batches:
        for outcome in batch:
            if isinstance(outcome, str):
                raise AudioFileError(f"{name} {outcome}")
            yield outcome


def _silence() -> dict[str, Any]:
    return {"label": None, "labels": [], "scores": {}, "familiarity": None}


def _is_heard(window: Window, scorer: Scorer) -> bool:
    """Return whether a window has sound, by the rule of `load_waveform`.

    The edges do not count: resampling smears sound from outside into them.
    """
    if scorer.reading.allow_silence:
        return True
    edge = round(_EDGE_S * scorer.extraction.sample_rate)
    inner = window.waveform[edge:-edge]
    if not len(inner):
        inner = window.waveform
    return float(inner.max()) - float(inner.min()) >= SILENT_SWING


def _warn_if_ignored(window: Window, reach_s: float | None, model: str) -> None:
    length_s = window.end_s - window.start_s
    if reach_s is not None and reach_s < (1 - _IGNORED) * length_s:
        warnings.warn(
            f"The model {model} uses only the first {reach_s:.2f} s of each window and "
            f"ignores the rest of {length_s:g} s. Shorten the windows.",
            UserWarning,
            stacklevel=3,
        )
