"""Threads that compute: how many, and a series worked on with the results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from mfccclf._validation import check_int

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["count_threads", "map_ahead"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def count_threads(n_jobs: int, *, owner: object) -> int:
    """Return the number of threads that ``n_jobs`` means.

    Parameters
    ----------
    n_jobs : int
        A number, or -1 for one thread on each core that this process may use.
    owner : object
        What an error names as the owner of the parameter.
    """
    if n_jobs != -1:
        return check_int("n_jobs", n_jobs, minimum=1, owner=owner)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_ahead(
    work: Callable[[Item], Result], items: Iterable[Item], *, n_threads: int
) -> Iterator[Result]:
    """Apply a function to items in threads, and yield the results in order.

    Parameters
    ----------
    work : callable
        Called with each item. Threads help where it lets go of the GIL.
    items : iterable
        Taken as results are asked for, at most twice as many as there are threads ahead
        of them.
    n_threads : int
        With 1, no thread is started, and no item is taken before its turn.

    Yields
    ------
    result
        One per item. What ``work`` or ``items`` raise is raised in its turn.
    """
    if n_threads == 1:
        yield from map(work, items)
        return
    from concurrent.futures import ThreadPoolExecutor  # 5 ms that most do not need

    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(n_threads)
    series = iter(items)
    try:
        failure = None
        while failure is None:
            try:
                waiting.append(pool.submit(work, next(series)))
            except Exception as error:  # raised behind the results before it
                failure = error
            if len(waiting) >= 2 * n_threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        if not isinstance(failure, StopIteration):
            raise failure
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
