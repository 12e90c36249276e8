"""What all pictures share: colours, texts, PNG files."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mfccclf._files import atomic_path
from mfccclf.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "INK",
    "ORANGE",
    "PNG_DPI",
    "check_matplotlib",
    "draw_legend",
    "figure_to_png",
    "new_figure",
    "plain_axes",
    "pyplot_figure",
    "save_png",
    "short_text",
    "tick_texts",
]

# Okabe and Ito's colours, distinct for every kind of colour vision.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
PNG_DPI = 150
INK, GREY = "#1F2933", "#7B8794"


def check_matplotlib() -> None:
    """Raise `MissingExtraError` if Matplotlib is not installed.

    Examples
    --------
    >>> from mfccclf.plots import check_matplotlib
    >>> check_matplotlib()
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "Pictures need Matplotlib, which is not installed. Install it with pip "
            "install 'mfccclf[plots]'."
        ) from error


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, its size in inches, without pyplot.

    Raises
    ------
    MissingExtraError
        If Matplotlib is not installed.
    """
    check_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def pyplot_figure(width: float, height: float) -> Figure:
    """Return an empty figure that pyplot knows, so that notebooks and `show` show it.

    Raises
    ------
    MissingExtraError
        If Matplotlib is not installed.
    """
    check_matplotlib()
    from matplotlib import pyplot as plt

    return plt.figure(figsize=(width, height), layout="constrained", facecolor="white")


def plain_axes(axes: Axes, **settings: Any) -> None:
    """Remove the upper and right side of the frame; set labels and limits."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=INK, labelsize=9)
    axes.set(**settings)


def draw_legend(figure: Figure, axes: Axes) -> None:
    """Name what is drawn in a row above all panels."""
    figure.legend(
        *axes.get_legend_handles_labels(),
        loc="outside upper center",
        ncols=4,
        frameon=False,
        fontsize=9,
    )


def short_text(text: object, limit: int = 24) -> str:
    """Return a label as pictures show it: one line, shortened in the middle.

    Dollar signs are escaped, for they would start a formula.
    """
    line = " ".join(str(text).split())
    if len(line) > limit:
        head = (limit - 1) // 2
        line = f"{line[: limit - 1 - head]}…{line[-head:]}"
    return line.replace("$", r"\$")


def tick_texts(labels: Sequence[object]) -> list[str]:
    """Return labels as an axis shows them, all distinct.

    Labels that are equal when shortened, or that the font cannot write, are numbered.
    """
    texts = [short_text(label) for label in labels]
    counts = Counter(texts)
    return [
        f"{number}: {text}" if counts[text] > 1 or not _is_writable(text) else text
        for number, text in enumerate(texts, start=1)
    ]


def _is_writable(text: str) -> bool:
    from matplotlib import font_manager

    font = font_manager.get_font(font_manager.findfont(font_manager.FontProperties()))
    return all(font.get_char_index(ord(character)) for character in text)


def figure_to_png(figure: Figure) -> bytes:
    """Return a PNG file; equal figures give equal files.

    Examples
    --------
    >>> from mfccclf.plots import figure_to_png, plot_confusion
    >>> figure_to_png(plot_confusion([[3, 1], [0, 4]], ["no", "yes"]))[1:4]
    b'PNG'
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # A label in a script that the font lacks shows as boxes, after its number.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return buffer.getvalue()


def save_png(figure: Figure, path: str | PathLike[str]) -> Path:
    """Write a PNG file, whole or not at all.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A picture.
    path : path-like
        File to write, ending in ``.png``.

    Returns
    -------
    path : pathlib.Path
        The file.

    Examples
    --------
    >>> from mfccclf.plots import plot_confusion, save_png
    >>> figure = plot_confusion([[3, 1], [0, 4]], ["no", "yes"])
    >>> save_png(figure, "confusion.png")  # doctest: +SKIP
    PosixPath('confusion.png')
    """
    content = figure_to_png(figure)
    with atomic_path(path) as temporary:
        Path(temporary).write_bytes(content)
    return Path(path)
