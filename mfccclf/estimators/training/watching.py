"""Tell a caller of each epoch of the trainings that it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from skorch.callbacks import Callback

from mfccclf._typing import OnEpoch
from mfccclf.estimators.training.callbacks import EpochRecorder

__all__ = ["EpochWatch", "find_listeners", "watch_epochs"]

Watch = Callable[[Mapping[str, Any], int], None]

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


def find_listeners(on_epoch: OnEpoch | None, max_epochs: int) -> list[OnEpoch]:
    """Return what is to be called after each epoch of a training.

    Parameters
    ----------
    on_epoch : callable or None
        As ``fit`` was given it.
    max_epochs : int
        Number of epochs of the whole training.
    """
    listeners = [] if on_epoch is None else [on_epoch]
    watch = _WATCH.get()
    if watch is not None:
        listeners.append(lambda row: watch(row, max_epochs))
    return listeners


class EpochWatch(Callback):  # type: ignore[misc]
    """Hand each epoch on.

    Parameters
    ----------
    recorder : EpochRecorder
        Has the scores; must come before this callback.
    listener : callable
        Called with the row of each epoch.
    """

    def __init__(self, recorder: EpochRecorder, listener: OnEpoch) -> None:
        self.recorder = recorder
        self.listener = listener

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        """Tell of the epoch."""
        self.listener(self.recorder.rows[-1])
