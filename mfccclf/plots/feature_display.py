"""The features of one clip, as a display in scikit-learn's manner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfccclf._validation import argument_error, check_real
from mfccclf.features import MFCCExtractor
from mfccclf.plots._canvas import BLUE, INK, plain_axes, pyplot_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FeatureDisplay"]

_WIDTH, _LINE_HEIGHT, _LEAST_HEIGHT, _MOST_HEIGHT = 9.0, 0.9, 1.0, 2.4
_HEIGHT_PER_COLUMN = 0.11
# Few extreme frames, such as silence, would leave the others one colour.
_SHOWN_PER_CENT = (1, 99)


class FeatureDisplay:
    """The sequence of a clip: one panel per block of features, over time.

    Parameters
    ----------
    sequence : array-like of shape (n_frames, n_features)
        Features of one clip; frames that are NaN, past the clip's end, are left out.
    feature_names : sequence of str of shape (n_features,)
        Names of the columns, as ``get_feature_names_out`` returns them. ``mfcc_0``,
        ``mfcc_1`` and so on share a panel.
    frame_s : float or None, default=None
        Seconds from one frame to the next; None numbers the frames.
    title : str, default=""
        Above the picture.

    Attributes
    ----------
    sequence : float32 ndarray of shape (n_frames, n_features)
        Without the frames past the clip's end.
    figure_ : matplotlib.figure.Figure
        The picture.
    axes_ : list of matplotlib.axes.Axes
        The panels, by block, without the scales of their colours.

    Raises
    ------
    ValueError
        If the sequence is not 2-D or has no frames, or if names do not fit it.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import MFCCExtractor
    >>> from mfccclf.plots import FeatureDisplay
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> display = FeatureDisplay.from_clip(tone, MFCCExtractor(features=33))
    >>> [axes.get_ylabel() for axes in display.axes_]
    ['mfcc', 'centroid', 'chroma', 'contrast']
    """

    figure_: Any
    axes_: list[Any]

    def __init__(
        self,
        sequence: ArrayLike,
        *,
        feature_names: Sequence[str],
        frame_s: float | None = None,
        title: str = "",
    ) -> None:
        array = np.asarray(sequence, np.float32)
        if array.ndim != 2:
            expected = "of shape (n_frames, n_features)"
            raise argument_error("sequence", array.shape, expected, owner=self)
        self.sequence = array[~np.isnan(array).all(axis=1)]
        if not len(self.sequence):
            expected = "with at least one frame that is not NaN"
            raise argument_error("sequence", array.shape, expected, owner=self)
        self.feature_names = [str(name) for name in feature_names]
        if len(self.feature_names) != array.shape[1]:
            expected = f"{array.shape[1]} names, one per column of sequence"
            raise argument_error("feature_names", feature_names, expected, owner=self)
        if frame_s is not None:
            check_real("frame_s", frame_s, above=0, owner=self)
        self.frame_s = frame_s
        self.title = title

    @classmethod
    def from_clip(
        cls,
        clip: str | PathLike[str] | NDArray[np.floating[Any]],
        extractor: Any = None,
        *,
        title: str | None = None,
    ) -> Self:
        """Extract a clip's features and draw them.

        Parameters
        ----------
        clip : path-like or ndarray of shape (n_samples,)
            A sound file, or a waveform at the extractor's ``sample_rate``.
        extractor : transformer, default=None
            A front end, such as `mfccclf.MFCCExtractor` or
            `mfccclf.SpeechEmbedding`; None for ``MFCCExtractor(n_frames=None)``.
        title : str or None, default=None
            None takes the file's name.

        Returns
        -------
        display : FeatureDisplay
            Drawn.

        Raises
        ------
        AudioFileError
            If the clip cannot be used.
        ValueError
            If a parameter of the extractor is out of range.
        """
        front_end = MFCCExtractor(n_frames=None) if extractor is None else extractor
        (sequence,) = front_end.fit_transform([clip])
        is_path = isinstance(clip, str | PathLike)
        name = Path(clip).name if is_path else ""  # type: ignore[arg-type]
        return cls(
            sequence,
            feature_names=list(front_end.get_feature_names_out()),
            frame_s=_frame_s(front_end),
            title=name if title is None else title,
        ).plot()

    def plot(self) -> Self:
        """Draw on a new figure of pyplot.

        Returns
        -------
        self : FeatureDisplay
            With ``figure_`` and ``axes_``.

        Raises
        ------
        MissingExtraError
            If Matplotlib is not installed.
        """
        blocks = _group(self.feature_names)
        heights = [_height(columns) for columns in blocks.values()]
        self.figure_ = pyplot_figure(_WIDTH, 0.7 + sum(heights))
        panels = self.figure_.subplots(
            len(blocks), 1, sharex=True, squeeze=False, height_ratios=heights
        )
        self.axes_ = list(panels[:, 0])
        for axes, (name, columns) in zip(self.axes_, blocks.items(), strict=True):
            self._draw(axes, self.sequence[:, columns])
            plain_axes(axes, ylabel=name)
        unit = "Frame" if self.frame_s is None else "Time (s)"
        self.axes_[-1].set_xlabel(unit, color=INK)
        self.axes_[0].set_title(self.title, parse_math=False, loc="left", fontsize=11)
        return self

    def _draw(self, axes: Axes, values: NDArray[np.float32]) -> None:
        """Draw one column as a line, several as a picture."""
        step = 1.0 if self.frame_s is None else self.frame_s
        times = np.arange(len(values)) * step
        if values.shape[1] == 1:
            axes.plot(times, values[:, 0], color=BLUE, linewidth=1.2)
            return
        low, high = np.nanpercentile(values, _SHOWN_PER_CENT)
        edges = (np.arange(len(values) + 1) - 0.5) * step
        rows = np.arange(values.shape[1] + 1) - 0.5
        mesh = axes.pcolormesh(
            edges, rows, values.T, cmap="viridis", vmin=low, vmax=high, rasterized=True
        )
        axes.locator_params(axis="y", integer=True, nbins=5)
        scale = axes.figure.colorbar(mesh, ax=axes, pad=0.01, aspect=10)
        scale.outline.set_visible(False)
        scale.ax.tick_params(labelsize=8)


def _group(names: Sequence[str]) -> dict[str, list[int]]:
    """Return the columns of each block, by the names' parts before their numbers."""
    blocks: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        blocks.setdefault(re.sub(r"_\d+$", "", name), []).append(column)
    return blocks


def _height(columns: Sequence[int]) -> float:
    """Return the height of a block's panel, in inches."""
    if len(columns) == 1:
        return _LINE_HEIGHT
    return min(max(_HEIGHT_PER_COLUMN * len(columns), _LEAST_HEIGHT), _MOST_HEIGHT)


def _frame_s(extractor: Any) -> float | None:
    """Return the time from frame to frame, where the front end's parameters tell."""
    parameters = extractor.get_params()
    if "hop_length" in parameters and "sample_rate" in parameters:
        return float(parameters["hop_length"] / parameters["sample_rate"])
    return None
