"""Predictions over time, as a display in scikit-learn's manner."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from mfccclf._validation import argument_error, check_int
from mfccclf.plots._canvas import pyplot_figure
from mfccclf.plots.timeline import Timeline
from mfccclf.prediction import Predictor, WindowPrediction

__all__ = ["TimelineDisplay"]


class TimelineDisplay:
    """A recording's waveform, and below it the scores and labels of its windows.

    Parameters
    ----------
    windows : iterable of WindowPrediction
        Predictions in order of time, as `Predictor.predict_windows` yields them.
    waveform : array-like of shape (n_samples,), default=None
        The recording; None leaves its panel empty.
    sample_rate : int, default=16000
        Rate of the waveform, in Hz.

    Attributes
    ----------
    windows : list of WindowPrediction
        As given.
    figure_ : matplotlib.figure.Figure
        The picture.
    axes_ : list of matplotlib.axes.Axes
        Waveform, scores and scale.

    Raises
    ------
    ValueError
        If there are no windows, the waveform is not 1-D, or the rate is below 1.

    Examples
    --------
    >>> from mfccclf.plots import TimelineDisplay
    >>> display = TimelineDisplay.from_recording(
    ...     "names", "long.wav", window=3, hop=1
    ... )  # doctest: +SKIP
    >>> display.figure_.savefig("long.png")  # doctest: +SKIP
    """

    figure_: Any
    axes_: Any

    def __init__(
        self,
        windows: Iterable[WindowPrediction],
        *,
        waveform: ArrayLike | None = None,
        sample_rate: int = 16000,
    ) -> None:
        self.windows = list(windows)
        if not self.windows:
            kind = "predictions of windows, at least one"
            raise argument_error("windows", self.windows, kind, owner=self)
        self.waveform = np.asarray(() if waveform is None else waveform, np.float32)
        if self.waveform.ndim != 1:
            shape = self.waveform.shape
            raise argument_error("waveform", shape, "of shape (n_samples,)", owner=self)
        self.sample_rate = check_int("sample_rate", sample_rate, minimum=1, owner=self)

    @classmethod
    def from_recording(
        cls,
        model: Predictor | str | PathLike[str],
        recording: str | PathLike[str],
        *,
        window: float,
        hop: float | None = None,
    ) -> Self:
        """Predict a recording's windows and draw them.

        Parameters
        ----------
        model : Predictor, str or path-like
            Who predicts, or a shipped model's name, or a model file.
        recording : path-like
            A sound file. It is held in memory as a whole; `Timeline` draws any length.
        window, hop : float
            Length of each window, and time from one to the next, in seconds, as for
            `Predictor.predict_windows`.

        Returns
        -------
        display : TimelineDisplay
            Drawn.

        Raises
        ------
        AudioFileError
            If the recording cannot be read.
        ModelFileError
            If the model cannot be used.
        ValueError
            If ``window`` or ``hop`` is out of range.
        """
        predictor = model if isinstance(model, Predictor) else Predictor(model)
        pieces: list[Any] = []
        windows = list(
            predictor.predict_windows(
                recording, window=window, hop=hop, watch=pieces.append
            )
        )
        waveform = np.concatenate(pieces)
        return cls(windows, waveform=waveform, sample_rate=predictor.sample_rate).plot()

    @property
    def classes(self) -> list[Any]:
        """The labels that have scores, in the model's order."""
        return list(
            dict.fromkeys(label for item in self.windows for label in item.scores)
        )

    def plot(self) -> Self:
        """Draw on a new figure of pyplot.

        Returns
        -------
        self : TimelineDisplay
            With ``figure_`` and ``axes_``.

        Raises
        ------
        MissingExtraError
            If Matplotlib is not installed.
        """
        timeline = Timeline(self.classes, self.sample_rate)
        if len(self.waveform):
            timeline.watch(self.waveform)
        for window in self.windows:
            timeline.write(window)
        self.figure_ = timeline.draw(pyplot_figure)
        self.axes_ = self.figure_.axes
        return self
