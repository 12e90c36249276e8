"""A recording: its waveform, and its labels over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._files import atomic_path
from mfccclf.plots._canvas import check_matplotlib, new_figure
from mfccclf.plots._cells import Cells, shrink
from mfccclf.plots._envelope import Envelope
from mfccclf.plots._time_axis import clock_formatter, tick_step

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mfccclf.prediction import WindowPrediction
    from mfccclf.waveform import Waveform

__all__ = ["Timeline"]

_MOST_ROWS = 24
_MOST_COLUMNS = 2000
_INK, _MUTED, _WAVE, _MARK = "#1f2933", "#7b8794", "#52708f", "#d9480f"
_WIDTH = 12.0
_SILENCE: dict[str, Any] = {
    "facecolor": "#eef0f2",
    "edgecolor": "#c5ccd3",
    "hatch": "////",
}
_LEGEND: dict[str, Any] = {
    "loc": "lower right",
    "bbox_to_anchor": (1, 1),
    "frameon": False,
    "fontsize": 8.5,
    "labelcolor": _MUTED,
    "borderaxespad": 0.2,
    "handlelength": 1.6,
    "handleheight": 0.7,
}


class Timeline:
    """Collects a recording and its predictions piece by piece, and draws them.

    Parameters
    ----------
    classes : sequence
        The model's labels, in the order of the scores.
    sample_rate : int
        Rate of the waveform, in Hz.

    Raises
    ------
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> from mfccclf import Predictor
    >>> from mfccclf.plots import Timeline
    >>> predictor = Predictor("names")  # doctest: +SKIP
    >>> timeline = Timeline(predictor.classes, predictor.sample_rate)  # doctest: +SKIP
    >>> windows = predictor.predict_windows(
    ...     "long.wav", window=3, hop=1, watch=timeline.watch
    ... )  # doctest: +SKIP
    >>> for window in windows:
    ...     timeline.write(window)  # doctest: +SKIP
    >>> timeline.save("long.png")  # doctest: +SKIP
    """

    def __init__(self, classes: Sequence[Any], sample_rate: int) -> None:
        check_matplotlib()
        self._classes = list(classes)
        self._sample_rate = sample_rate
        self._envelope = Envelope()
        self._cells = Cells(len(self._classes))
        self._title = self._model = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is no window to draw."""
        return not len(self._cells)

    def watch(self, piece: Waveform) -> None:
        """Add the next piece of the waveform, of shape (n_samples,)."""
        self._envelope.add(piece)

    def write(self, window: WindowPrediction) -> None:
        """Add the next window."""
        self._title, self._model = window.file or "", window.model
        scores = [window.scores.get(label, np.nan) for label in self._classes]
        given = [label in window.labels for label in self._classes]
        self._cells.add(window.start_s, window.end_s, scores, given)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the picture.

        Parameters
        ----------
        path : path-like
            PNG file to write, whole or not at all.

        Returns
        -------
        path : pathlib.Path
            The picture.

        Raises
        ------
        ValueError
            If there is nothing to draw.
        """
        figure = self.draw()
        with atomic_path(path) as temporary:
            figure.savefig(temporary, dpi=150, format="png")
        return Path(path)

    def draw(
        self, make_figure: Callable[[float, float], Figure] = new_figure
    ) -> Figure:
        """Draw the picture on a new figure.

        Parameters
        ----------
        make_figure : callable, optional
            Called with width and height in inches; by default a figure apart from
            pyplot.

        Returns
        -------
        figure : matplotlib.figure.Figure
            The waveform above the scores.

        Raises
        ------
        ValueError
            If there is nothing to draw.
        """
        if self.is_empty:
            raise ValueError("There are no windows to draw. Predict some first.")
        rows = self._shown_rows()
        figure = make_figure(_WIDTH, 3.1 + 0.34 * len(rows))
        ratios = (1.5, 0.3 + 0.34 * len(rows))
        wave, chart = figure.subplots(2, 1, sharex=True, height_ratios=ratios)
        self._draw_waveform(wave)
        mesh = self._draw_scores(chart, rows)
        self._label_times(chart)
        _draw_scale(figure, mesh, chart)
        return figure

    @property
    def _duration_s(self) -> float:
        return max(self._envelope.n_samples / self._sample_rate, self._cells.end_s)

    def _shown_rows(self) -> list[int]:
        """Return the labels to draw: all, or those with the highest scores."""
        peaks = self._cells.peaks()
        best = np.argsort(-peaks, kind="stable")[:_MOST_ROWS]
        return sorted(best.tolist())

    def _draw_waveform(self, axis: Any) -> None:
        low, high = self._envelope.limits()
        step = self._envelope.bin_size / self._sample_rate
        edges = np.minimum(np.arange(len(low) + 1) * step, self._duration_s)
        if len(low):
            axis.stairs(high, edges, baseline=low, fill=True, color=_WAVE, linewidth=0)
        peak = max(float(np.abs(np.concatenate([low, high, [0]])).max()), 1e-3)
        axis.set_ylim(-1.08 * peak, 1.08 * peak)
        axis.set_ylabel("amplitude", color=_MUTED, fontsize=9)
        axis.locator_params(axis="y", nbins=4)
        _clean(axis)
        self._write_titles(axis)

    def _write_titles(self, axis: Any) -> None:
        name = "standard input" if self._title == "-" else Path(self._title).name
        head: dict[str, Any] = {"color": _INK, "fontsize": 13, "weight": "bold"}
        axis.set_title(name, loc="left", parse_math=False, **head)
        side: dict[str, Any] = {"color": _MUTED, "fontsize": 9}
        model = f"model {Path(self._model).name}"
        axis.set_title(model, loc="right", parse_math=False, **side)

    def _draw_scores(self, axis: Any, rows: list[int]) -> Any:
        columns = self._cells.columns()
        edges, scores = shrink(columns.edges, columns.scores[rows], _MOST_COLUMNS)
        heights = np.arange(len(rows) + 1) - 0.5
        mesh = axis.pcolormesh(
            edges, heights, scores, cmap="Blues", vmin=0, vmax=1, rasterized=True
        )
        for row, index in enumerate(rows):
            runs = _runs(columns.edges, columns.given[index])
            axis.broken_barh(runs, (row + 0.27, 0.16), color=_MARK, linewidth=0)
        silent = _runs(columns.edges, columns.is_silent)
        if silent:
            axis.broken_barh(silent, (-0.5, len(rows)), linewidth=0, **_SILENCE)
        for row in range(1, len(rows)):
            axis.axhline(row - 0.5, color="white", linewidth=1)
        self._label_rows(axis, rows)
        self._draw_legend(axis, bool(silent), len(rows))
        return mesh

    def _label_rows(self, axis: Any, rows: list[int]) -> None:
        axis.set_ylim(len(rows) - 0.5, -0.5)
        axis.set_yticks(range(len(rows)), [self._name(index) for index in rows])
        for text in axis.get_yticklabels():
            text.set_parse_math(False)
        _clean(axis)
        axis.tick_params(axis="y", length=0, labelcolor=_INK, labelsize=10)

    def _name(self, index: int) -> str:
        name = " ".join(str(self._classes[index]).split())
        return name if len(name) <= 28 else name[:27] + "…"

    def _draw_legend(self, axis: Any, with_silence: bool, n_rows: int) -> None:
        from matplotlib.patches import Patch

        marks = [Patch(color=_MARK, label="label given")]
        if with_silence:
            marks.append(Patch(label="silent, no label", **_SILENCE))
        n_hidden = len(self._classes) - n_rows
        if n_hidden:
            text = f"{n_hidden} labels with lower scores not shown"
            marks.append(Patch(color="none", label=text))
        axis.legend(handles=marks, ncols=len(marks), **_LEGEND)

    def _label_times(self, axis: Any) -> None:
        from matplotlib.ticker import FuncFormatter, MultipleLocator

        step = tick_step(self._duration_s)
        axis.set_xlim(0, self._duration_s)
        axis.xaxis.set_major_locator(MultipleLocator(step))
        clock = clock_formatter(self._duration_s, step)
        axis.xaxis.set_major_formatter(FuncFormatter(clock))
        axis.set_xlabel("time", color=_MUTED, fontsize=9)


def _draw_scale(figure: Figure, mesh: Any, axis: Any) -> None:
    bar = figure.colorbar(mesh, ax=axis, pad=0.01, fraction=0.03, aspect=12)
    bar.set_label("probability", color=_MUTED, fontsize=9)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8, color=_MUTED, labelcolor=_MUTED)


def _clean(axis: Any) -> None:
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color("#c5ccd3")
    axis.tick_params(color="#c5ccd3", labelcolor=_MUTED, labelsize=9)


def _runs(
    edges: NDArray[np.float64], flags: NDArray[np.bool_]
) -> list[tuple[float, float]]:
    """Return (start, width) of each run of set flags."""
    changes = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [
        (float(edges[first]), float(edges[last] - edges[first]))
        for first, last in changes.reshape(-1, 2)
    ]
