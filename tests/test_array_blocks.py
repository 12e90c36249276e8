"""Large arrays, a block of rows at a time."""

from __future__ import annotations

import io

import numpy as np

from mfccclf._array_blocks import row_blocks, write_blocks


def test_blocks_are_views_of_all_rows_in_order():
    X = np.arange(2500 * 2).reshape(2500, 2)
    blocks = list(row_blocks(X))
    assert [len(block) for block in blocks] == [1024, 1024, 452]
    assert all(np.shares_memory(block, X) for block in blocks)
    np.testing.assert_array_equal(np.concatenate(blocks), X)


def test_no_rows_make_no_block():
    assert list(row_blocks(np.empty((0, 3)))) == []


def test_blocks_written_one_after_the_other_are_one_array():
    X = np.random.default_rng(0).standard_normal((1500, 3, 2), np.float32)
    file, expected = io.BytesIO(), io.BytesIO()
    write_blocks(file, X.shape, row_blocks(X))
    np.save(expected, X)
    assert file.getvalue() == expected.getvalue()
