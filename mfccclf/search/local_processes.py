"""Fits on this machine, in this process and in workers beside it.

This takes the place of ``joblib.Parallel``, in which the caller only waits and each of
its workers needs seconds to load torch. In the grid search of ``benchmarks/search.py``
(60 fits of 10 epochs, two jobs), joblib alone takes 12 % more processor time;
``python benchmarks/search.py DATA --joblib`` compares the two.
"""

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

__all__ = ["Call", "LocalProcesses", "begin_worker"]

# A function, its arguments and its keyword arguments, as joblib.delayed makes them.
Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]

# Libraries that would start threads in every process.
_LIBRARIES = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in _LIBRARIES}
# Idle workers stop after this time, as joblib's do.
_IDLE_S = 300.0
_CHECK_EVERY_S = 1.0


class LocalProcesses:
    """The caller's process, and workers of loky beside it.

    The caller has loaded torch already, so it takes part in the work, and begins while
    the workers are still loading.

    Parameters
    ----------
    n_jobs : int
        Processes, with that of the caller; at least 2.
    """

    def __init__(self, n_jobs: int) -> None:
        self.n_jobs = n_jobs
        self._executor: ProcessPoolExecutor | None = None

    def start(self) -> ProcessPoolExecutor:
        """Start the workers if there are none; return before they are ready."""
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self.n_jobs - 1,
                job_reducers={np.memmap: _reduce_mapped},
                timeout=_IDLE_S,
                initializer=begin_worker,
                initargs=(os.getpid(),),
                env=_ONE_THREAD,
            )
            self._executor.submit(int)  # the first call starts them
        return self._executor

    def close(self) -> None:
        """Stop the workers, even in the middle of a call."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)
            self._executor = None

    def run(self, calls: Iterable[Call], on_result: Callable[[Any], None]) -> None:
        """Make calls in order, each in the next free process.

        Parameters
        ----------
        calls : iterable of Call
            As ``joblib.delayed`` makes them. Long ones first keep all processes busy
            to the end.
        on_result : callable
            Called with each result as soon as it is known. Any thread of this process
            may call it, but never two at a time.

        Raises
        ------
        BrokenProcessPool
            If a worker was lost. Other results have been passed on, and the next run
            starts new workers.
        """
        run = _Run(self.start(), calls, on_result)
        try:
            # One call more than there are workers, so that no worker waits.
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
    """The calls of one run: those not begun, and those that workers have."""

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
        """Return the next call; None if there is none left, or a call failed."""
        with self._changed:
            if not self._calls or self._error is not None:
                return None
            return self._calls.popleft()

    def keep(self, result: Any) -> None:
        """Pass a result on."""
        with self._one_at_a_time:
            self._on_result(result)

    def hand_out(self) -> None:
        """Submit the next call to a worker."""
        call = self.take()
        if call is None:
            return
        function, arguments, keywords = call
        future = self._executor.submit(function, *arguments, **keywords)
        with self._changed:
            self._n_out += 1
        future.add_done_callback(self._collect)

    def stop(self, error: BaseException) -> None:
        """Begin no further calls."""
        with self._changed:
            self._error = self._error or error

    def wait(self) -> None:
        """Wait for the workers, and raise the first error of a call."""
        with self._changed:
            self._changed.wait_for(lambda: self._n_out == 0)
        if self._error is not None:
            raise self._error

    def _collect(self, future: Any) -> None:
        """Pass on a worker's result, and submit another call; runs in loky's thread."""
        try:
            self.keep(future.result())
            self.hand_out()
        except BaseException as error:
            self.stop(error)
        finally:
            with self._changed:
                self._n_out -= 1
                self._changed.notify_all()


def begin_worker(caller: int) -> None:
    """Load what fits need; stop with the caller, even if it is killed.

    Parameters
    ----------
    caller : int
        Process that starts this one.
    """
    threading.Thread(target=_stop_with, args=(caller,), daemon=True).start()
    keep_freed_memory()
    importlib.import_module("mfccclf.estimators.lstm")


def _stop_with(caller: int) -> None:
    while os.getppid() == caller:
        time.sleep(_CHECK_EVERY_S)
    os._exit(1)


def _reduce_mapped(array: np.memmap[Any, Any]) -> tuple[Any, ...]:
    """Make a worker map the file too, instead of sending it the content."""
    if array.filename is None or not array.flags.c_contiguous:
        return np.asarray(array).__reduce__()  # type: ignore[return-value]
    whole = array
    while isinstance(whole.base, np.memmap):
        whole = whole.base
    start = array.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    offset = whole.offset + start
    return np.memmap, (array.filename, array.dtype, "r", offset, array.shape)
