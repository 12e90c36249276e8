"""Work on a bounded number of threads, with a bounded number of requests waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar

from mfccclf.web_server.answers import RefusedError

__all__ = ["WorkPool"]

P = ParamSpec("P")
T = TypeVar("T")
_AGAIN_S = {"Retry-After": "1"}


class WorkPool:
    """Do the work of requests on threads, without taking on more than can be done.

    Parameters
    ----------
    n_threads : int
        Threads that work.
    max_waiting : int
        Requests that may wait for a thread, their bodies in memory; further ones are
        refused with the status 429.
    max_s : float
        Longest time in seconds that a request waits for its work, after which it is
        refused with the status 503.

    Attributes
    ----------
    n_seated : int
        Requests that are here: those whose body is being read, those that wait for a
        thread, and those that are worked on.
    """

    def __init__(self, *, n_threads: int, max_waiting: int, max_s: float) -> None:
        self._threads = ThreadPoolExecutor(n_threads, "mfccclf-work")
        self._n_seats = n_threads + max_waiting
        self._max_s = max_s
        self._is_closed = False
        self.n_seated = 0

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """Take a seat for a request, before its body is read.

        Raises
        ------
        RefusedError
            If all seats are taken (429), or the server is stopping (503).
        """
        if self._is_closed:
            raise RefusedError(
                503, "stopping", "The server is stopping. Try again later."
            )
        if self.n_seated >= self._n_seats:
            raise RefusedError(
                429,
                "busy",
                f"{self.n_seated} requests are waiting, the most that this server "
                "lets wait. Try again in a second.",
                _AGAIN_S,
            )
        self.n_seated += 1
        try:
            yield
        finally:
            self.n_seated -= 1

    async def run(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function on a thread, and return what it returns.

        Raises
        ------
        RefusedError
            If it has not returned in time (503). A thread cannot be stopped; its work
            goes on, and its seat stays taken until it ends.
        """
        work = self._threads.submit(function, *args, **kwargs)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(work), self._max_s)
        except TimeoutError:
            raise RefusedError(
                503,
                "too_long",
                f"The work has not ended within {self._max_s:g} s. Send less at a "
                "time, or try again when the server is less busy.",
                _AGAIN_S,
            ) from None
        finally:
            if not work.done():
                self._keep_seat(work)

    def close(self) -> None:
        """Take on no more, and wait for the work that has begun."""
        self._is_closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _keep_seat(self, work: Future[Any]) -> None:
        """Keep a seat taken while a thread goes on with work nobody waits for."""
        loop = asyncio.get_running_loop()
        self.n_seated += 1
        work.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave_seat))

    def _leave_seat(self) -> None:
        self.n_seated -= 1
