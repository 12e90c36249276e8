"""Classifiers of multilabel data."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.metrics import (
    average_precision_score,
    classification_report,
    coverage_error,
    f1_score,
    hamming_loss,
    label_ranking_average_precision_score,
    multilabel_confusion_matrix,
    roc_auc_score,
)
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MultiLabelBinarizer

from mfccclf import IterativeStratifiedKFold, LSTMClassifier, SequenceStandardScaler
from mfccclf.estimators.labels.thresholds import best_thresholds

NAMES = np.array(["bass", "flute", "violin"])


def make_classifier(**changes):
    settings = {
        "hidden_sizes": (8,),
        "pooling": "mean",
        "max_epochs": 25,
        "lr": 0.03,
        "batch_size": 16,
        "random_state": 0,
    }
    return LSTMClassifier(**(settings | changes))


def make_clips(n_clips=64, seed=0):
    """Sequences whose columns are raised where a clip has the column's label."""
    rng = np.random.default_rng(seed)
    Y = (rng.random((n_clips, 3)) < [0.2, 0.4, 0.6]).astype(np.int64)
    X = rng.normal(0, 0.4, (n_clips, 8, 3)) + 1.5 * Y[:, None, :]
    X = X.astype(np.float32)
    for clip, length in enumerate(rng.integers(4, 9, n_clips)):
        X[clip, length:] = np.nan
    return X, Y


def names_of(Y, kind=tuple):
    return [kind(NAMES[row == 1].tolist()) for row in np.asarray(Y)]


@pytest.fixture(name="clips", scope="module")
def made_up_clips():
    return make_clips()


@pytest.fixture(name="classifier", scope="module")
def fitted_classifier(clips):
    return make_classifier().fit(*clips)


# What goes in and what comes out


def test_labels_of_new_clips_are_predicted(classifier):
    X, Y = make_clips(seed=1)
    assert f1_score(Y, classifier.predict(X), average="macro") > 0.9
    assert classifier.score(X, Y) > 0.8


def test_an_indicator_matrix_is_given_back(classifier, clips):
    X, Y = clips
    predicted = classifier.predict(X)
    assert predicted.shape == Y.shape
    assert predicted.dtype == np.int64
    assert classifier.classes_.tolist() == [0, 1, 2]
    assert classifier.multilabel_
    np.testing.assert_array_equal(predicted, classifier.predict_proba(X) >= 0.5)


def test_probabilities_stand_each_for_itself(classifier, clips):
    proba = classifier.predict_proba(clips[0])
    assert proba.shape == clips[1].shape
    assert ((proba > 0) & (proba < 1)).all()
    assert proba.sum(axis=1).max() > 1.5


@pytest.mark.parametrize("kind", [tuple, list, set, frozenset])
def test_names_give_what_the_matrix_gives(classifier, clips, kind):
    X, Y = clips
    named = make_classifier().fit(X, names_of(Y, kind))
    assert named.classes_.tolist() == NAMES.tolist()
    np.testing.assert_array_equal(named.predict_proba(X), classifier.predict_proba(X))
    np.testing.assert_array_equal(named.predict(X), classifier.predict(X))
    assert named.predict_labels(X) == names_of(named.predict(X))
    assert named.score(X, names_of(Y, kind)) == classifier.score(X, Y)


def test_columns_of_names_are_those_of_scikit_learns_binarizer(clips):
    X, Y = clips
    names = names_of(Y)
    binarizer = MultiLabelBinarizer().fit(names)
    classifier = make_classifier(max_epochs=1).fit(X, names)
    assert classifier.classes_.tolist() == binarizer.classes_.tolist()


def test_sparse_matrices_and_arrays_of_sets_are_read(classifier, clips):
    X, Y = clips
    sets = np.empty(len(Y), object)
    sets[:] = names_of(Y, frozenset)
    for y in (csr_matrix(Y), Y.tolist(), Y.astype(bool), sets):
        made = make_classifier().fit(X, y)
        np.testing.assert_array_equal(made.predict(X), classifier.predict(X))


def test_order_of_a_clips_names_does_not_matter(clips):
    X, Y = clips
    names = names_of(Y)
    backwards = [labels[::-1] + labels[:1] for labels in names]
    made = [make_classifier(max_epochs=2).fit(X, y) for y in (names, backwards)]
    np.testing.assert_array_equal(*(one.predict_proba(X) for one in made))


def test_numbers_can_be_labels_in_sets(clips):
    X, Y = clips
    sets = [set(np.flatnonzero(row).tolist()) for row in Y * [1, 1, 1]]
    assert make_classifier(max_epochs=1).fit(X, sets).classes_.tolist() == [0, 1, 2]


def test_one_label_is_enough(clips):
    X, Y = clips
    names = [("bass",) if present else () for present in Y[:, 0]]
    classifier = make_classifier().fit(X, names)
    assert classifier.predict(X).shape == (len(X), 1)
    assert classifier.score(X, names) > 0.9


def test_clips_without_labels_are_learned_from(clips):
    X, Y = clips
    empty = Y.sum(axis=1) == 0
    assert empty.any()
    classifier = make_classifier(max_epochs=40).fit(X, names_of(Y))
    assert () in classifier.predict_labels(X[empty])


def test_single_labels_have_no_thresholds(clips):
    X, Y = clips
    classifier = make_classifier(max_epochs=1).fit(X, NAMES[Y[:, 2]])
    assert classifier.thresholds_ is None
    assert not classifier.multilabel_
    assert classifier.predict_labels(X[:1]) == [(classifier.predict(X)[0],)]
    with pytest.raises(ValueError, match="gives each clip one label"):
        classifier.tune_thresholds(X, Y)


def test_fitting_again_to_single_labels_forgets_the_thresholds(clips):
    X, Y = clips
    classifier = make_classifier(max_epochs=1).fit(X, Y).fit(X, Y[:, 2])
    assert classifier.thresholds_ is None
    assert classifier.predict(X).ndim == 1


def test_one_column_is_one_label_per_clip(clips):
    X, Y = clips
    with pytest.warns(UserWarning, match="column-vector y was passed"):
        classifier = make_classifier(max_epochs=1).fit(X, Y[:, 2:])
    assert not classifier.multilabel_


# What cannot be used


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([()] * 64, "needs at least one label, but every clip's set"),
        ([("bass", 3)] * 63 + [()], "not all texts or all numbers"),
        ([("bass",)] * 63, "inconsistent numbers of samples"),
        (np.full((64, 2), 3), "y should be a 1d array"),
        (np.full((64, 2), 0.5), "y should be a 1d array"),
        (np.full((64, 2), np.nan), "NaN"),
    ],
)
def test_unusable_labels_are_named(clips, y, message):
    with pytest.raises(ValueError, match=message):
        make_classifier(max_epochs=1).fit(clips[0], y)


def test_labels_unseen_in_training_are_named(classifier, clips):
    X, Y = clips
    named = make_classifier(max_epochs=1).fit(X, names_of(Y))
    unseen = [("zither", "bass"), *names_of(Y)[1:]]
    message = r"y has labels that are not in the training data: \['zither'\]"
    with pytest.raises(ValueError, match=message):
        named.tune_thresholds(X, unseen)
    with pytest.raises(ValueError, match="y_val has labels"):
        make_classifier(max_epochs=1).fit(X, names_of(Y), X_val=X, y_val=unseen)
    with pytest.raises(ValueError, match="y has 2 columns, but the classifier knows 3"):
        classifier.tune_thresholds(X, Y[:, :2])


def test_a_clip_with_an_unseen_label_counts_as_wrong(clips):
    X, Y = clips
    named = make_classifier(max_epochs=1).fit(X, names_of(Y))
    said = named.predict_labels(X)
    assert named.score(X, said) == 1
    unseen = [(*said[0], "zither"), *said[1:]]
    assert named.score(X, unseen) == pytest.approx(1 - 1 / len(X))


def test_one_label_per_clip_cannot_score_several(classifier, clips):
    message = "was fitted to multilabel data"
    with pytest.raises(ValueError, match=message):
        classifier.score(clips[0], ["bass"] * len(clips[0]))


# Weights, validation, thresholds


def test_positive_weights_raise_the_probability_of_a_label(clips):
    X, Y = clips
    noise = np.random.default_rng(0).normal(size=X.shape).astype(np.float32)
    plain = make_classifier(max_epochs=10).fit(noise, Y)
    heavy = clone(plain).set_params(class_weight={0: 20}).fit(noise, Y)
    balanced = clone(plain).set_params(class_weight="balanced").fit(noise, Y)
    means = [made.predict_proba(noise).mean(axis=0) for made in (plain, heavy)]
    assert means[1][0] > means[0][0] + 0.2
    assert means[1][1] == pytest.approx(means[0][1], abs=0.15)
    np.testing.assert_allclose(
        balanced.predict_proba(noise).mean(axis=0), 0.5, atol=0.15
    )


@pytest.mark.parametrize("class_weight", [{"zither": 2}, {0: -1}, "heavy", 3])
def test_malformed_positive_weights_are_named(clips, class_weight):
    message = "The 'class_weight' parameter of LSTMClassifier must be None, 'balanced'"
    with pytest.raises(ValueError, match=re.escape(message)):
        make_classifier(max_epochs=1, class_weight=class_weight).fit(*clips)


def test_clips_of_weight_zero_are_left_out(clips):
    X, Y = clips
    weights = np.r_[np.zeros(20), np.ones(len(X) - 20)]
    weighted = make_classifier(max_epochs=3, shuffle=False)
    weighted.fit(X, Y, sample_weight=weights)
    fewer = make_classifier(max_epochs=3, shuffle=False).fit(X[20:], Y[20:])
    np.testing.assert_allclose(
        weighted.predict_proba(X), fewer.predict_proba(X), atol=1e-6
    )


def test_label_smoothing_draws_probabilities_to_the_middle(clips):
    X, _ = clips
    sharp, smooth = (
        make_classifier(max_epochs=40, label_smoothing=amount).fit(*clips)
        for amount in (0.0, 0.4)
    )
    spread = [np.abs(one.predict_proba(X) - 0.5).mean() for one in (sharp, smooth)]
    assert spread[1] < spread[0]


@pytest.mark.parametrize("groups", [None, np.arange(64) // 4])
def test_early_stopping_sets_clips_of_every_label_aside(clips, groups):
    classifier = make_classifier(
        early_stopping=True, patience=3, validation_fraction=0.25
    )
    classifier.fit(*clips, groups=groups)
    assert classifier.best_epoch_ is not None
    assert classifier.history_[-1]["valid_accuracy"] is not None


def test_equal_seeds_give_equal_scores(classifier, clips):
    again = make_classifier().fit(*clips)
    np.testing.assert_array_equal(
        again.predict_proba(clips[0]), classifier.predict_proba(clips[0])
    )


def test_pickling_keeps_thresholds(clips):
    X, Y = clips
    classifier = make_classifier(max_epochs=2).fit(X, Y).tune_thresholds(X, Y)
    copy = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copy.predict(X), classifier.predict(X))


def test_tuned_thresholds_raise_the_f1_score_on_the_clips_they_are_tuned_on(clips):
    X, Y = clips
    classifier = make_classifier(max_epochs=2).fit(X, Y)
    before = f1_score(Y, classifier.predict(X), average="macro", zero_division=0)
    assert classifier.tune_thresholds(X, Y) is classifier
    assert f1_score(Y, classifier.predict(X), average="macro") > before


def test_the_threshold_of_highest_f1_lies_midway_in_its_gap():
    targets = np.array([[1], [1], [0], [1], [0]])
    proba = np.array([[0.9], [0.7], [0.6], [0.5], [0.1]])
    np.testing.assert_allclose(best_thresholds(targets, proba, np.array([0.5])), [0.3])


def test_equal_probabilities_are_not_parted():
    targets = np.array([[1], [0], [0], [0]])
    proba = np.array([[0.6], [0.6], [0.6], [0.2]])
    assert best_thresholds(targets, proba, np.array([0.5]))[0] == pytest.approx(0.4)


def test_a_label_that_no_clip_has_keeps_its_threshold(clips):
    X, Y = clips
    classifier = make_classifier(max_epochs=2).fit(X, Y)
    classifier.tune_thresholds(X, Y * [1, 0, 1])
    assert classifier.thresholds_[1] == 0.5


# scikit-learn's tools


def test_scikit_learns_metrics_accept_predictions(classifier):
    X, Y = make_clips(seed=2)
    predicted, proba = classifier.predict(X), classifier.predict_proba(X)
    for average in ("micro", "macro", "weighted", "samples"):
        assert f1_score(Y, predicted, average=average, zero_division=1) > 0.7
    assert average_precision_score(Y, proba, average="macro") > 0.9
    assert label_ranking_average_precision_score(Y, proba) > 0.9
    assert roc_auc_score(Y, proba) > 0.9
    assert hamming_loss(Y, predicted) < 0.1
    assert coverage_error(Y, proba) < 2.5
    assert multilabel_confusion_matrix(Y, predicted).shape == (3, 2, 2)
    assert "macro avg" in classification_report(Y, predicted, zero_division=0)


def test_pipelines_are_searched_by_multilabel_scores(clips):
    pipeline = Pipeline(
        [("scale", SequenceStandardScaler()), ("lstm", make_classifier())]
    )
    search = GridSearchCV(
        pipeline,
        {"lstm__hidden_sizes": [(2,), (8,)]},
        cv=IterativeStratifiedKFold(2),
        scoring=["f1_macro", "average_precision"],
        refit="f1_macro",
    )
    search.fit(*clips)
    assert search.best_score_ > 0.7
    assert search.predict(clips[0]).shape == clips[1].shape


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_cross_validated_predictions_have_a_column_per_label(clips, method):
    X, Y = clips
    predicted = cross_val_predict(
        make_classifier(max_epochs=15), X, Y, cv=KFold(2), method=method
    )
    assert predicted.shape == Y.shape
    assert f1_score(Y, predicted >= 0.5, average="macro") > 0.6


def test_splitters_accept_groups_and_labels(clips):
    X, Y = clips
    groups = np.arange(len(X)) // 4
    for cv in (GroupKFold(2), IterativeStratifiedKFold(2)):
        scores = cross_val_score(
            make_classifier(max_epochs=3),
            X,
            Y,
            cv=cv,
            groups=groups,
            scoring="f1_micro",
        )
        assert np.isfinite(scores).all()


def test_sets_of_names_are_cross_validated_by_their_own_score(clips):
    X, Y = clips
    sets = np.empty(len(Y), object)
    sets[:] = names_of(Y, frozenset)
    scores = cross_val_score(make_classifier(max_epochs=15), X, sets, cv=KFold(2))
    assert np.isfinite(scores).all()


def test_a_label_missing_in_a_fold_keeps_its_column(clips):
    X, Y = clips
    order = np.argsort(Y[:, 0], kind="stable")  # the first half has no "bass"
    proba = cross_val_predict(
        make_classifier(max_epochs=5),
        X[order],
        Y[order],
        cv=KFold(2),
        method="predict_proba",
    )
    assert proba.shape == Y.shape
    without = ~(order[: len(X) // 2, None] == np.flatnonzero(Y[:, 0])).any()
    assert without
    assert np.isfinite(proba).all()
