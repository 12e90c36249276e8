"""Waveforms of clips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._validation import argument_error, check_int
from mfccclf.plots._canvas import BLUE, GREY, new_figure, plain_axes, tick_texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_waveform", "plot_waveforms"]

_MOST_COLUMNS = 1200
_GRID_COLUMNS = 3


def plot_waveform(
    waveform: NDArray[np.floating[Any]],
    sample_rate: int,
    *,
    heard_s: float | None = None,
) -> Figure:
    """Draw a whole clip.

    Parameters
    ----------
    waveform : floating ndarray of shape (n_samples,)
        Amplitude between -1 and 1.
    sample_rate : int
        Its rate, in Hz.
    heard_s : float, optional
        Seconds from the start that the model listens to; the rest is shaded.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A small picture.

    Raises
    ------
    ValueError
        If the waveform is empty or has more than one channel.
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf.plots import plot_waveform
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    >>> plot_waveform(tone, 8000).axes[0].get_xlabel()
    'Time (s)'
    """
    figure = new_figure(3.0, 1.4)
    axes = figure.subplots()
    _draw(axes, waveform, sample_rate, owner="plot_waveform")
    duration = len(waveform) / sample_rate
    plain_axes(axes)
    axes.tick_params(labelsize=8)
    axes.locator_params(axis="x", nbins=6)
    axes.locator_params(axis="y", nbins=3)
    axes.set_xlabel("Time (s)", fontsize=8)
    axes.set_ylabel("Amplitude", fontsize=8)
    if heard_s is not None and heard_s < duration:
        axes.axvspan(heard_s, duration, color=GREY, alpha=0.22, linewidth=0)
    return figure


def plot_waveforms(
    waveforms: Sequence[NDArray[np.floating[Any]]],
    titles: Sequence[Any],
    sample_rate: int,
) -> Figure:
    """Draw several clips, each in a panel of its own.

    Parameters
    ----------
    waveforms : sequence of floating ndarray of shape (n_samples,)
        One or more clips.
    titles : sequence
        A title per clip.
    sample_rate : int
        Rate of all, in Hz.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Three panels in a row with a common time axis, each scaled to its clip's peak.

    Raises
    ------
    ValueError
        If there is no clip, or the number of titles differs.
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf.plots import plot_waveforms
    >>> figure = plot_waveforms([np.ones(9), np.zeros(5)], ["one", "nil"], 8000)
    >>> [axes.get_title() for axes in figure.axes]
    ['one', 'nil']
    """
    if not waveforms or len(waveforms) != len(titles):
        expected = f"one title for each of the {len(waveforms)} waveforms, at least one"
        raise argument_error("titles", titles, expected, owner="plot_waveforms")
    n_rows = math.ceil(len(waveforms) / _GRID_COLUMNS)
    figure = new_figure(9.0, 0.5 + 1.35 * n_rows)
    panels = figure.subplots(n_rows, _GRID_COLUMNS, sharex=True, squeeze=False).ravel()
    rows = zip(panels, waveforms, tick_texts(titles), strict=False)
    for axes, waveform, title in rows:
        _draw(axes, waveform, sample_rate, owner="plot_waveforms")
        plain_axes(axes, yticks=[])
        axes.spines["left"].set_visible(False)
        axes.set_title(title, fontsize=10)
    for axes in panels[len(waveforms) :]:
        axes.remove()
    # The lowest panel of each column: the last row may be shorter than the others.
    for axes in panels[: len(waveforms)][-_GRID_COLUMNS:]:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel("Time (s)", fontsize=9)
    longest = max(map(len, waveforms)) / sample_rate
    panels[0].set_xlim(0, longest)
    return figure


def _draw(
    axes: Axes, waveform: NDArray[np.floating[Any]], sample_rate: int, *, owner: str
) -> None:
    """Draw a line; for many samples, the band between low and high per column."""
    samples = np.asarray(waveform)
    rate = check_int("sample_rate", sample_rate, minimum=1, owner=owner)
    if samples.ndim != 1 or not len(samples):
        expected = "an array of shape (n_samples,), not empty"
        raise argument_error("waveform", samples.shape, expected, owner=owner)
    if len(samples) <= 2 * _MOST_COLUMNS:
        axes.plot(np.arange(len(samples)) / rate, samples, color=BLUE, linewidth=0.7)
    else:
        starts = np.linspace(0, len(samples), _MOST_COLUMNS, endpoint=False).astype(int)
        low, high = (f.reduceat(samples, starts) for f in (np.minimum, np.maximum))
        axes.fill_between(starts / rate, low, high, color=BLUE, linewidth=0.6)
    peak = float(np.abs(samples).max()) or 1.0
    axes.set_ylim(-1.05 * peak, 1.05 * peak)
    axes.set_xlim(0, len(samples) / rate)
    axes.axhline(0, color=GREY, linewidth=0.5)
