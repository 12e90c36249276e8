"""LSTMClassifier: learning, choosing epochs, repeating, saving."""

from __future__ import annotations

import copy
import math
import pickle
import re
import subprocess
import sys

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline

from mfccclf import LSTMClassifier, SequenceStandardScaler
from mfccclf._parameters import check_each
from mfccclf.estimators import base, count_parameters, describe_layers
from mfccclf.estimators.training import loss as _loss
from mfccclf.estimators.training.options import TrainingOptions


def make_classifier(**changes):
    settings = {
        "hidden_sizes": (8,),
        "max_epochs": 12,
        "lr": 0.02,
        "batch_size": 16,
        "random_state": 0,
    }
    return LSTMClassifier(**(settings | changes))


def make_clips(n_clips=60, *, noise=0.3, seed=0):
    """Rising, falling and flat sequences of 6 to 12 frames."""
    rng = np.random.default_rng(seed)
    y = np.array(["falling", "flat", "rising"])[np.arange(n_clips) % 3]
    slopes = (np.arange(n_clips) % 3 - 1.0)[:, None, None]
    X = slopes * np.linspace(-1, 1, 12)[:, None] + rng.normal(
        0, noise, (n_clips, 12, 2)
    )
    X = X.astype(np.float32)
    for clip, length in enumerate(rng.integers(6, 13, n_clips)):
        X[clip, length:] = np.nan
    return X, y


@pytest.fixture(name="clips", scope="module")
def made_up_clips():
    return make_clips()


@pytest.fixture(name="classifier", scope="module")
def fitted_classifier(clips):
    return make_classifier().fit(*clips)


# Learning


@pytest.mark.parametrize("pooling", ["last", "last_step", "mean", "max", "attention"])
def test_a_toy_task_is_learned_with_each_pooling(clips, pooling):
    X_new, y_new = make_clips(seed=1)
    classifier = make_classifier(pooling=pooling, max_epochs=25).fit(*clips)
    assert classifier.score(X_new, y_new) > 0.9


@pytest.mark.parametrize(
    "changes",
    [
        {"bidirectional": True, "hidden_sizes": (6, 4), "dropout": 0.1},
        {"input_dropout": 0.1, "recurrent_dropout": 0.2},
        {"dense_sizes": (6,), "dense_activation": "tanh", "dense_dropout": 0.1},
        {"optimizer": "adamw", "weight_decay": 0.01, "lr_schedule": "cosine"},
        {"optimizer": "rmsprop", "lr_schedule": "onecycle"},
        {"optimizer": "sgd", "lr": 0.3, "lr_schedule": "plateau", "gradient_clip": 1.0},
        {"lr_schedule": "step", "label_smoothing": 0.1, "bucketing": True},
        {"shuffle": False, "hidden_sizes": [8]},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_a_toy_task_is_learned_with_each_setting(clips, changes):
    classifier = make_classifier(**({"max_epochs": 25} | changes)).fit(*clips)
    assert classifier.score(*clips) > 0.9


@pytest.mark.parametrize("labels", [[3, 7, 9], [0.0, 1.0, 2.0], ["a", "b", "c"]])
def test_predict_returns_the_labels_given_to_fit(clips, labels):
    X, y = clips
    y = np.array(labels)[np.searchsorted(np.unique(y), y)]
    classifier = make_classifier().fit(X, y)
    assert classifier.classes_.tolist() == labels
    assert classifier.predict(X).dtype == y.dtype
    assert classifier.score(X, y) > 0.8


def test_probabilities_sum_to_one_in_double_precision(classifier, clips):
    proba = classifier.predict_proba(clips[0])
    assert proba.dtype == np.float64
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=0, atol=1e-15)


def test_clips_of_one_frame_are_accepted():
    X = np.random.default_rng(0).normal(size=(20, 1, 3)).astype(np.float32)
    y = X[:, 0, 0] > 0
    assert make_classifier(bidirectional=True).fit(X, y).score(X, y) > 0.8


def test_history_has_a_row_per_epoch(classifier):
    assert [row["epoch"] for row in classifier.history_] == list(range(1, 13))
    assert classifier.n_epochs_ == 12
    assert classifier.history_[-1]["train_loss"] < classifier.history_[0]["train_loss"]
    assert classifier.history_[-1]["valid_loss"] is None
    assert set(classifier.history_[0]) == {
        "epoch",
        "train_loss",
        "train_accuracy",
        "valid_loss",
        "valid_accuracy",
        "lr",
        "duration_s",
    }


def test_cosine_schedule_goes_to_zero(clips):
    history = make_classifier(lr_schedule="cosine", lr=0.5, max_epochs=4).fit(*clips)
    rates = [row["lr"] for row in history.history_]
    expected = [0.25 * (1 + math.cos(math.pi * k / 4)) for k in range(4)]
    np.testing.assert_allclose(rates, expected)


# Weights


def test_weight_of_a_clip_equals_its_repetition(clips):
    X, y = clips
    counts = np.random.default_rng(0).integers(0, 3, len(X))
    whole = make_classifier(batch_size=1000, class_weight="balanced")
    weighted = clone(whole).fit(X, y, sample_weight=counts)
    repeated = clone(whole).fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    np.testing.assert_allclose(
        weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-5, atol=1e-6
    )


def test_negative_weight_is_rejected(clips):
    with pytest.raises(ValueError, match="sample_weight holds the negative weight -1"):
        make_classifier().fit(*clips, sample_weight=np.full(60, -1.0))


def test_class_weights_move_predictions(clips):
    X, y = clips
    plain = make_classifier(max_epochs=3).fit(X, y)
    heavy = make_classifier(max_epochs=3, class_weight={"flat": 50.0}).fit(X, y)
    flat = plain.classes_.tolist().index("flat")
    assert (
        heavy.predict_proba(X)[:, flat].min() > plain.predict_proba(X)[:, flat].mean()
    )


def test_balanced_weights_equal_their_numbers(clips):
    X, y = clips[0][:40], clips[1][:40]
    counts = {label: np.sum(y == label) for label in np.unique(y)}
    numbers = {label: len(y) / (3 * count) for label, count in counts.items()}
    balanced = make_classifier(class_weight="balanced").fit(X, y)
    spelled_out = make_classifier(class_weight=numbers).fit(X, y)
    np.testing.assert_allclose(
        balanced.predict_proba(X), spelled_out.predict_proba(X), atol=1e-4
    )


# Repeating


def test_equal_seeds_give_equal_scores_bit_by_bit(clips):
    settings = {"recurrent_dropout": 0.3, "dropout": 0.2, "early_stopping": True}
    first = make_classifier(**settings).fit(*clips)
    second = make_classifier(**settings).fit(*clips)
    np.testing.assert_array_equal(
        first.predict_proba(clips[0]), second.predict_proba(clips[0])
    )


def test_other_seeds_give_other_scores(classifier, clips):
    other = make_classifier(random_state=1).fit(*clips)
    assert not np.allclose(
        other.predict_proba(clips[0]), classifier.predict_proba(clips[0])
    )


def test_a_random_state_instance_is_drawn_from(clips):
    rng = np.random.RandomState(0)
    first, second = (make_classifier(random_state=rng).fit(*clips) for _ in range(2))
    assert not np.allclose(
        first.predict_proba(clips[0]), second.predict_proba(clips[0])
    )


def test_torch_is_left_as_it_was(clips):
    torch.manual_seed(5)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    numpy_state = np.random.get_state()[1].copy()  # noqa: NPY002
    classifier = make_classifier(recurrent_dropout=0.2).fit(*clips)
    classifier.predict(clips[0])
    describe_layers(make_classifier(), n_features=2, n_classes=3)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002


def test_bucketing_changes_no_prediction(classifier, clips):
    bucketed = copy.deepcopy(classifier).set_params(bucketing=True)
    np.testing.assert_array_equal(
        bucketed.predict_proba(clips[0]), classifier.predict_proba(clips[0])
    )


# Choosing an epoch


def test_best_epoch_is_restored(clips):
    X_val, y_val = make_clips(30, noise=1.0, seed=2)
    classifier = make_classifier(max_epochs=30, lr=0.05)
    classifier.fit(*clips, X_val=X_val, y_val=y_val)
    losses = [row["valid_loss"] for row in classifier.history_]
    assert classifier.best_epoch_ == np.argmin(losses) + 1 < 30
    loss = log_loss(y_val, classifier.predict_proba(X_val))
    assert loss == pytest.approx(min(losses), rel=1e-5)


def test_last_epoch_can_be_kept_and_both_are_there(clips):
    X_val, y_val = make_clips(30, noise=1.0, seed=2)
    last = make_classifier(max_epochs=30, lr=0.05, keep="last")
    last.fit(*clips, X_val=X_val, y_val=y_val)
    loss = log_loss(y_val, last.predict_proba(X_val))
    assert loss == pytest.approx(last.history_[-1]["valid_loss"], rel=1e-5)
    best = clone(last).restore(last.classes_, 2, last.best_state_)
    loss = log_loss(y_val, best.predict_proba(X_val))
    assert loss == pytest.approx(min(row["valid_loss"] for row in last.history_))


def test_validation_data_do_not_change_the_training(clips):
    X_val, y_val = make_clips(30, seed=2)
    plain = make_classifier(recurrent_dropout=0.3).fit(*clips)
    watched = make_classifier(recurrent_dropout=0.3, keep="last")
    watched.fit(*clips, X_val=X_val, y_val=y_val)
    np.testing.assert_array_equal(
        plain.predict_proba(X_val), watched.predict_proba(X_val)
    )


def test_epochs_are_more_where_an_epoch_has_few_steps(clips):
    classifier = make_classifier(max_epochs="auto", batch_size=60)
    assert classifier.fit(*clips).n_epochs_ == 100
    assert clone(classifier).max_epochs == "auto"


def test_epochs_depend_on_the_number_of_steps():
    classifier = make_classifier(max_epochs="auto", batch_size=16)
    options = check_each(TrainingOptions, classifier)
    assert [options.count_epochs(n) for n in (256, 257, 10_000)] == [50, 50, 50]
    # 1, 6 and 15 steps an epoch
    assert [options.count_epochs(n) for n in (16, 96, 240)] == [100, 100, 54]


def test_early_stopping_waits_for_patience(clips):
    X_val, y_val = make_clips(30, noise=1.5, seed=2)
    classifier = make_classifier(
        max_epochs=200, lr=0.05, early_stopping=True, patience=4
    ).fit(*clips, X_val=X_val, y_val=y_val)
    assert classifier.n_epochs_ == classifier.best_epoch_ + 4 < 200


def test_accuracy_can_be_monitored(clips):
    X_val, y_val = make_clips(30, noise=1.0, seed=2)
    classifier = make_classifier(monitor="valid_accuracy")
    classifier.fit(*clips, X_val=X_val, y_val=y_val)
    scores = [row["valid_accuracy"] for row in classifier.history_]
    assert classifier.best_epoch_ == np.argmax(scores) + 1
    assert classifier.score(X_val, y_val) == pytest.approx(max(scores))


def test_early_stopping_sets_a_part_of_the_clips_aside(clips):
    X, y = clips
    classifier = make_classifier(early_stopping=True, validation_fraction=0.2)
    seen = spy_on_training_sizes(classifier.fit, X, y)
    assert seen == (48, 12)


def test_early_stopping_keeps_groups_whole(clips):
    X, y = clips
    groups = np.arange(len(X)) // 6
    classifier = make_classifier(early_stopping=True, validation_fraction=0.3)
    weights = np.ones(len(X))
    weights[:6] = 0  # the first group is left out altogether
    seen = spy_on_training_sizes(
        classifier.fit, X, y, groups=groups, sample_weight=weights
    )
    assert sum(seen) == 54
    assert seen[1] % 6 == 0


def test_too_few_clips_to_set_aside_is_an_error(clips):
    X, y = clips[0][:9], clips[1][:9]
    with pytest.raises(
        ValueError, match="cannot set validation_fraction=0.1 of 9 clips"
    ):
        make_classifier(early_stopping=True).fit(X, y)


def test_groups_that_cannot_be_split_are_an_error(clips):
    X, y = clips
    with pytest.raises(ValueError, match="of 3 groups aside and keep each class"):
        make_classifier(early_stopping=True).fit(X, y, groups=y)


def spy_on_training_sizes(fit, *args, **kwargs):
    """Return the number of clips trained on and validated on."""
    sizes = []
    train_net = base.train_net

    def spy(module, criterion, train, valid, **options):
        sizes.append((len(train), len(valid)))
        return train_net(module, criterion, train, valid, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "train_net", spy)
        fit(*args, **kwargs)
    return sizes[0]


# Reports


def test_verbose_two_writes_a_line_per_epoch(clips, capsys):
    X_val, y_val = make_clips(30, seed=2)
    make_classifier(verbose=2, max_epochs=3).fit(*clips, X_val=X_val, y_val=y_val)
    output = capsys.readouterr()
    assert output.out == ""
    pattern = r"\[001/3\] train \d\.\d{4}/\d\.\d{4} \| val \d\.\d{4}/\d\.\d{4} \| time "
    lines = output.err.splitlines()
    assert len(lines) == 3
    assert re.match(pattern, lines[0])


def test_verbose_one_writes_about_ten_lines_where_there_is_no_terminal(clips, capsys):
    make_classifier(verbose=1, max_epochs=25).fit(*clips)
    assert 10 <= len(capsys.readouterr().err.splitlines()) <= 13


def test_verbose_one_moves_a_line_on_a_terminal(clips, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    make_classifier(verbose=1, max_epochs=3).fit(*clips)
    err = capsys.readouterr().err
    assert err.count("\r") == 3
    assert err.endswith("0:00 left\n")


def test_silence_is_the_default(clips, capsys):
    make_classifier().fit(*clips)
    assert capsys.readouterr() == ("", "")


# Errors


def test_diverging_training_says_what_to_do(clips):
    with pytest.raises(ValueError, match="diverged in epoch 1: .* Lower lr .now 1e.38"):
        make_classifier(lr=1e38, optimizer="sgd").fit(*clips)


def test_weights_that_diverge_in_the_last_step_are_noticed(clips):
    classifier = make_classifier(
        lr=1e38, optimizer="sgd", weight_decay=10.0, max_epochs=1, batch_size=60
    )
    with pytest.raises(ValueError, match="diverged: some weights are not finite"):
        classifier.fit(*clips)


def test_interrupting_a_training_is_not_swallowed(clips, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt("by hand")

    monkeypatch.setattr(_loss.WeightedCrossEntropy, "forward", interrupt)
    with pytest.raises(KeyboardInterrupt, match="by hand"):
        make_classifier().fit(*clips)


def test_one_class_is_rejected(clips):
    with pytest.raises(ValueError, match="contains only one class: 'flat'"):
        make_classifier().fit(clips[0], ["flat"] * 60)


def test_clip_without_frames_is_named(clips):
    X = clips[0].copy()
    X[7] = np.nan
    with pytest.raises(ValueError, match="Clip 7 of X has no frames"):
        make_classifier().fit(X, clips[1])


def test_too_large_values_are_rejected(clips):
    X = clips[0].astype(np.float64)
    X[0, 0, 0] = 1e39
    with pytest.raises(ValueError, match=r"too large for dtype\('float32'\)"):
        make_classifier().fit(X, clips[1])


def test_unknown_validation_label_is_named(clips):
    X, y = clips
    with pytest.raises(
        ValueError,
        match=r"y_val has labels .* in the training data: \['up'\]",
    ):
        make_classifier().fit(X, y, X_val=X[:1], y_val=["up"])


@pytest.mark.parametrize("missing", [None, float("nan"), np.float64("nan")])
def test_labels_that_are_missing_are_named(clips, missing):
    X, y = clips
    labels = [*y[:2], missing, *y[3:]]
    with pytest.raises(ValueError, match=r"label of clip 2 is missing: y\[2\] is "):
        make_classifier().fit(X, labels)
    with pytest.raises(ValueError, match=r"label of clip 2 is missing"):
        make_classifier().fit(X, np.array(labels, dtype=object))


def test_half_of_the_validation_data_is_not_enough(clips):
    X, y = clips
    with pytest.raises(ValueError, match="y_val is missing"):
        make_classifier().fit(X, y, X_val=X)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_sizes": ()}, "'hidden_sizes' parameter .* a sequence of ints"),
        ({"hidden_sizes": (8, 0)}, "'hidden_sizes' parameter .* an int >= 1. Got 0"),
        ({"recurrent_dropout": 1.0}, "'recurrent_dropout' parameter .* < 1. Got 1.0"),
        ({"dropout": (0.1, 0.1, 0.1)}, "'dropout' parameter .* sequence of 0 or 1"),
        ({"dense_dropout": (0.1,)}, "'dense_dropout' parameter .* sequence of 0"),
        ({"pooling": "maen"}, "'pooling' parameter .* Did you mean 'mean'"),
        ({"optimizer": "adan"}, "'optimizer' parameter .* Did you mean 'adam'"),
        ({"lr": 0}, "'lr' parameter of LSTMClassifier must be a float > 0. Got 0"),
        ({"max_epochs": 0}, "'max_epochs' parameter .* an int >= 1. Got 0"),
        ({"max_epochs": "many"}, "'max_epochs' parameter .* 'auto'. Got 'many'"),
        ({"class_weight": "even"}, "'class_weight' parameter .* 'balanced' or a dict"),
        ({"class_weight": {"flat": -1}}, "'class_weight' parameter .* weight >= 0"),
        ({"device": "gpu"}, "'device' parameter .* a device that torch finds here"),
        ({"verbose": -1}, "'verbose' parameter .* an int >= 0. Got -1"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_wrong_parameter_is_named(clips, changes, message):
    with pytest.raises(ValueError, match=message):
        make_classifier(**changes).fit(*clips)


# Copies


def test_copies_predict_the_same_and_are_small(classifier, clips):
    expected = classifier.predict_proba(clips[0])
    pickled = pickle.dumps(classifier)
    assert len(pickled) < 40_000
    for made in (copy.deepcopy(classifier), pickle.loads(pickled)):
        np.testing.assert_array_equal(made.predict_proba(clips[0]), expected)


@pytest.mark.slow  # test_model_file.py does so with a whole pipeline
def test_joblib_dump_predicts_the_same_in_a_new_process(classifier, clips, tmp_path):
    joblib.dump(classifier, tmp_path / "classifier.joblib")
    np.save(tmp_path / "X.npy", clips[0])
    code = (
        "import joblib, numpy as np; "
        "c = joblib.load('classifier.joblib'); "
        "np.save('proba.npy', c.predict_proba(np.load('X.npy')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    np.testing.assert_allclose(
        np.load(tmp_path / "proba.npy"), classifier.predict_proba(clips[0]), atol=1e-6
    )


def test_restored_classifier_predicts_the_same(classifier, clips):
    restored = clone(classifier).restore(
        classifier.classes_, 2, classifier.net_.module_.state_dict()
    )
    np.testing.assert_array_equal(
        restored.predict_proba(clips[0]), classifier.predict_proba(clips[0])
    )
    assert restored.n_features_in_ == 2
    assert restored.history_ == []
    assert restored.n_epochs_ == 0


# Within scikit-learn


def test_grid_search_over_layers_runs_in_two_processes(clips):
    pipeline = Pipeline(
        [("scale", SequenceStandardScaler()), ("lstm", make_classifier())]
    )
    grid = {"lstm__hidden_sizes": [(2,), (8,), (8, 4)]}
    search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2, scoring="neg_log_loss")
    search.fit(*clips)
    assert search.best_params_["lstm__hidden_sizes"] in grid["lstm__hidden_sizes"]
    assert search.score(*clips) > -0.5


def test_meta_estimators_take_sequences(clips):
    X, y = clips
    voting = VotingClassifier(
        [("a", make_classifier()), ("b", make_classifier(random_state=1))],
        voting="soft",
    )
    calibrated = CalibratedClassifierCV(make_classifier(), cv=2)
    for meta in (voting, calibrated):
        assert meta.fit(X, y).score(X, y) > 0.8
    assert cross_val_score(make_classifier(), X, y, cv=2).min() > 0.6


# Description


def test_layers_of_an_unfitted_classifier_are_described():
    classifier = LSTMClassifier(hidden_sizes=(128, 32))
    rows = describe_layers(classifier, n_features=33, n_frames=128, n_classes=5)
    assert [tuple(row) for row in rows] == [
        ("lstm_1", "LSTM", (None, 128, 128), 82_944),
        ("lstm_2", "LSTM", (None, 32), 20_608),
        ("output", "Dense", (None, 5), 165),
    ]


def test_layers_of_a_fitted_classifier_need_no_sizes(classifier):
    rows = describe_layers(classifier)
    keras_count, _ = count_parameters(classifier.net_.module_)
    assert sum(row.n_parameters for row in rows) == keras_count


def test_layers_without_sizes_are_an_error():
    with pytest.raises(ValueError, match="is not fitted, so its net has no size"):
        describe_layers(LSTMClassifier())
