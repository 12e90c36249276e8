"""The results of a search."""

from __future__ import annotations

import json
import math
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mfccclf._files import atomic_path
from mfccclf.plots._canvas import check_matplotlib, new_figure
from mfccclf.search import SearchResults

if TYPE_CHECKING:
    from mfccclf.search.results import SearchRow

__all__ = ["plot_search"]

_COLUMNS = 3


def plot_search(results: SearchResults, path: str | PathLike[str]) -> Path:
    """Draw scores against parameter counts, and a box plot per parameter.

    Parameters
    ----------
    results : SearchResults
        What a search returned.
    path : path-like
        Picture to write, such as ``results.png``. It is written whole or not at all.

    Returns
    -------
    path : pathlib.Path
        The picture.

    Raises
    ------
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> from mfccclf.plots import plot_search
    >>> plot_search(found.results, "search.png")  # doctest: +SKIP
    PosixPath('search.png')
    """
    check_matplotlib()
    scorer = results.scoring[0]
    rows = [row for row in results.rows if not math.isnan(row.mean(scorer))]
    names = list(results.rows[0].parameters)
    n_lines = math.ceil((1 + len(names)) / _COLUMNS)
    figure = new_figure(4.5 * _COLUMNS, 3.6 * n_lines)
    axes = figure.subplots(n_lines, _COLUMNS, squeeze=False, sharey=True).ravel()
    _draw_sizes(axes[0], rows, scorer)
    for axis, name in zip(axes[1:], names, strict=False):
        _draw_boxes(axis, rows, scorer, name)
    for axis in axes[1 + len(names) :]:
        axis.set_axis_off()
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=120)
    return Path(path)


def _draw_sizes(axis: Any, rows: list[SearchRow], scorer: str) -> None:
    axis.errorbar(
        [row.n_parameters for row in rows],
        [row.mean(scorer) for row in rows],
        yerr=[row.deviation(scorer) for row in rows],
        fmt="o",
        capsize=3,
    )
    axis.set(xscale="log", xlabel="trainable parameters", ylabel=f"mean {scorer}")
    axis.set_title("bars: standard deviation over the folds", fontsize="small")


def _draw_boxes(axis: Any, rows: list[SearchRow], scorer: str, name: str) -> None:
    """Draw a box per value, or a dot per combination if nearly all values differ."""
    values: dict[str, list[float]] = {}
    for row in rows:
        value = row.parameters[name]
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        values.setdefault(text, []).append(row.mean(scorer))
    numbers = [row.parameters[name] for row in rows]
    are_numbers = all(type(number) in (int, float) for number in numbers)
    if are_numbers and len(values) > len(rows) / 2 and len(values) > 1:
        axis.plot(numbers, [row.mean(scorer) for row in rows], "o")
    elif values:
        axis.boxplot(list(values.values()), tick_labels=list(values))
        axis.tick_params(axis="x", labelrotation=30 if len(values) > 3 else 0)
    axis.set_xlabel(name)
