"""Whether answers are right as often as their scores say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mfccclf._validation import argument_error
from mfccclf.plots._canvas import BLUE, GREY, ORANGE, new_figure, plain_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_calibration"]


def plot_calibration(
    edges: ArrayLike,
    accuracies: ArrayLike,
    counts: ArrayLike,
    *,
    error: float,
    multilabel: bool = False,
) -> Figure:
    """Draw a reliability diagram.

    Parameters
    ----------
    edges : array-like of shape (n_bins + 1,)
        Edges of the bins of scores.
    accuracies : array-like of shape (n_bins,)
        Share of right answers in each bin; NaN in an empty one.
    counts : array-like of int of shape (n_bins,)
        Answers in each bin.
    error : float
        Expected calibration error, for the title.
    multilabel : bool, default=False
        Whether there is a score of every label for every clip, which is right if the
        clip has the label.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Shares of right answers above numbers of answers.

    Raises
    ------
    ValueError
        If shapes do not match.
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> from mfccclf.plots import plot_calibration
    >>> figure = plot_calibration([0, 0.5, 1], [float("nan"), 0.9], [0, 10], error=0.05)
    >>> figure.axes[0].get_title()
    'Expected calibration error 0.050'
    """
    limits = np.asarray(edges, dtype=np.float64)
    shares = np.asarray(accuracies, dtype=np.float64)
    heights = np.asarray(counts)
    if not len(limits) - 1 == len(shares) == len(heights):
        expected = "a list of one more number than there are accuracies and counts"
        raise argument_error("edges", limits.shape, expected, owner="plot_calibration")
    starts, widths = limits[:-1], np.diff(limits)
    figure = new_figure(5.4, 5.0)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    bars = {"align": "edge", "edgecolor": "white"}
    upper.bar(starts, np.nan_to_num(shares), widths, color=BLUE, **bars)
    upper.plot([0, 1], [0, 1], "--", color=ORANGE, label="as often as the score says")
    upper.legend(frameon=False, fontsize=9, loc="upper left")
    names = ("Share of right answers", "Score of the answer", "Answers")
    if multilabel:
        names = ("Share of clips that have it", "Score of a label", "Labels of clips")
    plain_axes(upper, ylabel=names[0], xlim=(0, 1), ylim=(0, 1.02))
    upper.set_title(f"Expected calibration error {error:.3f}", fontsize=11)
    lower.bar(starts, heights, widths, color=GREY, **bars)
    plain_axes(lower, xlabel=names[1], ylabel=names[2])
    return figure
