"""The linear classifier that shares in the logits of an `LSTMClassifier`."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from mfccclf import (
    LSTMClassifier,
    Predictor,
    SequenceStatistics,
    WaveformFrames,
    load_model,
    save_model,
)
from mfccclf.estimators import module_of

N_CLIPS = 48


def make_clips(n_classes: int = 3):
    """Return clips of unequal lengths, whose classes differ in their deviation."""
    rng = np.random.default_rng(0)
    y = np.arange(N_CLIPS) % n_classes
    X = rng.normal(0, 1 + y[:, None, None], (N_CLIPS, 12, 4)).astype(np.float32)
    X[::3, 7:] = np.nan
    return X, np.array(["low", "mid", "high", "top"])[y]


def classifier(share: float, **options) -> LSTMClassifier:
    options = {"max_epochs": 3, "lr": 0.01, **options}
    return LSTMClassifier(
        hidden_sizes=(4,), linear_share=share, random_state=0, **options
    )


def log_probabilities(fitted, X):
    return np.log(fitted.predict_proba(X))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_the_weighted_geometric_mean_of_net_and_regression(n_classes):
    X, y = make_clips(n_classes)
    regression = make_pipeline(
        SequenceStatistics(),
        StandardScaler(),
        Normalizer(),
        LogisticRegression(C=10, max_iter=1000),
    ).fit(X, y)
    mean = 0.6 * log_probabilities(classifier(0.0).fit(X, y), X)
    mean += 0.4 * np.log(regression.predict_proba(X))
    expected = np.exp(mean) / np.exp(mean).sum(axis=1, keepdims=True)
    found = classifier(0.4).fit(X, y).predict_proba(X)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_it_is_right_where_so_small_a_net_is_not():
    X, y = make_clips()
    assert classifier(0.0).fit(X, y).score(X, y) < 0.7
    assert classifier(0.9).fit(X, y).score(X, y) > 0.9


def test_several_labels_get_a_regression_each_and_a_label_without_clips_none():
    X, y = make_clips(2)
    indicator = np.c_[y == "low", y == "mid", np.zeros(N_CLIPS)].astype(int)
    fitted = classifier(0.9).fit(X, indicator)
    assert np.mean(fitted.predict(X)[:, :2] == indicator[:, :2]) > 0.9
    assert fitted.predict_proba(X)[:, 2].max() < 0.3


def test_it_learns_from_outliers_that_no_class_is_likely():
    X, y = make_clips()
    other = X + 10
    options = {"X_other": other, "other_weight": 0.5}
    alone = classifier(0.9).fit(X, y)
    exposed = classifier(0.9).fit(X, y, **options)
    surest = [one.predict_proba(other).max(axis=1).mean() for one in (alone, exposed)]
    assert surest[1] < surest[0] - 0.1
    assert exposed.score(X, y) > 0.6


def test_sample_weights_count():
    X, y = make_clips()
    weights = np.where(y == "low", 1.0, 1e-6)
    fitted = classifier(0.9).fit(X, y, sample_weight=weights)
    assert (fitted.predict(X) == "low").all()


def test_calibration_divides_the_logits_of_both():
    X, y = make_clips()
    fitted = classifier(0.5).fit(X, y)
    before = log_probabilities(fitted, X)
    fitted.calibrate(X, y)
    scaled = before / fitted.temperature_
    expected = np.exp(scaled) / np.exp(scaled).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.predict_proba(X), expected, atol=1e-5)
    assert abs(fitted.temperature_ - 1) > 0.01


def test_a_training_starts_from_weights_learned_for_other_labels():
    X, y = make_clips(3)
    state = module_of(classifier(0.5).fit(X, y)).state_dict()
    start = {name: torch.clone(values) for name, values in state.items()}
    X, y = make_clips(4)
    fitted = classifier(0.5).fit(X, y, start_from=start, freeze=True)
    assert fitted.predict_proba(X).shape == (N_CLIPS, 4)


def test_the_epoch_that_is_not_kept_has_it_too():
    X, y = make_clips()
    best = classifier(0.5).fit(X, y, X_val=X[:12], y_val=y[:12])
    last = classifier(0.5, keep="last").fit(X, y, X_val=X[:12], y_val=y[:12])
    for state, kept in ((best.last_state_, last), (last.best_state_, best)):
        for name, weights in module_of(kept).state_dict().items():
            assert torch.equal(state[name], weights), name
    assert best.last_state_["linear.linear.weight"].abs().max() > 0


def test_layer_table_counts_its_parameters():
    X, y = make_clips()
    rows = module_of(classifier(0.5).fit(X, y)).describe_layers()
    assert rows[-1].name == "linear"
    assert rows[-1].n_parameters == 3 * 4 * 3 + 3


@pytest.mark.parametrize("share", [-0.1, 1.0, "half"])
def test_a_share_out_of_range_is_refused(share):
    X, y = make_clips()
    with pytest.raises((ValueError, TypeError), match="linear_share"):
        classifier(share).fit(X, y)


def test_model_files_and_their_graphs_hold_it(tmp_path):
    rng = np.random.default_rng(0)
    y = np.repeat(["calm", "wild"], 8)
    clips = [str(tmp_path / f"{number}.wav") for number in range(len(y))]
    for clip, label in zip(clips, y, strict=True):
        loudness = 1 if label == "calm" else rng.random(4000) ** 8
        soundfile.write(clip, rng.normal(0, 0.05, 4000) * loudness, 16000)
    pipeline = Pipeline(
        [
            ("extract", WaveformFrames()),
            ("lstm", classifier(0.5)),
        ]
    ).fit(clips, y)
    path = save_model(pipeline, tmp_path / "calm.mfccclf")
    expected = pipeline.predict_proba(clips)
    again = load_model(path).predict_proba(clips)
    np.testing.assert_array_equal(again, expected)
    found = Predictor(path).predict_proba(clips)
    np.testing.assert_allclose(found, expected, atol=1e-5)
