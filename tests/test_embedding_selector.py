"""EmbeddingSelector keeps the first columns alone where they serve better."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from sklearn.pipeline import make_pipeline

import mfccclf.embedding_selector as embedding_selector
from mfccclf import (
    EmbeddingSelector,
    LSTMClassifier,
    Predictor,
    PretrainedEmbedding,
    load_model,
    save_model,
)

RATE = 16000


def clips_that_differ_in(column: int, n_clips: int = 40):
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], n_clips // 2)
    X = rng.normal(0, 1, (n_clips, 6, 5))
    X[..., column] += 3 * y[:, None]
    X[::2, 4:] = np.nan
    return X, y


def test_first_columns_alone_are_kept_where_they_tell_the_labels_apart():
    X, y = clips_that_differ_in(column=1)
    selector = EmbeddingSelector(n_first=2).fit(X, y)
    assert selector.errors_[0] < 0.5 < selector.errors_[1]
    np.testing.assert_array_equal(selector.transform(X), X[..., :2])
    assert selector.get_feature_names_out().tolist() == ["x0", "x1"]


def test_all_columns_are_kept_where_the_others_serve_better():
    X, y = clips_that_differ_in(column=4)
    selector = EmbeddingSelector(n_first=2).fit(X, y)
    np.testing.assert_array_equal(selector.transform(X), X)


def test_labels_may_be_several_per_clip():
    X, y = clips_that_differ_in(column=0)
    names = [("low",) if label else ("low", "high") for label in y]
    assert EmbeddingSelector(n_first=1).fit(X, names).n_features_out_ == 1


def test_more_clips_than_it_draws_from_give_the_same_choice():
    X, y = clips_that_differ_in(column=0, n_clips=1200)
    selector = EmbeddingSelector(n_first=2)
    assert selector.fit(X, y).n_features_out_ == 2
    errors = selector.errors_
    np.testing.assert_array_equal(selector.fit(X, y).errors_, errors)


def test_without_other_columns_nothing_is_compared():
    X, y = clips_that_differ_in(column=0)
    selector = EmbeddingSelector().fit(X, y)
    assert selector.n_features_out_ == 5
    assert np.isnan(selector.errors_).all()


@pytest.mark.parametrize("n_first", [0, -1])
def test_a_wrong_number_of_columns_is_refused(n_first):
    X, y = clips_that_differ_in(column=0)
    with pytest.raises(ValueError, match="n_first' parameter of EmbeddingSelector"):
        EmbeddingSelector(n_first=n_first).fit(X, y)


def make_sounds(folder):
    rng = np.random.default_rng(0)
    time = np.arange(RATE // 2) / RATE
    y = np.repeat(["hiss", "hum"], 4)
    paths = [folder / f"{index}.wav" for index in range(len(y))]
    for path, label in zip(paths, y, strict=True):
        hum = 0.3 * np.sin(2 * np.pi * 200 * time) if label == "hum" else 0
        soundfile.write(path, hum + rng.normal(0, 0.1, len(time)), RATE)
    return paths, y


@pytest.mark.parametrize("n_kept", [96, 1602])
def test_a_model_file_keeps_the_choice_and_the_scores(n_kept, tmp_path, monkeypatch):
    errors = np.array([0.1, 0.2] if n_kept == 96 else [0.2, 0.1])
    monkeypatch.setattr(embedding_selector, "_compare", lambda *_: errors)
    paths, y = make_sounds(tmp_path)
    pipeline = make_pipeline(
        PretrainedEmbedding(),
        EmbeddingSelector(),
        LSTMClassifier(
            hidden_sizes=(4,), projection_size=4, statistics_size=4, max_epochs=2
        ),
    ).fit(paths, y)
    model = save_model(pipeline, tmp_path / "sounds.mfccclf")
    expected = pipeline.predict_proba(paths)
    loaded = load_model(model)
    assert loaded[1].n_features_out_ == n_kept
    np.testing.assert_array_equal(loaded[1].errors_, errors)
    np.testing.assert_allclose(loaded.predict_proba(paths), expected, atol=1e-6)
    np.testing.assert_allclose(
        Predictor(model).predict_proba(paths), expected, atol=1e-5
    )
