"""Clips sound together in training alone, with the labels of both."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mfccclf import CNNClassifier, LSTMClassifier
from mfccclf.estimators.training.mixup import Mixup

N_BANDS = 8
ALWAYS = Mixup(share=1.0, level_db=0.0, max_labels=2)


def batch(levels, lengths, targets):
    """Clips of one constant level each, zero past their end."""
    lengths = torch.tensor(lengths)
    X = torch.zeros(len(levels), int(lengths.max()), N_BANDS)
    for clip, (level, length) in enumerate(zip(levels, lengths, strict=True)):
        X[clip, :length] = level
    inputs = {"X": X, "lengths": lengths}
    return inputs, (torch.tensor(targets, dtype=torch.float32), torch.ones(len(X)))


def test_powers_add_and_labels_unite():
    inputs, (targets, _) = ALWAYS(batch([-20.0, -20.0], [5, 5], [[1, 0], [0, 1]]))
    # Twice the power is 3.01 dB more.
    torch.testing.assert_close(inputs["X"], torch.full((2, 5, N_BANDS), -16.9897))
    assert targets.tolist() == [[1, 1], [1, 1]]


def test_peaks_are_made_equal_before_they_add():
    inputs, _ = ALWAYS(batch([-60.0, -10.0], [3, 3], [[1, 0], [0, 1]]))
    torch.testing.assert_close(inputs["X"][0], torch.full((3, N_BANDS), -56.9897))
    torch.testing.assert_close(inputs["X"][1], torch.full((3, N_BANDS), -6.9897))


def test_a_mixture_lasts_as_long_as_the_longer_clip():
    inputs, _ = ALWAYS(batch([-20.0, -20.0], [6, 2], [[1, 0], [0, 1]]))
    assert inputs["lengths"].tolist() == [6, 6]
    levels = inputs["X"][:, :, 0]
    expected = torch.tensor([-16.9897] * 2 + [-20.0] * 4)
    torch.testing.assert_close(levels[0], expected)
    torch.testing.assert_close(levels[1], expected)


def test_past_the_end_of_both_there_is_nothing():
    mixed, _ = ALWAYS(batch([-20.0, -20.0, -20.0], [2, 2, 4], [[1, 0], [0, 1], [1, 0]]))
    assert mixed["lengths"].tolist() == [4, 2, 4]
    assert not mixed["X"][1, 2:].any()


def test_the_partner_goes_round_in_its_own_frames():
    inputs, rest = batch([0.0, 0.0], [4, 4], [[1, 0], [0, 1]])
    inputs["X"][0] = -1000.0
    inputs["X"][0, 0] = 0.0
    inputs["X"][1] = torch.tensor([0.0, -10.0, -20.0, -30.0])[:, None]
    seen = set()
    for seed in range(30):
        torch.manual_seed(seed)
        mixed, _ = ALWAYS((dict(inputs), rest))
        seen.add(tuple(mixed["X"][0, 1:, 0].round().tolist()))
    assert seen == {(-10, -20, -30), (-20, -30, 0), (-30, 0, -10), (0, -10, -20)}


def test_levels_stay_within_their_limit():
    mixer = Mixup(share=1.0, level_db=12.0, max_labels=2)
    one = batch([-20.0] * 500, [1] * 500, [[1, 0]] * 500)
    mixed, _ = mixer(one)
    added = 10 * torch.log10(10 ** (mixed["X"][:, 0, 0] / 10) - 10**-2)
    assert -32.01 < added.min() < -31
    assert -9 < added.max() < -7.99


def test_a_share_of_the_clips_is_mixed():
    mixer = Mixup(share=0.3, level_db=0.0, max_labels=1)
    mixed, _ = mixer(batch([-20.0] * 2000, [1] * 2000, [[1, 0]] * 2000))
    share = (mixed["X"][:, 0, 0] > -19).float().mean()
    assert 0.25 < share < 0.35


def test_no_mixture_has_more_labels_than_asked_for():
    data = batch([-20.0, -20.0, -20.0], [3] * 3, [[1, 1, 0], [0, 0, 1], [0, 0, 1]])
    mixed, (targets, _) = ALWAYS(data)
    assert targets.tolist() == [[1, 1, 0], [0, 0, 1], [0, 0, 1]]
    torch.testing.assert_close(mixed["X"][:2], data[0]["X"][:2])
    assert (mixed["X"][2] > -18).all()  # the same label twice is one


@pytest.mark.parametrize(
    "classifier",
    [
        CNNClassifier(channels=(4,), max_epochs=2, random_state=0),
        LSTMClassifier(hidden_sizes=(4,), max_epochs=2, random_state=0),
    ],
    ids=["cnn", "lstm"],
)
def test_mixing_changes_what_is_learned_and_repeats(classifier):
    rng = np.random.default_rng(0)
    X = rng.normal(-40, 5, (24, 12, N_BANDS)).astype(np.float32)
    X[::3, 9:] = np.nan
    Y = (rng.random((24, 3)) < 0.4).astype(int)
    plain = classifier.set_params(augmentation=None).fit(X, Y).predict_proba(X)
    classifier.set_params(augmentation={"mix": 0.5})
    first, second = (classifier.fit(X, Y).predict_proba(X) for _ in range(2))
    assert np.isfinite(first).all()
    assert np.array_equal(first, second)
    assert not np.allclose(first, plain)


def test_clips_of_one_label_each_are_never_mixed():
    X = np.random.default_rng(0).normal(-40, 5, (12, 8, N_BANDS)).astype(np.float32)
    found = [
        CNNClassifier(
            channels=(4,), max_epochs=2, augmentation={"mix": share}, random_state=0
        )
        .fit(X, list("abab" * 3))
        .predict_proba(X)
        for share in (0.0, 1.0)
    ]
    assert np.array_equal(*found)


@pytest.mark.parametrize("key", ["mix", "mix_db"])
def test_a_share_below_zero_is_refused(key):
    X = np.zeros((6, 4, N_BANDS), np.float32)
    classifier = CNNClassifier(channels=(4,), augmentation={key: -1})
    with pytest.raises(ValueError, match=rf"augmentation\['{key}'\]"):
        classifier.fit(X, np.eye(6, dtype=int)[:, :2])
