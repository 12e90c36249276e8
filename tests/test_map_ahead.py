"""Threads work on a series, and its results come in order."""

from __future__ import annotations

import threading
import time

import pytest

from mfccclf.prediction.threads import map_ahead


def slow_first(number):
    time.sleep(0.05 if number == 0 else 0)
    return number, threading.current_thread() is threading.main_thread()


def test_results_come_in_order_from_other_threads():
    results = list(map_ahead(slow_first, range(20), n_threads=3))
    assert results == [(number, False) for number in range(20)]


def test_one_thread_takes_no_item_before_its_turn():
    taken = []
    series = map_ahead(
        slow_first, (taken.append(n) or n for n in range(9)), n_threads=1
    )
    assert next(series) == (0, True)
    assert taken == [0]


def test_few_items_are_taken_ahead():
    taken = []
    series = map_ahead(
        slow_first, (taken.append(n) or n for n in range(99)), n_threads=2
    )
    next(series)
    assert len(taken) <= 5
    series.close()


def test_an_error_is_raised_in_its_turn():
    series = map_ahead(lambda n: 1 // (2 - n), range(5), n_threads=2)
    assert [next(series), next(series)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(series)


def test_an_error_of_the_items_follows_what_was_taken():
    def items():
        yield 0
        raise OSError("end")

    series = map_ahead(slow_first, items(), n_threads=2)
    assert next(series) == (0, False)
    with pytest.raises(OSError, match="end"):
        next(series)
