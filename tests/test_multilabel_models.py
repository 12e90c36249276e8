"""Model files of classifiers that give clips any number of labels."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import onnxruntime
import pytest
from sklearn.pipeline import Pipeline

from mfccclf import (
    CNNClassifier,
    LSTMClassifier,
    MFCCExtractor,
    Predictor,
    SequenceStandardScaler,
    export_onnx,
    load_model,
    save_model,
)

CLASSIFIERS = {
    "cnn": CNNClassifier(channels=(4, 6), max_epochs=3, lr=0.01, random_state=0),
    "lstm": LSTMClassifier(hidden_sizes=(6,), max_epochs=3, lr=0.01, random_state=0),
}


def make_waveforms():
    """Eight clips of different lengths with a low tone, a high tone, both or none."""
    rng = np.random.default_rng(0)
    waveforms, labels = [], []
    for index in range(8):
        time = np.arange(9000 + 1500 * index) / 16000
        wave = 0.01 * rng.standard_normal(len(time))
        wave += 0.3 * (index & 1) * np.sin(2 * np.pi * 200 * time)
        wave += 0.3 * (index >> 1 & 1) * np.sin(2 * np.pi * 3000 * time)
        waveforms.append(wave.astype(np.float32))
        names = ("low",) * (index & 1) + ("high",) * (index >> 1 & 1)
        labels.append(names)
    return waveforms, labels


@pytest.fixture(params=CLASSIFIERS, scope="module")
def fitted(request, tmp_path_factory):
    """A fitted pipeline, its model file and the waveforms it learned from."""
    waveforms, labels = make_waveforms()
    pipeline = Pipeline(
        [
            (
                "extract",
                MFCCExtractor(features=["mel"], sample_rate=16000, n_frames=None),
            ),
            ("scale", SequenceStandardScaler()),
            (request.param, CLASSIFIERS[request.param]),
        ]
    ).fit(waveforms, labels)
    classifier = pipeline[-1]
    classifier.tune_thresholds(pipeline[:-1].transform(waveforms), labels)
    path = tmp_path_factory.mktemp("models") / "tones.mfccclf"
    return pipeline, save_model(pipeline, path), waveforms


def test_the_loaded_pipeline_is_the_saved_one(fitted):
    pipeline, path, waveforms = fitted
    again = load_model(path)
    np.testing.assert_array_equal(
        again.predict_proba(waveforms), pipeline.predict_proba(waveforms)
    )
    np.testing.assert_array_equal(again[-1].thresholds_, pipeline[-1].thresholds_)
    assert again[-1].multilabel_
    assert again[-1].classes_.tolist() == ["high", "low"]
    np.testing.assert_array_equal(again.predict(waveforms), pipeline.predict(waveforms))


def test_the_file_says_that_clips_have_several_labels(fitted):
    pipeline, path, _ = fitted
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("model.json"))
    assert config["task"] == "multi-label"
    assert config["thresholds"] == pipeline[-1].thresholds_.tolist()


def test_prediction_without_torch_gives_the_same_scores_and_labels(fitted):
    pipeline, path, waveforms = fitted
    predictor = Predictor(path)
    proba = pipeline.predict_proba(waveforms)
    names = pipeline[-1].predict_labels(pipeline[:-1].transform(waveforms))
    for waveform, expected, labels in zip(waveforms, proba, names, strict=True):
        prediction = predictor.predict_waveform(waveform, 16000)
        found = list(prediction.scores.values())
        np.testing.assert_allclose(found, expected, atol=1e-5)
        assert tuple(prediction.labels) == labels
        assert prediction.label == ["high", "low"][int(expected.argmax())]


def test_the_exported_graph_ends_in_sigmoids(fitted, tmp_path):
    pipeline, path, waveforms = fitted
    graph = export_onnx(path, tmp_path / "tones.onnx")
    features = pipeline[0].transform(waveforms)
    session = onnxruntime.InferenceSession(graph)
    scores, familiarity = session.run(None, {"X": features})
    expected = pipeline.predict_proba(waveforms)
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    expected = pipeline.score_samples(waveforms)
    np.testing.assert_allclose(familiarity, expected, atol=1e-5)


def test_saving_twice_gives_the_same_bytes(fitted, tmp_path):
    pipeline, path, _ = fitted
    again = save_model(pipeline, tmp_path / "again.mfccclf")
    assert again.read_bytes() == path.read_bytes()


def test_columns_of_a_matrix_are_labels_too(tmp_path):
    waveforms, labels = make_waveforms()
    Y = np.array([["high" in names, "low" in names] for names in labels])
    pipeline = Pipeline(
        [
            ("extract", MFCCExtractor(features=["mfcc"], n_frames=None)),
            ("lstm", LSTMClassifier(hidden_sizes=(3,), max_epochs=1)),
        ]
    ).fit(waveforms, Y)
    path = save_model(pipeline, tmp_path / "columns.mfccclf")
    assert load_model(path)[-1].classes_.tolist() == [0, 1]


def test_the_card_tells_of_thresholds_and_of_no_labels(fitted):
    _, path, _ = fitted
    with zipfile.ZipFile(path) as archive:
        card = archive.read("README.md").decode()
    assert "Thresholds: high 0." in card
    assert "perhaps none" in card
