"""Types that many rooms name alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["OnEpoch", "Progress"]

# Called as ``on_progress(done, total)`` while a piece of work goes on.
Progress = Callable[[int, int], None]

# Called as ``on_epoch(row)`` with each epoch's row of ``history_``.
OnEpoch = Callable[[dict[str, Any]], None]
