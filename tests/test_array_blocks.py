"""Large arrays, a block of rows at a time."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest

from mfccclf._array_blocks import forget_pages, row_blocks, take_rows, write_blocks
from mfccclf.estimators.training.batches import make_dataset


@pytest.fixture
def mapped(tmp_path):
    """An X of 40 MB that is mapped from a file."""
    path = tmp_path / "X.npy"
    rng = np.random.default_rng(0)
    np.save(path, rng.standard_normal((5000, 40, 50), np.float32))
    return np.load(path, mmap_mode="r")


def megabytes_of_files():
    """Pages of files in this process's memory."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("RssFile"))
    return int(line.split()[1]) / 1024


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


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_was_read_of_a_file_leaves_memory(mapped):
    before = megabytes_of_files()
    for block in row_blocks(np.asarray(mapped)):
        block.sum()
    rows = np.random.default_rng(0).permutation(len(mapped))
    for start in range(0, len(rows), 100):
        make_dataset(mapped).subset(rows).batch(np.arange(start, start + 100))
    assert megabytes_of_files() - before < 4
    mapped.sum()
    assert megabytes_of_files() - before > 30


def test_rows_of_a_file_are_those_of_an_array(mapped):
    rows = np.random.default_rng(0).integers(0, len(mapped), 50)
    in_memory = np.array(mapped)
    np.testing.assert_array_equal(take_rows(mapped, rows, 7), in_memory[rows, :7])
    np.testing.assert_array_equal(take_rows(in_memory, rows, 7), in_memory[rows, :7])


def test_changes_that_are_not_in_the_file_are_not_forgotten(mapped):
    changed = np.load(mapped.filename, mmap_mode="c")
    changed[:] = 1
    forget_pages(changed)
    assert (changed == 1).all()


def test_changes_of_the_file_are_not_forgotten(tmp_path):
    written = np.memmap(tmp_path / "X", np.float32, "w+", shape=(3000, 100))
    for block in row_blocks(written):
        block[:] = 2
    forget_pages(written)
    assert (written == 2).all()


def test_a_part_of_a_data_set_is_no_copy(mapped):
    indices = np.array([4, 2, 2, 7])
    part = make_dataset(mapped, np.arange(len(mapped))).subset(indices)
    again = part.subset(np.array([3, 0]))
    assert again.shape == (2, 40, 50)
    inputs, (targets, _) = again.batch(np.array([1, 0]))
    assert targets.tolist() == [4, 7]
    np.testing.assert_array_equal(inputs["X"].numpy(), mapped[[4, 7]])
    (whole,) = again.blocks()
    np.testing.assert_array_equal(whole, mapped[[7, 4]])
