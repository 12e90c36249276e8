"""One long clip among short ones: batches stay small, and a warning names it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from mfccclf.estimators.training.batches import (
    SequenceBatches,
    make_dataset,
    split_long,
)
from mfccclf.estimators.training.optimizers import make_schedule
from mfccclf.workflows.training_sequences import warn_of_long_clips


def sequences(lengths):
    X = np.full((len(lengths), max(lengths), 1), np.nan, np.float32)
    for row, length in zip(X, lengths, strict=True):
        row[:length] = 1.0
    return X


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("bucketing", [False, True])
def test_no_batch_is_padded_beyond_the_bound(shuffle, bucketing):
    lengths = [100] * 80
    lengths[37] = 20_000
    dataset = make_dataset(sequences(lengths))
    batches = SequenceBatches(
        dataset, batch_size=16, shuffle=shuffle, bucketing=bucketing
    ).index_batches()
    padded = [len(batch) * int(dataset.lengths[batch].max()) for batch in batches]
    assert max(padded) <= 2**15
    assert sorted(np.concatenate(batches)) == list(range(80))
    assert len(batches) <= 8


def test_a_clip_beyond_the_bound_is_a_batch_of_its_own():
    lengths = np.array([10, 50_000, 10])
    batches = split_long([np.arange(3)], lengths, 16)
    assert [batch.tolist() for batch in batches] == [[0], [1], [2]]


@pytest.mark.parametrize("length", [10, 1000, 10_000])
def test_clips_of_one_length_make_the_same_batches_as_ever(length):
    lengths = np.full(1024, length)
    batches = [np.arange(1024)]
    (same,) = split_long(batches, lengths, 1024)
    assert same is batches[0] or same.tolist() == batches[0].tolist()


def test_one_cycle_bears_more_steps_than_planned():
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    callback = make_schedule("onecycle", lr=0.1, n_epochs=2, n_batches=3)
    policy = callback._get_policy_cls()
    schedule = policy(optimizer, **callback.kwargs)
    for _ in range(9):
        optimizer.step()
        schedule.step()
    assert 0 < schedule.get_last_lr()[0] < 0.001


def test_warning_names_clips_many_times_as_long_as_the_median():
    lengths = [10] * 8 + [101, 300]
    paths = [f"{i}.wav" for i in range(8)] + ["a\n.wav", "b.wav"]
    with pytest.warns(UserWarning, match="than 10 times") as caught:
        warn_of_long_clips(sequences(lengths), paths)
    (warning,) = caught
    text = str(warning.message)
    assert "b.wav (30 times), a\\n.wav (10 times)" in text
    assert "dataset cut" in text


def test_no_warning_of_clips_that_are_a_little_longer():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_long_clips(sequences([10, 20, 100]), ["a", "b", "c"])
