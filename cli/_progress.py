"""Progress on a terminal; silence where the output is piped or logged."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["is_terminal", "progress_bar"]


def is_terminal() -> bool:
    """Tell whether a person is watching stderr."""
    return sys.stderr.isatty()


@contextmanager
def progress_bar(description: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far a piece of work is.

    Yields
    ------
    update : callable
        Call ``update(done, total)`` as the work goes on.
    """
    if not is_terminal():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
