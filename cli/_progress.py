"""Progress bars on a terminal, and nothing where stderr is piped or logged."""

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
    """Show the progress of a piece of work.

    Yields
    ------
    update : callable
        To be called as ``update(done, total)`` during the work.
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
