"""Layers for frames of many values: a projection, and statistics beside the LSTM."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mfccclf import LSTMClassifier, SequenceStatistics
from mfccclf.modules import LSTMNet
from mfccclf.modules.wide_input import StatisticsBranch, describe_frames

LENGTHS = torch.tensor([5, 1, 3])


@pytest.fixture(name="X")
def make_clips():
    torch.manual_seed(0)
    X = torch.randn(3, 5, 4)
    for clip, length in zip(X, LENGTHS, strict=True):
        clip[length:] = 0
    return X


def wide_net() -> LSTMNet:
    return LSTMNet(
        n_features=4,
        n_outputs=2,
        hidden_sizes=(6,),
        projection_size=3,
        statistics_size=7,
        statistics_dropout=0.5,
    )


def test_statistics_are_those_of_the_transformer(X):
    padded = X.numpy().copy()
    for clip, length in zip(padded, LENGTHS, strict=True):
        clip[length:] = np.nan
    expected = SequenceStatistics().fit_transform(padded)
    np.testing.assert_allclose(describe_frames(X, LENGTHS), expected, atol=1e-5)


def test_layer_table_names_both_layers_and_counts_their_parameters():
    rows = {row.name: row for row in wide_net().describe_layers(5)}
    assert rows["projection"].n_parameters == 4 * 3 + 3
    assert rows["projection"].output_shape == (None, 5, 3)
    assert rows["statistics"].n_parameters == 12 * 7 + 7
    assert rows["output"].n_parameters == (6 + 7) * 2 + 2


def test_padding_changes_nothing(X):
    net = wide_net().eval()
    longer = torch.cat([X, torch.zeros(3, 4, 4)], dim=1)
    torch.testing.assert_close(net(X, LENGTHS), net(longer, LENGTHS))


def test_a_batch_of_one_clip_trains_and_leaves_the_running_statistics():
    branch = StatisticsBranch(4, 7, 0.0).train()
    before = branch.norm.running_mean.clone()
    branch(describe_frames(torch.randn(1, 5, 4), torch.tensor([5]))).sum().backward()
    assert torch.equal(branch.norm.running_mean, before)
    assert torch.isfinite(branch.linear.weight.grad).all()


def test_statistics_are_standardised_by_what_training_saw():
    branch = StatisticsBranch(4, 7, 0.0).train()
    clips, lengths = 100 + 5 * torch.randn(64, 5, 4), torch.full((64,), 5)
    for _ in range(100):
        branch(describe_frames(clips, lengths))
    branch.eval()
    seen = branch._standardise(describe_frames(clips, lengths))
    assert seen.mean().abs() < 0.05
    assert 0.9 < seen.std() < 1.1


def test_statistics_alone_tell_clips_apart_that_differ_in_deviation():
    rng = np.random.default_rng(0)
    y = np.repeat(["calm", "wild"], 20)
    X = rng.normal(0, np.where(y == "wild", 3.0, 1.0)[:, None, None], (40, 12, 3))
    classifier = LSTMClassifier(
        hidden_sizes=(1,),
        statistics_size=8,
        projection_size=1,
        max_epochs=30,
        lr=0.01,
        random_state=0,
    )
    assert classifier.fit(X, y).score(X, y) == 1.0


@pytest.mark.parametrize("name", ["projection_size", "statistics_size"])
def test_a_size_of_zero_is_refused(name):
    classifier = LSTMClassifier(**{name: 0})
    with pytest.raises(ValueError, match=f"{name}' parameter of LSTMClassifier must"):
        classifier.fit(np.zeros((4, 5, 2)), [0, 0, 1, 1])


def test_values_far_off_are_limited_and_training_goes_on():
    rng = np.random.default_rng(0)
    X = rng.normal(0, 1, (20, 6, 3)).astype(np.float32)
    X[10:, :, 1] = 3e30
    y = np.repeat(["near", "far"], 10)
    classifier = LSTMClassifier(
        hidden_sizes=(2,),
        projection_size=2,
        statistics_size=2,
        max_epochs=2,
        random_state=0,
    ).fit(X, y)
    assert np.isfinite(classifier.predict_proba(X)).all()
    limited = np.clip(X, -20, 20)
    np.testing.assert_array_equal(
        classifier.predict_proba(X), classifier.predict_proba(limited)
    )


def test_values_that_do_not_change_behind_convolutions_do_not_end_a_training():
    X = np.ones((12, 6, 8), np.float32)
    y = np.repeat([0, 1], 6)
    X[y == 1] = 0.5
    classifier = LSTMClassifier(
        hidden_sizes=(2,), conv_channels=(2,), statistics_size=2, max_epochs=3
    )
    assert np.isfinite(classifier.fit(X, y).predict_proba(X)).all()
