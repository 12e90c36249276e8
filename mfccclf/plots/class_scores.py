"""How well each label is recognised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfccclf._validation import argument_error
from mfccclf.plots._canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    draw_legend,
    new_figure,
    plain_axes,
    tick_texts,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_class_scores"]


def plot_class_scores(
    labels: Sequence[Any],
    precision: ArrayLike,
    recall: ArrayLike,
    f1: ArrayLike,
    *,
    mean_f1: float | None = None,
) -> Figure:
    """Draw precision, recall and F1 of each label.

    Parameters
    ----------
    labels : sequence of shape (n_classes,)
        The labels, from top to bottom.
    precision, recall, f1 : array-like of shape (n_classes,)
        Scores from 0 to 1, NaN if undefined. A label without a recall is marked "no
        clips".
    mean_f1 : float, optional
        Where to draw the mean; by default the mean of the defined F1 scores.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A bar for F1 and marks for the other two; its height grows with the labels.

    Raises
    ------
    ValueError
        If there is not one score per label.
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> from mfccclf.plots import plot_class_scores
    >>> figure = plot_class_scores(["no", "yes"], [1, 0.8], [0.75, 1], [0.86, 0.89])
    >>> [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    ['no', 'yes']
    """
    scores = {"precision": precision, "recall": recall, "f1": f1}
    for name, values in scores.items():
        if np.shape(values) != (len(labels),):
            expected = "a list of numbers, one per label"
            shape = np.shape(values)
            raise argument_error(name, shape, expected, owner="plot_class_scores")
    figure = new_figure(8.0, 1.5 + 0.3 * len(labels))
    axes = figure.subplots()
    _draw_scores(axes, *(np.asarray(v, dtype=np.float64) for v in scores.values()))
    mean = np.nanmean(np.asarray(f1)) if mean_f1 is None else mean_f1
    axes.axvline(mean, color=GREEN, linestyle="--", linewidth=1, label="mean F1")
    axes.set_yticks(np.arange(len(labels)), tick_texts(labels))
    ylim = (len(labels) - 0.4, -0.6)
    plain_axes(axes, xlabel="Score", xlim=(0, 1), ylim=ylim)
    # Marks at 0 extend over the axis, towards the labels.
    axes.tick_params(axis="y", length=0, pad=9)
    draw_legend(figure, axes)
    return figure


def _draw_scores(
    axes: Axes,
    precision: NDArray[np.float64],
    recall: NDArray[np.float64],
    f1: NDArray[np.float64],
) -> None:
    rows = np.arange(len(f1))
    axes.barh(rows, np.nan_to_num(f1), height=0.62, color="#B8D4E8", label="F1")
    # A ring and a smaller mark in it, so that equal scores are both visible.
    marks: dict[str, Any] = {"linestyle": "none", "clip_on": False, "zorder": 3}
    axes.plot(
        recall,
        rows,
        marker="o",
        markersize=9,
        markerfacecolor="none",
        markeredgewidth=1.6,
        color=BLUE,
        label="recall",
        **marks,
    )
    axes.plot(
        precision,
        rows,
        marker="^",
        markersize=5,
        color=ORANGE,
        label="precision",
        **marks,
    )
    for row in np.flatnonzero(np.isnan(recall)):
        axes.text(0.02, float(row), "no clips", va="center", fontsize=9, color=GREY)
