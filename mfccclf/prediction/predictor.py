"""Labels for sound files, from a model file and without torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._validation import argument_error, check_int
from mfccclf.errors import AudioFileError
from mfccclf.features.clip_loading import load_clip
from mfccclf.prediction.decisions import Limits
from mfccclf.prediction.file_prediction import (
    file_of,
    predict_checked,
    predict_files,
)
from mfccclf.prediction.outcome import Prediction, WindowPrediction
from mfccclf.prediction.scoring import Scorer
from mfccclf.prediction.shipped import open_model, shipped_models
from mfccclf.prediction.threads import count_threads
from mfccclf.prediction.window_merging import merge_windows
from mfccclf.prediction.window_prediction import predict_recording
from mfccclf.prediction.windows import WindowGrid, make_grid, round_hop
from mfccclf.waveform import RawFormat, SoundLimits, Waveform
from mfccclf.waveform.checks import SILENCE
from mfccclf.waveform.downmix import SILENT_SWING
from mfccclf.waveform.paths import AnySource
from mfccclf.waveform.resampling import resample

__all__ = ["Predictor"]


class Predictor:
    """Predict the labels of sound files with a saved model.

    Gives the same scores as the saved pipeline, and needs neither torch, scikit-learn
    nor librosa.

    Parameters
    ----------
    model : str or path-like, default="names"
        Name of a shipped model (see `shipped_models`), or path of a model file.
    min_confidence : float or None, default=None
        Least score of the best label, from 0 to 1: a clip below it gets no label. None
        uses the limit in the model file, or 0 if there is none.
    min_familiarity : float or None, default=None
        Least familiarity, from 0 to 1, likewise.
    sound_limits : SoundLimits or None, default=None
        Most that a sound file may be, for files from strangers; None accepts any clip
        of up to an hour.

    Attributes
    ----------
    name : str
        Name or path of the model, as given.
    config : dict
        The content of the model file's ``model.json``.
    classes : list
        Labels, in the order of the scores.
    limits : Limits
        Least values that a clip must reach to get a label.

    Raises
    ------
    ModelFileError
        If there is no such model, or its file cannot be used.
    ValueError
        If a limit is out of range, or is for familiarity and the model does not compute
        it.

    Examples
    --------
    >>> from mfccclf import Predictor
    >>> predictor = Predictor("names")  # doctest: +SKIP
    >>> predictor.predict(["James.01.au", "Linda.02.au"])  # doctest: +SKIP
    ['James', 'Linda']
    """

    def __init__(
        self,
        model: str | PathLike[str] = "names",
        *,
        min_confidence: float | None = None,
        min_familiarity: float | None = None,
        sound_limits: SoundLimits | None = None,
    ) -> None:
        model_file = open_model(model)
        self.name = fspath(model)
        self.config = model_file.config
        self.classes = model_file.classes
        self.limits = self._choose_limits(min_confidence, min_familiarity)
        self._sound_limits = sound_limits
        self._scorer = Scorer(model_file, self.limits, sound_limits)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let processes and copies open the model file anew: a session stays here."""
        is_shipped = self.name in shipped_models()  # whatever else has that name
        name = self.name if is_shipped else str(Path(self.name).absolute())
        reopen = partial(
            type(self),
            min_confidence=self.limits.min_confidence,
            min_familiarity=self.limits.min_familiarity,
            sound_limits=self._sound_limits,
        )
        return reopen, (name,)

    @property
    def sample_rate(self) -> int:
        """Rate in Hz that sound is resampled to."""
        return self._scorer.extraction.sample_rate

    @property
    def thresholds(self) -> dict[Any, float] | None:
        """Least score at which each label is given; None if labels exclude others."""
        thresholds = self.config.get("thresholds")
        if thresholds is None:
            return None
        return dict(zip(self.classes, thresholds, strict=True))

    def predict(self, paths: Iterable[str | PathLike[str]]) -> list[Any]:
        """Return the label of each file.

        Parameters
        ----------
        paths : iterable of path-like
            Sound files.

        Returns
        -------
        labels : list
            One per file; None if the model is not sure.

        Raises
        ------
        AudioFileError
            At the first file that cannot be used; `predict_each` goes on after it.
        """
        return [prediction.label for prediction in self._predict_all(paths)]

    def predict_proba(
        self, paths: Iterable[str | PathLike[str]]
    ) -> NDArray[np.float32]:
        """Return the probability of each label for each file.

        Parameters
        ----------
        paths : iterable of path-like
            Sound files.

        Returns
        -------
        scores : float32 ndarray of shape (n_clips, n_classes)
            Columns in the order of ``classes``.

        Raises
        ------
        AudioFileError
            At the first file that cannot be used.
        """
        rows = [list(item.scores.values()) for item in self._predict_all(paths)]
        return np.array(rows, dtype=np.float32).reshape(-1, len(self.classes))

    def predict_each(
        self, paths: Iterable[AnySource], *, raw: RawFormat | None = None
    ) -> Iterator[Prediction | AudioFileError]:
        """Predict file after file, and go on after one that cannot be used.

        Parameters
        ----------
        paths : iterable of path-like or binary file object
            Sound files or streams. Files in a list or tuple are read some at a time,
            which is quicker.
        raw : RawFormat or None, default=None
            How samples without a header are stored.

        Yields
        ------
        outcome : Prediction or AudioFileError
            One per file, in order; an error is yielded, not raised.
        """
        _refuse_single_path(paths, owner=self, instead="predict_file")
        yield from predict_files(paths, self._scorer, model=self.name, raw=raw)

    def predict_file(
        self, path: AnySource, *, raw: RawFormat | None = None
    ) -> Prediction:
        """Predict one file.

        Parameters
        ----------
        path : path-like or binary file object
            A sound file, or a stream such as ``sys.stdin.buffer``, read to its end.
        raw : RawFormat or None, default=None
            How samples without a header are stored.

        Returns
        -------
        prediction : Prediction
            Label, scores and length.

        Raises
        ------
        AudioFileError
            If the file is missing, cannot be read, or is too short or silent.
        """
        reading = self._scorer.reading.with_raw(raw)
        waveform = load_clip(path, self._scorer.extraction, reading)
        return self._predict_checked(waveform, file_of(path))

    def predict_waveform(
        self, waveform: NDArray[np.floating[Any]], sample_rate: int
    ) -> Prediction:
        """Predict one waveform.

        Parameters
        ----------
        waveform : floating ndarray of shape (n_samples,)
            One channel, amplitude between -1 and 1.
        sample_rate : int
            Its rate in Hz; it is resampled to the model's rate.

        Returns
        -------
        prediction : Prediction
            As for `predict_file`, with ``file=None``.

        Raises
        ------
        ValueError
            If the waveform is too short or not finite, if it is silent and the model
            does not accept silence, or if it is not a waveform.
        """
        rate = check_int("sample_rate", sample_rate, minimum=1, owner=self)
        given = array = np.asarray(waveform)
        if array.ndim == 1 and np.issubdtype(array.dtype, np.floating):
            narrow = array.astype(np.float32)
            array = resample(narrow, from_rate=rate, to_rate=self.sample_rate)
        problem = self._scorer.extraction.problem(array)
        if problem:
            raise ValueError(f"The waveform {problem}")
        if not self._scorer.reading.allow_silence and np.ptp(given) < SILENT_SWING:
            raise ValueError(
                f"The waveform {SILENCE} Record it again, or leave it out."
            )
        return self._predict_checked(array, None)

    def predict_windows(
        self,
        path: AnySource,
        *,
        window: float,
        hop: float | None = None,
        raw: RawFormat | None = None,
        watch: Callable[[Waveform], object] | None = None,
        n_jobs: int = 1,
        level_step_db: float | None = None,
    ) -> Iterator[WindowPrediction]:
        """Predict window after window of a recording of any length.

        Each window is predicted as a separate clip. Memory does not grow with the
        recording, and a window of a stream is yielded as soon as it has arrived.

        Parameters
        ----------
        path : path-like or binary file object
            A sound file, or a stream such as ``sys.stdin.buffer``.
        window : float
            Length of each window in seconds.
        hop : float or None, default=None
            Time from the start of a window to the start of the next, in seconds; None
            means ``window``, so that windows touch.
        raw : RawFormat or None, default=None
            How samples without a header are stored.
        watch : callable or None, default=None
            Called with each piece of the waveform, float32 of shape (n_samples,) at
            the model's `sample_rate`, before its windows are yielded.
        n_jobs : int, default=1
            Threads that compute while the recording is read; -1 means one per core.
            With more than one, windows of a stream arrive later than they could.
        level_step_db : float or None, default=None
            For models that start from the pre-trained net for speech, which is given
            every clip at one level: windows of 1.6 s and more are brought to it in
            steps of so many dB, so that more neighbours share its vectors (see
            `round_hop`), with slightly other scores. None brings each there exactly.

        Returns
        -------
        windows : iterator of WindowPrediction
            In order of time. The last ends with the recording and may be shorter than
            the others; it is left out if it is too short for the model. A silent
            window has no label and no scores, unless the model accepts silence.

        Raises
        ------
        ValueError
            If ``window`` or ``hop`` is out of range, or too short for the model; or if
            ``level_step_db`` is out of range, or means nothing to the model.
        AudioFileError
            During iteration, if the recording cannot be read, has samples that are not
            finite, or is shorter than the model needs.

        Warns
        -----
        UserWarning
            If the model uses only the start of each window.

        Examples
        --------
        >>> from mfccclf import Predictor
        >>> predictor = Predictor("names")  # doctest: +SKIP
        >>> for item in predictor.predict_windows("long.wav", window=3, hop=1):
        ...     print(item.start_s, item.end_s, item.label)  # doctest: +SKIP
        0.0 3.0 James
        1.0 4.0 James
        """
        grid = self._make_grid(window, hop)
        scorer = self._scorer.with_level_step(level_step_db)
        n_threads = count_threads(n_jobs, owner="predict_windows")
        return self._predict_recording(path, grid, scorer, raw, watch, n_threads)

    def round_hop(self, hop: float) -> float:
        """Return the nearest hop that is a whole number of the model's frames.

        Windows that far apart share the transforms of the frames between them, or the
        vectors of the pre-trained net for speech if they are equally loud, with the
        same numbers in less time. The net for music and models that read samples have
        nothing to share.

        Parameters
        ----------
        hop : float
            From the start of a window to the start of the next, in seconds.

        Returns
        -------
        hop : float
            In seconds.

        Raises
        ------
        ValueError
            If ``hop`` is not above 0.
        """
        return round_hop(hop, self._scorer.extraction)

    def predict_each_window(
        self,
        paths: Iterable[AnySource],
        *,
        window: float,
        hop: float | None = None,
        merge: bool = False,
        raw: RawFormat | None = None,
        watch: Callable[[Waveform], object] | None = None,
        n_jobs: int = 1,
        level_step_db: float | None = None,
    ) -> Iterator[WindowPrediction | AudioFileError]:
        """Predict the windows of recording after recording, as `predict_windows` does.

        After a recording that cannot be used, the next follows.

        Parameters
        ----------
        paths : iterable of path-like or binary file object
            Sound files or streams.
        window, hop
            As for `predict_windows`.
        merge : bool, default=False
            Whether to join neighbours with the same labels; see `merge_windows`.
        raw, watch, n_jobs, level_step_db
            As for `predict_windows`.

        Returns
        -------
        outcomes : iterator of WindowPrediction or AudioFileError
            In order; an error is yielded after the windows before it, not raised.

        Raises
        ------
        ValueError
            As for `predict_windows`.
        """
        _refuse_single_path(paths, owner=self, instead="predict_windows")
        grid = self._make_grid(window, hop)
        scorer = self._scorer.with_level_step(level_step_db)
        n_threads = count_threads(n_jobs, owner="predict_windows")
        recordings = (
            self._predict_recording(path, grid, scorer, raw, watch, n_threads)
            for path in paths
        )
        return _with_errors(map(merge_windows, recordings) if merge else recordings)

    def _predict_recording(
        self,
        path: AnySource,
        grid: WindowGrid,
        scorer: Scorer,
        raw: RawFormat | None,
        watch: Callable[[Waveform], object] | None,
        n_threads: int,
    ) -> Iterator[WindowPrediction]:
        return predict_recording(
            path,
            grid,
            scorer,
            model=self.name,
            raw=raw,
            watch=watch,
            n_threads=n_threads,
        )

    def _make_grid(self, window: float, hop: float | None) -> WindowGrid:
        return make_grid(window, hop, self._scorer.extraction, owner="predict_windows")

    def _choose_limits(
        self, min_confidence: float | None, min_familiarity: float | None
    ) -> Limits:
        given = {"min_confidence": min_confidence, "min_familiarity": min_familiarity}
        own = self.config.get("limits") or {}
        wanted = {name: value for name, value in given.items() if value is not None}
        return Limits.checked({**own, **wanted}, owner=self)

    def _predict_all(
        self, paths: Iterable[str | PathLike[str]]
    ) -> Iterator[Prediction]:
        _refuse_single_path(paths, owner=self, instead="predict_file")
        for outcome in self.predict_each(list(paths)):
            if isinstance(outcome, AudioFileError):
                raise outcome
            yield outcome

    def _predict_checked(self, waveform: Waveform, file: str | None) -> Prediction:
        return predict_checked(waveform, self._scorer, file=file, model=self.name)


def _with_errors(
    recordings: Iterable[Iterator[WindowPrediction]],
) -> Iterator[WindowPrediction | AudioFileError]:
    for windows in recordings:
        try:
            yield from windows
        except AudioFileError as error:
            yield error


def _refuse_single_path(paths: Any, *, owner: object, instead: str) -> None:
    if isinstance(paths, str | bytes | PathLike):
        hint = f"Put the path in a list, or call {instead}."
        kind = "a list of paths"
        raise argument_error(
            "paths", paths, kind, owner=owner, error=TypeError, hint=hint
        )
