"""How a training went, epoch by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfccclf._validation import argument_error
from mfccclf.plots._canvas import (
    BLUE,
    GREY,
    ORANGE,
    draw_legend,
    new_figure,
    plain_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["CURVES_SIZE", "draw_learning_curves", "plot_learning_curves"]

CURVES_SIZE = (9.0, 3.4)
_MOST_MARKERS = 40


def plot_learning_curves(
    train_loss: ArrayLike,
    train_accuracy: ArrayLike,
    valid_loss: ArrayLike | None = None,
    valid_accuracy: ArrayLike | None = None,
    *,
    kept_epoch: int | None = None,
) -> Figure:
    """Draw loss and accuracy over the epochs of a training.

    Parameters
    ----------
    train_loss, train_accuracy : array-like of shape (n_epochs,)
        Scores on the training clips; NaN if unknown.
    valid_loss, valid_accuracy : array-like of shape (n_epochs,), optional
        Scores on the validation clips.
    kept_epoch : int, optional
        Epoch to mark, from 1: the one whose weights the model has.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Loss on the left, accuracy on the right.

    Raises
    ------
    ValueError
        If the curves differ in length.
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> from mfccclf.plots import plot_learning_curves
    >>> figure = plot_learning_curves([1.1, 0.6], [0.5, 0.8], [1.2, 0.9], [0.4, 0.7])
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['Loss (nats)', 'Accuracy']
    """
    figure = new_figure(*CURVES_SIZE)
    curves = (train_loss, train_accuracy, valid_loss, valid_accuracy)
    draw_learning_curves(figure, *curves, kept_epoch=kept_epoch)
    return figure


def draw_learning_curves(
    figure: Figure,
    train_loss: ArrayLike,
    train_accuracy: ArrayLike,
    valid_loss: ArrayLike | None,
    valid_accuracy: ArrayLike | None,
    *,
    kept_epoch: int | None,
) -> None:
    """Draw on an empty figure what `plot_learning_curves` returns."""
    loss = _curve("train_loss", train_loss, None)
    n_epochs = len(loss)
    accuracy = _curve("train_accuracy", train_accuracy, n_epochs)
    watched_loss = _curve("valid_loss", valid_loss, n_epochs)
    watched_accuracy = _curve("valid_accuracy", valid_accuracy, n_epochs)
    left, right = figure.subplots(1, 2)
    _draw(left, loss, watched_loss)
    _draw(right, accuracy, watched_accuracy)
    plain_axes(left, xlabel="Epoch", ylabel="Loss (nats)")
    left.set_ylim(0, 1.08 * left.dataLim.ymax or 1.0)
    plain_axes(right, xlabel="Epoch", ylabel="Accuracy", ylim=(0, 1.02))
    for axes in (left, right):
        _mark_epochs(axes, watched_loss, kept_epoch)
    draw_legend(figure, left)


def _mark_epochs(
    axes: Axes, watched_loss: NDArray[np.float64], kept_epoch: int | None
) -> None:
    """Mark the epoch of the lowest validation loss, and the one that was kept."""
    marks: dict[int, str] = {}
    if np.isfinite(watched_loss).any():
        marks[int(np.nanargmin(watched_loss)) + 1] = "lowest validation loss"
    if kept_epoch is not None:
        is_lowest = kept_epoch in marks
        marks[kept_epoch] = "kept, lowest validation loss" if is_lowest else "kept"
    for epoch, name in marks.items():
        style = "-." if epoch == kept_epoch else ":"
        label = f"{name}: epoch {epoch}"
        axes.axvline(epoch, color=GREY, linewidth=1.2, linestyle=style, label=label)


def _curve(
    name: str, values: ArrayLike | None, n_epochs: int | None
) -> NDArray[np.float64]:
    if values is None:
        return np.full(n_epochs or 0, np.nan)
    curve = np.asarray(values, dtype=np.float64)
    if curve.ndim != 1 or (n_epochs is not None and len(curve) != n_epochs):
        expected = "a list of numbers, one per epoch of train_loss"
        raise argument_error(name, curve.shape, expected, owner="plot_learning_curves")
    return curve


def _draw(
    axes: Axes, trained: NDArray[np.float64], watched: NDArray[np.float64]
) -> None:
    epochs = np.arange(1, len(trained) + 1)
    marker = "o" if len(epochs) <= _MOST_MARKERS else ""
    rows = (
        ("training", trained, BLUE, "-"),
        ("validation", watched, ORANGE, "--"),
    )
    for label, values, colour, dashes in rows:
        if np.isfinite(values).any():
            axes.plot(
                epochs,
                values,
                dashes,
                color=colour,
                label=label,
                marker=marker,
                markersize=3.5,
            )
    axes.grid(axis="y", color="#E4E7EB", linewidth=0.8)
    axes.locator_params(axis="x", integer=True)
    axes.set_xlim(0.5, max(len(epochs), 1) + 0.5)
