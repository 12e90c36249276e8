"""Import large packages quickly."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quick_imports"]


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import large packages without Python's garbage collector.

    It would look through all objects again and again while torch, SciPy and
    scikit-learn make theirs: a quarter of their time, for nothing, since what they make
    stays. It need not look at that later, either.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
