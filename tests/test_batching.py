"""Batches by size, and groups of similar length."""

from __future__ import annotations

import pytest

from mfccclf._batching import batch_by_size, group_by_length


def test_a_batch_is_no_longer_and_no_larger_than_it_may_be():
    found = batch_by_size([1, 1, 1, 9, 1, 2], max_items=3, size_of=int, max_size=8)
    assert list(found) == [[1, 1, 1], [9], [1, 2]]


def test_no_items_make_no_batch():
    assert list(batch_by_size([], max_items=3, size_of=len, max_size=8)) == []


def test_batches_read_no_further_ahead_than_they_are_long():
    items = iter(range(10))
    first = next(batch_by_size(items, max_items=4, size_of=int, max_size=100))
    assert first == [0, 1, 2, 3]
    assert next(items) == 4


def test_an_item_that_is_large_stays_alone():
    found = batch_by_size([2, 9, 3, 4, 8, 1], max_items=5, size_of=int, max_size=8)
    assert list(found) == [[2], [9], [3, 4], [8], [1]]


@pytest.mark.parametrize(
    ("lengths", "most", "groups"),
    [
        ([], 3, []),
        ([5, 4, 6], 3, [[1, 0, 2]]),
        ([4, 4, 4, 4], 3, [[0, 1, 2], [3]]),
        ([40, 4, 60, 61], 3, [[1], [0, 2], [3]]),
    ],
)
def test_a_group_is_of_like_lengths(lengths, most, groups):
    assert group_by_length(lengths, max_items=most) == groups
