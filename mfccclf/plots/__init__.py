"""Pictures of results, with Matplotlib (extra ``[plots]``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf._lazy import lazy_names

if TYPE_CHECKING:
    from mfccclf.plots._canvas import PNG_DPI, check_matplotlib, figure_to_png
    from mfccclf.plots.calibration import plot_calibration
    from mfccclf.plots.class_scores import plot_class_scores
    from mfccclf.plots.confusion import plot_confusion
    from mfccclf.plots.curves import plot_learning_curves
    from mfccclf.plots.search import plot_search
    from mfccclf.plots.timeline import Timeline
    from mfccclf.plots.waveforms import plot_waveform, plot_waveforms

__all__ = [
    "PNG_DPI",
    "Timeline",
    "check_matplotlib",
    "figure_to_png",
    "plot_calibration",
    "plot_class_scores",
    "plot_confusion",
    "plot_learning_curves",
    "plot_search",
    "plot_waveform",
    "plot_waveforms",
]

_HOME = {
    "PNG_DPI": "_canvas",
    "Timeline": "timeline",
    "check_matplotlib": "_canvas",
    "figure_to_png": "_canvas",
    "plot_calibration": "calibration",
    "plot_class_scores": "class_scores",
    "plot_confusion": "confusion",
    "plot_learning_curves": "curves",
    "plot_search": "search",
    "plot_waveform": "waveforms",
    "plot_waveforms": "waveforms",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
