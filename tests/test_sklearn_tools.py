"""Scikit-learn's own tools on our pipelines and classifiers."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from search_tools import RATE, make_clips
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    learning_curve,
)

from mfccclf import make_pipeline
from mfccclf.search import block_importance


@pytest.fixture
def pipeline():
    return make_pipeline(
        "names-lstm",
        features=14,
        sample_rate=RATE,
        n_fft=512,
        hop_length=256,
        n_frames=8,
        hidden_sizes=(4,),
        max_epochs=3,
        lr=0.03,
        input_dropout=0.0,
        recurrent_dropout=0.0,
        random_state=0,
    )


@pytest.fixture
def clips(tmp_path) -> tuple[list[str], list[str]]:
    """Paths of short clips, and their labels."""
    waveforms, labels = make_clips()
    paths = [str(tmp_path / f"{number}.wav") for number in range(len(waveforms))]
    for path, waveform in zip(paths, waveforms, strict=True):
        soundfile.write(path, waveform, RATE)
    return paths, labels


def features_of(pipeline, clips) -> tuple[np.ndarray, np.ndarray]:
    return pipeline[0].fit_transform(clips[0]), np.array(clips[1])


def test_grid_search_starts_at_paths(pipeline, clips):
    found = GridSearchCV(
        pipeline,
        {"lstm__hidden_sizes": [(3,), (4, 3)], "extract__features": [14]},
        cv=2,
    ).fit(*clips)
    assert set(found.predict(clips[0])) <= {"low", "high"}
    assert len(found.cv_results_["params"]) == 2


@pytest.mark.slow
def test_grid_search_gives_equal_scores_with_two_processes(pipeline, clips):
    grid = {"lstm__hidden_sizes": [(3,), (4, 3)]}
    one = GridSearchCV(pipeline, grid, cv=2).fit(*clips)
    two = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(*clips)
    scores = [found.cv_results_["mean_test_score"] for found in (one, two)]
    np.testing.assert_array_equal(*scores)


def test_halving_takes_epochs_for_its_resource(pipeline, clips):
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV

    found = HalvingGridSearchCV(
        pipeline,
        {"lstm__hidden_sizes": [(3,), (4,), (5,)]},
        resource="lstm__max_epochs",
        max_resources=6,
        cv=2,
    ).fit(*clips)
    assert found.n_resources_ == [2, 6]
    assert found.best_params_["lstm__max_epochs"] == 6


def test_cross_val_predict_gives_labels_and_probabilities(pipeline, clips):
    labels = cross_val_predict(pipeline, *clips, cv=3)
    scores = cross_val_predict(pipeline, *clips, cv=3, method="predict_proba")
    assert set(labels) <= {"low", "high"}
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert len(labels) == len(scores) == len(clips[0])


def test_cross_val_score_takes_groups_and_any_scorer(pipeline, clips):
    groups = [number % 3 for number in range(len(clips[0]))]
    from sklearn.model_selection import LeaveOneGroupOut

    scores = cross_val_score(
        pipeline, *clips, groups=groups, cv=LeaveOneGroupOut(), scoring="roc_auc"
    )
    assert scores.shape == (3,)
    assert np.isfinite(scores).all()


def test_learning_curves_can_be_drawn(pipeline, clips):
    sizes, train, test = learning_curve(
        pipeline, *clips, cv=2, train_sizes=[0.5, 1.0], shuffle=True, random_state=0
    )
    assert sizes.tolist() == [3, 6]
    assert train.shape == test.shape == (2, 2)


def test_a_vote_of_pipelines_takes_the_mean_of_their_probabilities(pipeline, clips):
    from sklearn.base import clone

    other = clone(pipeline).set_params(lstm__random_state=1)
    vote = VotingClassifier([("a", pipeline), ("b", other)], voting="soft").fit(*clips)
    mean = np.mean([e.predict_proba(clips[0]) for e in vote.estimators_], axis=0)
    np.testing.assert_allclose(vote.predict_proba(clips[0]), mean)


def test_probabilities_can_be_calibrated_from_paths(pipeline, clips):
    calibrated = CalibratedClassifierCV(pipeline, cv=2).fit(*clips)
    scores = calibrated.predict_proba(clips[0])
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert calibrated.classes_.tolist() == ["high", "low"]


def test_probabilities_can_be_calibrated_from_sequences(pipeline, clips):
    X, y = features_of(pipeline, clips)
    scores = CalibratedClassifierCV(pipeline[-1], cv=2).fit(X, y).predict_proba(X)
    np.testing.assert_allclose(scores.sum(axis=1), 1)


def test_a_confusion_matrix_is_drawn_from_paths(pipeline, clips):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    pipeline.fit(*clips)
    display = ConfusionMatrixDisplay.from_estimator(pipeline, *clips)
    plt.close(display.figure_)
    assert display.confusion_matrix.sum() == len(clips[0])


def test_blocks_of_features_have_importances(pipeline, clips):
    X, y = features_of(pipeline, clips)
    pipeline.fit(*clips)
    names = pipeline[0].get_feature_names_out()
    found = block_importance(pipeline[1:], X, y, names, random_state=0)
    assert list(found) == ["mfcc", "centroid"]
    assert found["mfcc"].importances.shape == (5,)
