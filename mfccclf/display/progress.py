"""Progress on a terminal or in a notebook, and nothing where stderr is logged."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfccclf._typing import Progress

__all__ = ["NotebookBar", "in_notebook", "is_terminal", "progress_bar"]


def is_terminal() -> bool:
    """Tell whether a person is watching stderr."""
    return sys.stderr.isatty()


def in_notebook() -> bool:
    """Tell whether this process is the kernel of a notebook.

    Examples
    --------
    >>> from mfccclf.display import in_notebook
    >>> in_notebook()
    False
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


class NotebookBar:
    """A bar with a text in a notebook's output, which is kept up to date."""

    def __init__(self) -> None:
        self._handle: Any = None

    def update(self, done: int, total: int, text: str) -> None:
        """Show how much is done.

        Parameters
        ----------
        done, total : int
            Pieces of work finished, and in all.
        text : str
            Beside the bar.
        """
        from IPython.display import HTML, display

        bar = f'<progress value="{done}" max="{max(total, 1)}"></progress>'
        html = HTML(f"{bar} <code>{escape(text)}</code>")
        if self._handle is None:
            self._handle = display(html, display_id=True)
        else:
            self._handle.update(html)


@contextmanager
def progress_bar(description: str) -> Iterator[Progress]:
    """Show the progress of a piece of work, on a terminal or in a notebook.

    Elsewhere, such as in a log, nothing is shown.

    Parameters
    ----------
    description : str
        What is being done.

    Yields
    ------
    update : callable
        To be called as ``update(done, total)`` during the work: the ``on_progress``
        of many functions.

    Examples
    --------
    >>> from mfccclf.display import progress_bar
    >>> with progress_bar("Counting") as update:
    ...     for number in range(3):
    ...         update(number + 1, 3)
    """
    if in_notebook():
        bar = NotebookBar()
        yield lambda done, total: bar.update(
            done, total, f"{description} {done}/{total}"
        )
        return
    if not is_terminal():
        yield lambda done, total: None
        return
    import rich.progress
    from rich.console import Console

    bars = rich.progress.Progress(console=Console(stderr=True), transient=True)
    with bars:
        task = bars.add_task(description, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
