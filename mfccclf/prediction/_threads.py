"""Work on a series in several threads, with the results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["map_ahead"]

Item = TypeVar("Item")
Result = TypeVar("Result")


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
