"""Which labels are mistaken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfccclf._validation import argument_error
from mfccclf.plots._canvas import INK, new_figure, tick_texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_confusion"]

# Cells shrink with the number of labels; with more labels, numbers are unreadable.
_MOST_NUMBERED = 60


def plot_confusion(
    counts: ArrayLike, labels: Sequence[Any], *, normalise: bool = False
) -> Figure:
    """Draw a confusion matrix, with the accuracy as its title.

    Parameters
    ----------
    counts : array-like of int of shape (n_classes, n_classes)
        Clips by true label (rows) and prediction (columns).
    labels : sequence of shape (n_classes,)
        The label of each row and column.
    normalise : bool, default=False
        Whether to show the share of each row, in per cent, instead of counts.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Grows with the number of labels. Empty cells are blank, rows without clips grey.

    Raises
    ------
    ValueError
        If shapes do not match.
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> from mfccclf.plots import plot_confusion
    >>> plot_confusion([[3, 1], [0, 4]], ["no", "yes"]).axes[0].get_title()
    'Accuracy 0.875 (7 of 8 clips)'
    """
    matrix = np.asarray(counts, dtype=np.int64)
    n_classes = len(labels)
    if matrix.shape != (n_classes, n_classes):
        expected = f"of shape {(n_classes, n_classes)}, as the labels say"
        raise argument_error("counts", matrix.shape, expected, owner="plot_confusion")
    totals = matrix.sum(axis=1, keepdims=True)
    shares = matrix / np.maximum(totals, 1)
    cell = float(np.clip(6.5 / n_classes, 0.3, 0.62))
    side = cell * n_classes
    figure = new_figure(max(side, 2.6) + 2.0, max(side, 2.2) + 1.6)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    _label_axes(axes, labels, cell)
    _draw_title(axes, matrix)
    _mark_empty_rows(axes, np.flatnonzero(totals == 0), n_classes)
    if n_classes <= _MOST_NUMBERED:
        _draw_numbers(axes, 100 * shares if normalise else matrix, shares, cell)
    unit = "share of each row in %" if normalise else "number of clips"
    axes.set_xlabel(f"Prediction ({unit})")
    axes.set_ylabel("True label")
    return figure


def _label_axes(axes: Axes, labels: Sequence[Any], cell: float) -> None:
    names = tick_texts(labels)
    is_long = max(map(len, names)) * 0.09 > cell
    size = 10 if cell > 0.5 else 8
    ticks = range(len(names))
    axes.set_xticks(ticks, names, rotation=90 if is_long else 0, fontsize=size)
    axes.set_yticks(ticks, names, fontsize=size)
    axes.tick_params(length=0, colors=INK)
    axes.set_xticks(np.arange(0.5, len(names) - 1), minor=True)
    axes.set_yticks(np.arange(0.5, len(names) - 1), minor=True)
    axes.grid(which="minor", color="#E4E7EB", linewidth=0.8)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_color("#9AA5B1")


def _draw_title(axes: Axes, matrix: NDArray[np.int64]) -> None:
    n_right, n_clips = int(np.trace(matrix)), int(matrix.sum())
    accuracy = n_right / max(n_clips, 1)
    axes.set_title(f"Accuracy {accuracy:.3f} ({n_right} of {n_clips} clips)")


def _mark_empty_rows(axes: Axes, rows: NDArray[np.int64], n_classes: int) -> None:
    """Mark rows that have no clips."""
    for row in rows:
        axes.axhspan(row - 0.5, row + 0.5, color="#DCE1E6", linewidth=0)
        middle = (n_classes - 1) / 2
        axes.text(
            middle, row, "no clips", ha="center", va="center", fontsize=8, color=INK
        )


def _draw_numbers(
    axes: Axes,
    values: NDArray[Any],
    shares: NDArray[np.float64],
    cell: float,
) -> None:
    """Write all numbers but zeros, in white on dark cells."""
    widest = len(f"{values.max():.0f}")
    size = min(11.0, 72 * cell / (0.75 * max(widest, 2)))
    for row, column in zip(*np.nonzero(values), strict=True):
        axes.text(
            column,
            row,
            f"{values[row, column]:.0f}",
            ha="center",
            va="center",
            fontsize=size,
            color="white" if shares[row, column] > 0.55 else INK,
        )
