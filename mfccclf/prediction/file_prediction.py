"""Labels for whole sound files, some of which are read and predicted together."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike, fsdecode
from typing import Any

from mfccclf._batching import batch_by_size
from mfccclf.errors import AudioFileError
from mfccclf.features.clip_loading import load_each_clip
from mfccclf.prediction.outcome import Prediction
from mfccclf.prediction.scoring import Scorer
from mfccclf.waveform import RawFormat, Waveform
from mfccclf.waveform.batch_loading import LoadedSource
from mfccclf.waveform.paths import AnySource, source_name

__all__ = ["file_of", "predict_checked", "predict_files"]

# Most clips predicted together, and most samples in them.
_MAX_CLIPS, _MAX_SAMPLES = 64, 2**21


def file_of(source: AnySource) -> str:
    """Return a path as given; "-" for a stream."""
    return fsdecode(source) if isinstance(source, str | bytes | PathLike) else "-"


def predict_checked(
    waveform: Waveform, scorer: Scorer, *, file: str | None, model: str
) -> Prediction:
    """Predict a waveform that the model can use.

    Parameters
    ----------
    waveform : float32 ndarray of shape (n_samples,)
        At the model's rate.
    scorer : Scorer
        The model.
    file : str or None
        The clip's path as the prediction states it.
    model : str
        Name or path of the model, as given.
    """
    (verdict,) = scorer.judge([waveform])
    return _make_prediction(verdict, waveform, scorer, file, model)


def predict_files(
    paths: Iterable[AnySource], scorer: Scorer, *, model: str, raw: RawFormat | None
) -> Iterator[Prediction | AudioFileError]:
    """Predict file after file, and go on after one that cannot be used.

    Files in a list or tuple are read ahead. Streams, and paths from any other iterable,
    are predicted one by one, since the next may depend on the prediction.

    Parameters
    ----------
    paths : iterable of path-like or binary file object
        Sound files or streams.
    scorer : Scorer
        The model.
    model : str
        Name or path of the model, as given.
    raw : RawFormat or None
        How samples without a header are stored.

    Yields
    ------
    outcome : Prediction or AudioFileError
        One per file, in order.
    """
    reads_ahead = isinstance(paths, list | tuple) and all(map(_is_path, paths))
    max_clips = _MAX_CLIPS if reads_ahead else 1
    loaded = load_each_clip(
        paths,
        scorer.extraction,
        scorer.reading.with_raw(raw),
        max_ahead=max_clips,
    )
    for batch in batch_by_size(
        _warn_of_each(loaded),
        max_items=max_clips,
        size_of=_count_samples,
        max_size=_MAX_SAMPLES,
    ):
        yield from _predict_batch(batch, scorer, model)


def _predict_batch(
    batch: Sequence[LoadedSource], scorer: Scorer, model: str
) -> Iterator[Prediction | AudioFileError]:
    outcomes = [loaded.outcome for loaded in batch]
    waveforms = [one for one in outcomes if not isinstance(one, AudioFileError)]
    verdicts = scorer.judge_each(waveforms)
    for source, outcome, _ in batch:
        if isinstance(outcome, AudioFileError):
            yield outcome
            continue
        verdict = next(verdicts)
        if isinstance(verdict, str):
            yield AudioFileError(f"{source_name(source)} {verdict}")
        else:
            yield _make_prediction(verdict, outcome, scorer, file_of(source), model)


def _make_prediction(
    verdict: dict[str, Any],
    waveform: Waveform,
    scorer: Scorer,
    file: str | None,
    model: str,
) -> Prediction:
    duration_s = len(waveform) / scorer.extraction.sample_rate
    return Prediction(file=file, **verdict, model=model, duration_s=duration_s)


def _warn_of_each(loaded: Iterable[LoadedSource]) -> Iterator[LoadedSource]:
    for one in loaded:
        for warning in one.warnings:
            warnings.warn(warning, stacklevel=2)
        yield one


def _count_samples(loaded: LoadedSource) -> int:
    outcome = loaded.outcome
    return 0 if isinstance(outcome, AudioFileError) else len(outcome)


def _is_path(source: AnySource) -> bool:
    return isinstance(source, str | bytes | PathLike)
