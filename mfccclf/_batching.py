"""Split items into batches, where a batch is quicker than its items one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

__all__ = ["batch_by_size", "group_by_length"]

Item = TypeVar("Item")

# How many times as long as the shortest of a group the longest may be: padding costs
# as much time as true frames.
_LONGEST = 1.5


def batch_by_size(
    items: Iterable[Item],
    *,
    max_items: int,
    size_of: Callable[[Item], int],
    max_size: int,
) -> Iterator[list[Item]]:
    """Split items, in order, into batches of limited length and total size.

    Reads at most one item beyond the batch that it yields: the one that did not fit.

    Parameters
    ----------
    items : iterable
        In order.
    max_items : int
        Items per batch, at most.
    size_of : callable
        Returns the size of an item.
    max_size : int
        Total size of a batch, at most; a larger item is a batch of its own.

    Yields
    ------
    batch : list
        One item or more.
    """
    batch: list[Item] = []
    room = max_size
    for item in items:
        size = size_of(item)
        if batch and size > room:
            yield batch
            batch, room = [], max_size
        batch.append(item)
        room -= size
        if len(batch) == max_items or room <= 0:
            yield batch
            batch, room = [], max_size
    if batch:
        yield batch


def group_by_length(lengths: Sequence[int], *, max_items: int) -> list[list[int]]:
    """Group items of similar length, so that padding a group costs little.

    Parameters
    ----------
    lengths : sequence of int
        Length of each item.
    max_items : int
        Items per group, at most.

    Returns
    -------
    groups : list of list of int
        Indices of the items, shortest first.
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        group = groups[-1] if groups else []
        fits = group and lengths[index] <= _LONGEST * lengths[group[0]]
        if fits and len(group) < max_items:
            group.append(index)
        else:
            groups.append([index])
    return groups
