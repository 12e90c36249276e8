"""Pictures of results, with Matplotlib (extra ``[plots]``)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfccclf.plots.search import plot_search
    from mfccclf.plots.timeline import Timeline

__all__ = ["Timeline", "plot_search"]

_HOME = {"Timeline": "timeline", "plot_search": "search"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
