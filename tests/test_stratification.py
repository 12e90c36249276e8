"""Splits that keep the proportions of several labels."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import KFold

from mfccclf import IterativeStratifiedKFold
from mfccclf.stratification import stratified_parts


@pytest.fixture(name="labels", scope="module")
def rare_and_frequent_labels():
    rng = np.random.default_rng(0)
    return (rng.random((200, 6)) < [0.03, 0.05, 0.1, 0.2, 0.4, 0.7]).astype(int)


def imbalance(splitter, Y, **options):
    """Return the mean difference of a test fold's label shares from the whole's."""
    folds = splitter.split(Y, Y, **options)
    return np.mean(
        [np.abs(Y[t].mean(axis=0) - Y.mean(axis=0)).mean() for _, t in folds]
    )


def test_every_clip_is_tested_once(labels):
    folds = list(IterativeStratifiedKFold(4).split(labels, labels))
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested) == list(range(200))
    for train, test in folds:
        assert set(train) | set(test) == set(range(200))
        assert not set(train) & set(test)
        assert 45 <= len(test) <= 55


def test_shares_are_better_kept_than_by_chance(labels):
    chance = KFold(5, shuffle=True, random_state=0)
    ours = imbalance(IterativeStratifiedKFold(5), labels)
    assert ours < imbalance(chance, labels) / 3


def test_a_label_of_as_many_clips_as_folds_is_in_each(labels):
    labels = labels.copy()
    labels[:, 0] = 0
    labels[[3, 50, 120, 199], 0] = 1
    for _, test in IterativeStratifiedKFold(4).split(labels, labels):
        assert labels[test, 0].sum() == 1


def test_groups_are_kept_together(labels):
    groups = np.repeat(np.arange(50), 4)
    for train, test in IterativeStratifiedKFold(5).split(labels, labels, groups):
        assert not set(groups[train]) & set(groups[test])
    by_group = imbalance(IterativeStratifiedKFold(5), labels, groups=groups)
    assert by_group < 0.04


def test_shuffling_follows_the_seed(labels):
    def folds(**options):
        splitter = IterativeStratifiedKFold(3, **options)
        return [test.tolist() for _, test in splitter.split(labels, labels)]

    assert folds() == folds()
    seeded = folds(shuffle=True, random_state=1)
    assert seeded == folds(shuffle=True, random_state=1)
    assert seeded != folds(shuffle=True, random_state=2)


def test_one_column_of_labels_is_stratified():
    y = np.repeat(["a", "b", "c"], [30, 20, 10])
    for _, test in IterativeStratifiedKFold(5).split(y, y):
        assert np.unique(y[test], return_counts=True)[1].tolist() == [6, 4, 2]


def test_clips_without_labels_are_dealt_out_evenly():
    Y = np.zeros((30, 2), int)
    Y[:6, 0] = 1
    sizes = [len(test) for _, test in IterativeStratifiedKFold(3).split(Y, Y)]
    assert sizes == [10, 10, 10]


def test_parts_have_their_shares(labels):
    part = stratified_parts(labels, [0.8, 0.2])
    assert (part == 1).sum() == pytest.approx(40, abs=2)
    wanted = 0.2 * labels.sum(axis=0)
    np.testing.assert_allclose(labels[part == 1].sum(axis=0), wanted, atol=1.5)


def test_too_few_clips_or_groups_are_named(labels):
    with pytest.raises(ValueError, match="too few clips for 5 folds"):
        list(IterativeStratifiedKFold(5).split(labels[:3], labels[:3]))
    with pytest.raises(ValueError, match="too few groups for 5 folds"):
        list(IterativeStratifiedKFold(5).split(labels, labels, np.arange(200) % 3))
    with pytest.raises(ValueError, match="'n_splits' parameter of Iterative"):
        list(IterativeStratifiedKFold(1).split(labels, labels))


def test_splitter_shows_its_settings():
    splitter = IterativeStratifiedKFold(3, shuffle=True, random_state=7)
    assert "n_splits=3" in repr(splitter)
    assert splitter.get_n_splits() == 3
    assert clone(splitter, safe=False).random_state == 7
