"""How familiar a clip is, and how sure the net: in the library and in model files."""

from __future__ import annotations

import pickle

import joblib
import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import Pipeline

from mfccclf import CNNClassifier, LSTMClassifier
from mfccclf.estimators.familiarity.cross_calibration import hold_out_in_turn
from mfccclf.estimators.familiarity.gaussian import held_out_distances, learn_gaussians
from mfccclf.estimators.familiarity.measure import (
    choose_clips,
    leave_out_familiarity,
)
from mfccclf.estimators.familiarity.survival import learn_survival
from mfccclf.estimators.familiarity.temperature import (
    best_temperature,
    scale_thresholds,
)

LEVELS = {"high": 1.5, "low": -1.5, "middle": 0.0}


def clips(
    n_clips: int, seed: int, *, apart: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Sequences of three levels, some of them short."""
    rng = np.random.default_rng(seed)
    y = np.array(sorted(LEVELS))[np.arange(n_clips) % 3]
    levels = apart * np.array([LEVELS[label] for label in y])
    X = rng.normal(0, 1.0, (n_clips, 10, 4)) + levels[:, None, None]
    X[::4, 7:] = np.nan
    return X.astype(np.float32), y


def ood_clips(n_clips: int, seed: int = 9) -> np.ndarray:
    """Sequences in which the features disagree about the level."""
    rng = np.random.default_rng(seed)
    X = rng.normal(0, 1.0, (n_clips, 10, 4)) + np.array([5.0, -5.0, 5.0, -5.0])
    return X.astype(np.float32)


def make(**parameters) -> LSTMClassifier:
    usual = {"hidden_sizes": (12,), "pooling": "mean", "max_epochs": 12, "lr": 0.02}
    return LSTMClassifier(**{**usual, "random_state": 0, **parameters})


def indicator(y: np.ndarray) -> np.ndarray:
    """Two labels that do not exclude each other: not low, not high."""
    return np.column_stack([y != "low", y != "high"]).astype(int)


@pytest.fixture(scope="module")
def classifier() -> LSTMClassifier:
    X_val, y_val = clips(400, seed=1)
    return make().fit(*clips(300, seed=0), X_val=X_val, y_val=y_val)


# What familiarity says


def test_familiarity_is_a_share_of_clips_like_the_known_ones(classifier):
    familiarity = classifier.score_samples(clips(2000, seed=2)[0])
    assert familiarity.shape == (2000,)
    assert familiarity.min() > 0
    assert familiarity.max() <= 1
    for limit in (0.01, 0.05, 0.2, 0.5):
        deviation = np.sqrt(limit * (1 - limit) / 400)  # of 400 known clips
        rejected = np.mean(familiarity < limit)
        assert rejected == pytest.approx(limit, abs=4 * deviation)


def test_ood_clips_are_less_familiar(classifier):
    known = classifier.score_samples(clips(200, seed=3)[0])
    unfamiliar = classifier.score_samples(ood_clips(200))
    are_known = np.repeat([1, 0], 200)
    assert roc_auc_score(are_known, np.append(known, unfamiliar)) > 0.95


@pytest.mark.parametrize(
    "made",
    [
        make(max_epochs=2),
        make(max_epochs=2, dense_sizes=(7, 5), early_stopping=True),
        CNNClassifier(channels=(3,), max_epochs=2, random_state=0),
    ],
    ids=["lstm", "stopped", "cnn"],
)
def test_every_classifier_learns_what_is_familiar(made):
    X, y = clips(60, seed=0)
    familiarity = made.fit(X, y).score_samples(X)
    assert 0 < familiarity.min() < 0.2
    assert 0.8 < familiarity.max() <= 1


def test_familiarity_of_multilabel_data_has_one_mean():
    X, y = clips(90, seed=0)
    made = make(max_epochs=3).fit(X, indicator(y))
    assert len(made.familiarity_.gaussians.means) == 1
    known, unfamiliar = made.score_samples(X), made.score_samples(ood_clips(90))
    assert roc_auc_score(np.repeat([1, 0], 90), np.append(known, unfamiliar)) > 0.9


def test_two_clips_are_enough_to_fit():
    X, y = clips(3, seed=0)
    assert np.isfinite(make(max_epochs=1).fit(X[:2], y[:2]).score_samples(X)).all()


def test_familiarity_can_be_left_out_of_trainings():
    X, y = np.random.default_rng(0).standard_normal((4, 3, 2)), list("abab")
    usual, bare = (LSTMClassifier(max_epochs=2, random_state=0) for _ in range(2))
    usual.fit(X, y)
    with leave_out_familiarity():
        bare.fit(X, y)
    assert bare.familiarity_ is None
    assert usual.familiarity_ is not None
    np.testing.assert_array_equal(bare.predict_proba(X), usual.predict_proba(X))


def test_familiarity_does_not_depend_on_padding_or_other_clips(classifier):
    X, _ = clips(20, seed=4)
    whole = classifier.score_samples(X)
    padded = np.concatenate([X, np.full_like(X, np.nan)], axis=1)
    np.testing.assert_allclose(classifier.score_samples(padded), whole, atol=1e-5)
    alone = [classifier.score_samples(X[k : k + 1])[0] for k in range(len(X))]
    np.testing.assert_allclose(alone, whole, atol=1e-5)


def test_pipeline_scores_samples(classifier):
    X, _ = clips(5, seed=4)
    pipeline = Pipeline([("lstm", classifier)])
    np.testing.assert_array_equal(
        pipeline.score_samples(X), classifier.score_samples(X)
    )


def test_weights_alone_do_not_tell_what_is_familiar(classifier):
    bare = make().restore(classifier.classes_, 4, classifier.net_.module_.state_dict())
    X, y = clips(40, seed=5)
    with pytest.raises(ValueError, match="call calibrate with clips"):
        bare.score_samples(X)
    assert (bare.calibrate(X, y).score_samples(X) > 0).all()


# The parts


def test_shares_are_those_of_the_known_clips():
    unfamiliarity = np.arange(1.0, 1001.0)
    curve = learn_survival(unfamiliarity)
    assert curve.survival(np.array([-5.0, 1.0])).tolist() == [1.0, 1.0]
    shares = curve.survival(np.array([100.0, 501.0, 900.0]))
    np.testing.assert_allclose(shares, [0.9, 0.5, 0.1], atol=0.01)
    far = curve.survival(np.array([1000.0, 1500.0, 1e9]))
    assert (np.diff(far) < 0).all()
    assert far[-1] == pytest.approx(np.exp(-20))


def test_shares_of_an_exponential_tail_go_on_beyond_few_clips():
    draws = np.random.default_rng(0).exponential(size=(200, 100))
    limits = np.log([20, 100, 1000])  # less familiar than all but 1/20, 1/100, 1/1000
    shares = np.median(
        [learn_survival(draw).survival(limits) for draw in draws], axis=0
    )
    np.testing.assert_allclose(shares * [20, 100, 1000], 1.0, rtol=0.3)


def test_shares_of_equal_clips_are_finite():
    for n_clips in (1, 2, 50):
        shares = learn_survival(np.full(n_clips, 3.0)).survival(np.array([3.0, 4.0]))
        assert shares[0] == 1
        assert 0 < shares[1] < 0.01


def test_distances_are_mahalanobis_distances():
    rng = np.random.default_rng(0)
    classes = np.arange(3000) % 2
    embeddings = rng.normal(size=(3000, 3)) @ np.diag([1, 2, 0.5])
    embeddings[:, 0] += 8 * classes
    gaussians = learn_gaussians(embeddings, classes)
    there = np.array([[0, 0, 0], [8, 2, 0], [8, 0, 1.5]])
    np.testing.assert_allclose(gaussians.distances(there), [0, 1, 3], atol=0.15)


def test_held_out_distances_leave_the_clip_out():
    rng = np.random.default_rng(0)
    embeddings, classes = rng.normal(size=(41, 10)), np.arange(41) % 2
    classes[40] = 2
    held_out = held_out_distances(embeddings, classes)
    own = learn_gaussians(embeddings, classes).distances(embeddings)
    assert np.isnan(held_out[40])
    assert held_out[:40].mean() > own[:40].mean()


def test_known_clips_are_as_many_of_each_class():
    targets = np.repeat([0, 1, 2], [9000, 500, 1])
    chosen = choose_clips(targets)
    assert np.bincount(targets[chosen]).tolist() == [1365, 500, 1]
    assert (np.diff(chosen) > 0).all()
    assert len(choose_clips(np.zeros((9000, 2)))) == 4096


# Calibration


def test_calibration_lowers_the_loss_and_keeps_the_labels():
    X, y = clips(60, seed=0)
    sure = make(max_epochs=60).fit(X, y)
    X_val, y_val = clips(600, seed=1)
    labels, loss = sure.predict(X_val), log_loss(y_val, sure.predict_proba(X_val))
    assert sure.temperature_ == 1
    assert sure.calibrate(X_val, y_val) is sure
    assert sure.temperature_ > 1
    assert log_loss(y_val, sure.predict_proba(X_val)) < loss
    np.testing.assert_array_equal(sure.predict(X_val), labels)
    new = sure.score_samples(clips(1000, seed=2)[0])
    assert np.mean(new < 0.1) == pytest.approx(0.1, abs=0.05)


@pytest.mark.parametrize("grouped", [False, True])
def test_cross_calibration_needs_no_held_out_clips(grouped):
    X, y = clips(90, seed=0, apart=0.2)  # so near that the net learns them by heart
    groups = np.arange(90) // 3 if grouped else None
    sure = make(max_epochs=60).fit(X, y)
    fresh, labels = clips(1000, seed=2, apart=0.2)
    loss = log_loss(labels, sure.predict_proba(fresh))
    predicted = sure.predict(fresh)
    sure.cross_calibrate(X, y, groups)
    assert sure.temperature_ > 2
    assert log_loss(labels, sure.predict_proba(fresh)) < loss / 2
    np.testing.assert_array_equal(sure.predict(fresh), predicted)
    # Of some 50 known clips: no more than the share and three deviations.
    right = fresh[predicted == labels]
    assert np.mean(sure.score_samples(right) < 0.1) < 0.23


def test_folds_run_nets_on_clips_that_they_have_not_seen():
    X, y = clips(90, seed=0)
    y = np.random.default_rng(0).permutation(y)  # to be learned by heart alone
    made = make(max_epochs=40, hidden_sizes=(24,)).fit(X, y)
    targets = np.searchsorted(made.classes_, y)
    held_out = hold_out_in_turn(made, X, y, None, targets=targets, n_folds=3)
    assert sorted(held_out.rows) == list(range(90))
    right = made.classes_[held_out.logits.argmax(axis=1)] == y[held_out.rows]
    assert right.mean() < 0.55 < made.score(X, y)


def test_cross_calibration_of_multilabel_data_keeps_the_labels():
    X, y = clips(30, seed=0)
    made = make(max_epochs=3).fit(X, indicator(y))
    predicted = made.predict(X)
    assert made.cross_calibrate(X, indicator(y), n_folds=2) is made
    np.testing.assert_array_equal(made.predict(X), predicted)
    assert made.temperature_ != 1


def test_a_rare_label_is_outside_every_fold():
    X, _ = clips(30, seed=0)
    sets = [("often",), ("often", "now and then"), ()] * 10
    sets[4] = sets[5] = ("rare",)
    made = make(max_epochs=1).fit(X, sets)
    assert made.cross_calibrate(X, sets).temperature_ != 1


def test_a_label_of_one_clip_cannot_be_calibrated():
    X, _ = clips(30, seed=0)
    sets = [("often",), (), ("often", "once")] + [("often",)] * 27
    made = make(max_epochs=1).fit(X, sets)
    with pytest.raises(ValueError, match="Label 'once' has 1 clip, too few"):
        made.cross_calibrate(X, sets)


def test_cross_calibration_needs_each_class_outside_each_fold():
    X, y = clips(30, seed=0)
    y[y == "low"] = "high"
    y[:3] = "low"
    groups = np.append([0, 0, 0], np.arange(1, 28))
    made = make(max_epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="too few clips or groups for 3 folds"):
        made.cross_calibrate(X, y, groups)
    with pytest.raises(ValueError, match="'n_folds' .* must be an int >= 2"):
        made.cross_calibrate(X, y, n_folds=1)


def test_clips_with_a_wrong_label_do_not_count_as_known(classifier):
    targets = np.arange(300) % 3
    logits = np.eye(3)[targets]
    wrong = np.arange(300) >= 200
    logits[wrong] = np.roll(logits[wrong], 1, axis=1)
    distances = np.where(wrong, 100.0, np.arange(300) / 100)
    found = classifier.familiarity_.calibrated(logits, distances, targets)
    assert found.centres[0] == pytest.approx(1, abs=0.01)


def test_calibration_of_multilabel_data_moves_the_thresholds_along():
    X, y = clips(60, seed=0)
    sure = make(max_epochs=40).fit(X, indicator(y))
    X_val, y_val = clips(300, seed=1)
    sure.tune_thresholds(X_val, indicator(y_val))
    predicted, thresholds = sure.predict(X_val), sure.thresholds_
    sure.calibrate(X_val, indicator(y_val))
    assert not np.allclose(sure.thresholds_, thresholds)
    np.testing.assert_array_equal(sure.predict(X_val), predicted)


def test_calibration_rejects_unknown_labels(classifier):
    X, _ = clips(3, seed=0)
    with pytest.raises(ValueError, match=r"not in the training data: \['other'\]"):
        classifier.calibrate(X, ["other", "low", "high"])


def test_best_temperature_is_the_one_that_logits_were_multiplied_by():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20000, 3))
    proba = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    targets = (proba.cumsum(axis=1) < rng.random((20000, 1))).sum(axis=1)
    assert best_temperature(3 * logits, targets) == pytest.approx(3, rel=0.05)
    present = (rng.random((20000, 3)) < 1 / (1 + np.exp(-logits))).astype(int)
    assert best_temperature(logits / 4, present) == pytest.approx(0.25, rel=0.05)


def test_few_right_clips_do_not_make_a_net_certain():
    logits, targets = np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([0, 1])
    temperature = best_temperature(logits, targets)
    assert 1 / (1 + np.exp(-2 / temperature)) == pytest.approx(0.875, abs=0.01)


def test_thresholds_keep_their_ends():
    scaled = scale_thresholds(np.array([0.0, 0.2, 0.5, 1.0]), 2.0)
    np.testing.assert_allclose(scaled, [0, 1 / 3, 0.5, 1])


def test_familiarity_survives_pickle_and_joblib(classifier, tmp_path):
    X, _ = clips(20, seed=6)
    expected = classifier.score_samples(X)
    joblib.dump(classifier, tmp_path / "classifier.joblib")
    loaded = joblib.load(tmp_path / "classifier.joblib")
    np.testing.assert_array_equal(loaded.score_samples(X), expected)
    copy = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copy.score_samples(X), expected)
