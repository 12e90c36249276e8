"""Types that many rooms name alike."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress"]

# Called as ``on_progress(done, total)`` while a piece of work goes on.
Progress = Callable[[int, int], None]
