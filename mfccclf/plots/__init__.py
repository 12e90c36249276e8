"""Pictures of results, with Matplotlib (extra ``[plots]``)."""

from mfccclf.plots.search import plot_search

__all__ = ["plot_search"]
