"""Tell a caller of each epoch of the trainings that it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from skorch.callbacks import Callback

from mfccclf.estimators.training.callbacks import EpochRecorder

__all__ = ["EpochWatch", "find_watch", "watch_epochs"]

Watch = Callable[[Mapping[str, Any], int], object]

_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watch_epochs(watch: Watch) -> Iterator[None]:
    """Have a function called after each epoch of all trainings in a with block.

    Parameters
    ----------
    watch : callable
        Called as ``watch(row, max_epochs)`` with a row of ``history_``, in the thread
        of the training.
    """
    token = _WATCH.set(watch)
    try:
        yield
    finally:
        _WATCH.reset(token)


def find_watch() -> Watch | None:
    """Return what `watch_epochs` has set for this context; None without it."""
    return _WATCH.get()


class EpochWatch(Callback):  # type: ignore[misc]
    """Hand each epoch on.

    Parameters
    ----------
    recorder : EpochRecorder
        Has the scores; must come before this callback.
    max_epochs : int
        Number of epochs of the whole training.
    watch : callable
        As for `watch_epochs`.
    """

    def __init__(self, recorder: EpochRecorder, max_epochs: int, watch: Watch) -> None:
        self.recorder = recorder
        self.max_epochs = max_epochs
        self.watch = watch

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        """Tell of the epoch."""
        self.watch(self.recorder.rows[-1], self.max_epochs)
