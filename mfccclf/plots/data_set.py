"""What a data set consists of: clips per label, their lengths and their levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mfccclf._validation import argument_error
from mfccclf.plots._canvas import (
    BLUE,
    GREEN,
    ORANGE,
    draw_legend,
    new_figure,
    plain_axes,
    tick_texts,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_data_set"]

_COLOURS = (BLUE, ORANGE, GREEN)
_BINS = 30
# Labels that are drawn; the rest is counted.
_MOST_LABELS = 60


def plot_data_set(
    counts: Mapping[str, Mapping[str, int]],
    durations: Mapping[str, Sequence[float]],
    levels: Sequence[float],
) -> Figure:
    """Draw how many clips each label has, how long they are, and how loud.

    Parameters
    ----------
    counts : mapping of str to mapping of str to int
        For each split, or for "all", the number of clips of each label.
    durations : mapping of str to sequence of float
        Lengths in seconds of the clips of each label.
    levels : sequence of float
        Levels of all clips, in dB of full scale.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A bar per label, the range of its lengths beside it, and below them the
        distributions of all lengths and levels. Its height grows with the labels; of
        more than 60, those with most clips are drawn.

    Raises
    ------
    ValueError
        If there are no labels.
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> from mfccclf.plots import plot_data_set
    >>> counts = {"train": {"no": 3, "yes": 2}, "test": {"no": 1, "yes": 1}}
    >>> lengths = {"no": [0.9, 1.0, 1.1, 1.0], "yes": [0.8, 1.2, 1.0]}
    >>> figure = plot_data_set(counts, lengths, [-20, -22, -19, -30, -21, -24, -18])
    >>> len(figure.axes)
    4
    """
    if not durations:
        raise argument_error("durations", {}, "some labels", owner="plot_data_set")
    labels = _most_frequent(counts, list(durations))
    height = 0.25 * len(labels)
    figure = new_figure(9.0, 4.2 + height)
    axes = figure.subplots(2, 2, height_ratios=[1.2 + height, 2.2])
    _draw_counts(axes[0, 0], counts, labels)
    _draw_ranges(axes[0, 1], durations, labels)
    every = [value for values in durations.values() for value in values]
    _draw_histogram(axes[1, 0], every, "Length (s)")
    finite = [level for level in levels if np.isfinite(level)]
    _draw_histogram(axes[1, 1], finite, "Level (dB of full scale)")
    if len(counts) > 1:
        draw_legend(figure, axes[0, 0])
    return figure


def _most_frequent(
    counts: Mapping[str, Mapping[str, int]], labels: Sequence[str]
) -> list[str]:
    """Return the labels that are drawn, in their order."""
    totals = {
        label: sum(part.get(label, 0) for part in counts.values()) for label in labels
    }
    kept = sorted(labels, key=lambda label: -totals[label])[:_MOST_LABELS]
    return [label for label in labels if label in kept]


def _draw_counts(
    axes: Axes, counts: Mapping[str, Mapping[str, int]], labels: Sequence[str]
) -> None:
    rows = np.arange(len(labels))
    left = np.zeros(len(labels))
    for colour, (name, part) in zip(_COLOURS, counts.items(), strict=False):
        widths = np.array([part.get(label, 0) for label in labels], float)
        axes.barh(rows, widths, left=left, height=0.7, color=colour, label=name)
        left += widths
    axes.set_yticks(rows, tick_texts(labels))
    plain_axes(axes, xlabel="Clips", ylim=(len(labels) - 0.4, -0.6))


def _draw_ranges(
    axes: Axes, durations: Mapping[str, Sequence[float]], labels: Sequence[str]
) -> None:
    for row, label in enumerate(labels):
        values = durations[label]
        if len(values) == 0:
            axes.text(0.0, row, "no clips", va="center", fontsize=9)
            continue
        axes.plot([min(values), max(values)], [row, row], color=BLUE, linewidth=2)
        axes.plot([np.median(values)], [row], "o", color=ORANGE, markersize=5)
    axes.set_yticks(np.arange(len(labels)), [""] * len(labels))
    title = "Length (s): shortest to longest, median"
    plain_axes(axes, xlabel=title, ylim=(len(labels) - 0.4, -0.6))


def _draw_histogram(axes: Axes, values: Sequence[float], title: str) -> None:
    axes.hist(values, bins=_BINS, color=BLUE)
    plain_axes(axes, xlabel=title, ylabel="Clips")
