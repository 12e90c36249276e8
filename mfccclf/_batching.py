"""Work on several items at a time, where that is quicker than one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

__all__ = ["batched", "group_alike"]

Item = TypeVar("Item")

# How much longer than the shortest of a group the others may be: what is filled up
# costs as much as what is true.
_LONGEST = 1.5


def batched(
    items: Iterable[Item],
    *,
    most: int,
    size_of: Callable[[Item], int],
    most_size: int,
) -> Iterator[list[Item]]:
    """Cut items into lists, reading no more ahead than one item that did not fit.

    Parameters
    ----------
    items : iterable
        In order.
    most : int
        Items of a list at most.
    size_of : callable
        From an item to its size.
    most_size : int
        Size of a list at most; an item as large as this, or larger, stays alone.

    Yields
    ------
    batch : list
        One item or more.
    """
    batch: list[Item] = []
    room = most_size
    for item in items:
        size = size_of(item)
        if batch and size > room:
            yield batch
            batch, room = [], most_size
        batch.append(item)
        room -= size
        if len(batch) == most or room <= 0:
            yield batch
            batch, room = [], most_size
    if batch:
        yield batch


def group_alike(lengths: Sequence[int], *, most: int) -> list[list[int]]:
    """Group items of like lengths, to be filled up to the longest of each group.

    Parameters
    ----------
    lengths : sequence of int
        Of each item.
    most : int
        Items of a group at most.

    Returns
    -------
    groups : list of list of int
        Indices of the items, shortest first.
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        group = groups[-1] if groups else []
        fits = group and lengths[index] <= _LONGEST * lengths[group[0]]
        if fits and len(group) < most:
            group.append(index)
        else:
            groups.append([index])
    return groups
