"""Outlier exposure: learning from clips that have none of the labels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from test_familiarity import clips, indicator, make, ood_clips

from mfccclf.estimators.training.batches import make_dataset
from mfccclf.estimators.training.loss import WeightedCrossEntropy
from mfccclf.estimators.training.outlier_exposure import (
    OutlierExposureLoss,
    Outliers,
    add_outliers,
)


def confidences(classifier, X):
    return classifier.predict_proba(X).max(axis=1)


def test_outliers_get_more_equal_probabilities():
    X, y = clips(90, seed=0)
    plain = make(max_epochs=20).fit(X, y)
    taught = make(max_epochs=20).fit(X, y, X_other=ood_clips(60, seed=1))
    new = ood_clips(100, seed=2)
    assert confidences(taught, new).mean() < 0.5 < confidences(plain, new).mean()
    known, labels = clips(200, seed=3)
    assert taught.score(known, labels) > 0.9


def test_outliers_get_no_label_with_multilabel_data():
    X, y = clips(90, seed=0)
    outliers = ood_clips(60, seed=1)
    plain = make(max_epochs=20).fit(X, indicator(y))
    taught = make(max_epochs=20).fit(X, indicator(y), X_other=outliers)
    new = ood_clips(100, seed=2)
    assert taught.predict(new).mean() < 0.1 < plain.predict(new).mean()


def test_outliers_may_be_longer_or_shorter_than_the_known_ones():
    X, y = clips(30, seed=0)
    outliers = ood_clips(10)
    longer = np.concatenate([outliers, np.full_like(outliers, np.nan)], axis=1)
    first, second = (
        make(max_epochs=2).fit(X, y, X_other=part).predict_proba(X)
        for part in (outliers, longer)
    )
    np.testing.assert_array_equal(first, second)
    short = make(max_epochs=2).fit(X, y, X_other=X[:1, :2])
    assert np.isfinite(short.predict_proba(X)).all()


def test_outliers_do_not_count_in_the_history_nor_in_validation():
    X, y = clips(90, seed=0)
    X_val, y_val = clips(60, seed=4)
    made = make(max_epochs=25, early_stopping=True, patience=25)
    made.fit(X, y, X_val=X_val, y_val=y_val, X_other=ood_clips(300))
    last = made.history_[-1]
    assert last["train_accuracy"] > 0.8
    assert last["valid_accuracy"] > 0.8


def test_outliers_have_their_weight_against_weighted_clips():
    X, _ = clips(10, seed=0)
    known = make_dataset(X, np.zeros(10, np.int64), np.arange(10, dtype=np.float32))
    joined = add_outliers(known, Outliers(make_dataset(ood_clips(4)), 0.25))
    weights = joined.weights
    assert weights.mean() == pytest.approx(1)
    assert weights[10:].sum() / weights[:10].sum() == pytest.approx(0.25)
    np.testing.assert_allclose(weights[1:10] / weights[1], np.arange(1, 10), rtol=1e-6)


def test_joined_batches_hold_the_clips_of_both():
    X, _ = clips(6, seed=0)
    outliers = ood_clips(4)[:, :5]
    joined = add_outliers(
        make_dataset(X, np.arange(6), np.ones(6, np.float32)),
        Outliers(make_dataset(outliers), 0.5),
    )
    inputs, (targets, _) = joined.batch(np.array([8, 1, 6]))
    assert targets.tolist() == [-1, 1, -1]
    assert inputs["lengths"].tolist() == [5, 10, 5]
    found = inputs["X"].numpy()
    np.testing.assert_array_equal(found[1], X[1])
    np.testing.assert_array_equal(found[0, :5], outliers[2])
    assert (found[0, 5:] == 0).all()


def test_loss_pulls_outliers_to_equal_shares():
    loss = OutlierExposureLoss(WeightedCrossEntropy())
    logits = torch.tensor([[2.0, 0.0], [2.0, 0.0]])
    weights = torch.tensor([1.0, 0.5])
    found = loss(logits, (torch.tensor([0, -1]), weights))
    right, wrong = np.log1p(np.exp(-2)), np.log1p(np.exp(2))
    expected = (right + 0.5 * (right + wrong) / 2) / 2
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_outliers_with_other_features_are_rejected():
    X, y = clips(12, seed=0)
    with pytest.raises(ValueError, match="X has 3 features"):
        make().fit(X, y, X_other=X[:, :, :3])


@pytest.mark.parametrize("weight", [0, -1.0])
def test_weight_of_outliers_is_checked(weight):
    X, y = clips(12, seed=0)
    with pytest.raises(ValueError, match="'other_weight' .* must be a float > 0"):
        make().fit(X, y, X_other=X, other_weight=weight)


def test_checkpoint_knows_the_outliers(tmp_path):
    X, y = clips(24, seed=0)
    path, outliers = tmp_path / "training.checkpoint", ood_clips(6)
    whole = make(max_epochs=3).fit(X, y, X_other=outliers, checkpoint=path)
    again = make(max_epochs=3).fit(X, y, X_other=outliers, checkpoint=path)
    np.testing.assert_array_equal(again.predict_proba(X), whole.predict_proba(X))
    fewer, heavier = (
        {"X_other": outliers[:5]},
        {"X_other": outliers, "other_weight": 1.0},
    )
    for other in ({}, fewer, heavier):
        with pytest.raises(ValueError, match="It differs in the other clips"):
            make(max_epochs=3).fit(X, y, checkpoint=path, **other)
