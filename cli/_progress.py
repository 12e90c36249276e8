"""Progress on a terminal; silence where the output is piped or logged."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mfccclf._typing import Progress

__all__ = ["is_terminal", "progress_bar"]


def is_terminal() -> bool:
    """Tell whether a person is watching stderr."""
    return sys.stderr.isatty()


@contextmanager
def progress_bar(description: str) -> Iterator[Progress]:
    """Show how far a piece of work is.

    Yields
    ------
    update : callable
        Call ``update(done, total)`` as the work goes on.
    """
    if not is_terminal():
        yield lambda done, total: None
        return
    import rich.progress
    from rich.console import Console

    bars = rich.progress.Progress(console=Console(stderr=True), transient=True)
    with bars:
        task = bars.add_task(description, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
