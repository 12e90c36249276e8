"""Fits on this machine: in this process and in others beside it."""

from __future__ import annotations

import importlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from joblib.externals.loky import BrokenProcessPool, ProcessPoolExecutor

from mfccclf._memory import keep_freed_memory

__all__ = ["Call", "LocalProcesses"]

# What joblib.delayed makes: a function, its arguments and its keyword arguments.
Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]

# Libraries that would start threads of their own in every process.
_LIBRARIES = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in _LIBRARIES}
# Workers with nothing to do end after this time, as joblib's do.
_IDLE_S = 300.0
_LOOK_EVERY_S = 1.0


class LocalProcesses:
    """One process, the caller's, and workers of joblib (loky) beside it.

    A worker needs seconds to load torch, which the caller has loaded already: so the
    caller takes part, and begins while the others are still loading.

    Parameters
    ----------
    n_jobs : int
        Processes, the caller's among them; at least 2.
    """

    def __init__(self, n_jobs: int) -> None:
        self.n_jobs = n_jobs
        self._executor: ProcessPoolExecutor | None = None

    def start(self) -> ProcessPoolExecutor:
        """Start the workers, if there are none; return before they are ready."""
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self.n_jobs - 1,
                job_reducers={np.memmap: _reduce_mapped},
                timeout=_IDLE_S,
                initializer=_begin,
                initargs=(os.getpid(),),
                env=_ONE_THREAD,
            )
            self._executor.submit(int)  # a first call, which starts them
        return self._executor

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)
            self._executor = None

    def run(self, calls: Iterable[Call], on_result: Callable[[Any], None]) -> None:
        """Make calls, in their order, each in the next process that is free.

        Parameters
        ----------
        calls : iterable of Call
            What to call; long ones first keep all processes busy to the end.
        on_result : callable
            Called with each result as soon as it is there, in any thread of this
            process but never twice at a time.

        Raises
        ------
        BrokenProcessPool
            If a worker was lost. Results of other calls have been given, and the next
            run starts new workers.
        """
        run = _Run(self.start(), calls, on_result)
        try:
            # One more than there are workers, so that none waits for the caller.
            for _ in range(self.n_jobs):
                run.hand_out()
            while (call := run.take()) is not None:
                function, arguments, keywords = call
                run.keep(function(*arguments, **keywords))
            run.wait()
        except BaseException as error:
            run.stop(error)
            if isinstance(error, BrokenProcessPool):
                self.close()
            raise


class _Run:
    """The calls of one run: those left, and those that workers have."""

    def __init__(
        self,
        executor: ProcessPoolExecutor,
        calls: Iterable[Call],
        on_result: Callable[[Any], None],
    ) -> None:
        self._executor = executor
        self._calls = deque(calls)
        self._on_result = on_result
        self._one_at_a_time = threading.Lock()
        self._changed = threading.Condition()
        self._n_out = 0
        self._error: BaseException | None = None

    def take(self) -> Call | None:
        """Return the next call; None if there is none, or something failed."""
        with self._changed:
            if not self._calls or self._error is not None:
                return None
            return self._calls.popleft()

    def keep(self, result: Any) -> None:
        """Pass a result on."""
        with self._one_at_a_time:
            self._on_result(result)

    def hand_out(self) -> None:
        """Give the next call to a worker."""
        call = self.take()
        if call is None:
            return
        function, arguments, keywords = call
        future = self._executor.submit(function, *arguments, **keywords)
        with self._changed:
            self._n_out += 1
        future.add_done_callback(self._collect)

    def stop(self, error: BaseException) -> None:
        """Begin no more calls."""
        with self._changed:
            self._error = self._error or error

    def wait(self) -> None:
        """Wait for the workers, and raise what went wrong in one."""
        with self._changed:
            self._changed.wait_for(lambda: self._n_out == 0)
        if self._error is not None:
            raise self._error

    def _collect(self, future: Any) -> None:
        """Take a worker's result, in the executor's thread, and give it more."""
        try:
            self.keep(future.result())
            self.hand_out()
        except BaseException as error:
            self.stop(error)
        finally:
            with self._changed:
                self._n_out -= 1
                self._changed.notify_all()


def _begin(caller: int) -> None:
    """Load what fits need, and end when the caller does, even if it is killed."""
    threading.Thread(target=_follow, args=(caller,), daemon=True).start()
    keep_freed_memory()
    importlib.import_module("mfccclf.estimators.lstm")


def _follow(caller: int) -> None:
    while os.getppid() == caller:
        time.sleep(_LOOK_EVERY_S)
    os._exit(1)


def _reduce_mapped(array: np.memmap[Any, Any]) -> tuple[Any, ...]:
    """Let a worker map the file too, in place of sending it the content."""
    if array.filename is None or not array.flags.c_contiguous:
        return np.asarray(array).__reduce__()  # type: ignore[return-value]
    whole = array
    while isinstance(whole.base, np.memmap):
        whole = whole.base
    start = array.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    offset = whole.offset + start
    return np.memmap, (array.filename, array.dtype, "r", offset, array.shape)
