"""Familiarity and limits in model files, and what prediction makes of them."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest
from model_files import read_members, rewrite
from sklearn.base import clone

from mfccclf import (
    CNNClassifier,
    LSTMClassifier,
    ModelFileError,
    Predictor,
    export_onnx,
    load_model,
    save_model,
)
from mfccclf._graph_builder import GraphBuilder
from mfccclf.persistence.onnx.classifier import add_classifier
from mfccclf.persistence.onnx.padding import add_lengths

CLASSIFIERS = {
    "cnn": CNNClassifier(channels=(4,), dense_sizes=(9,), max_epochs=3, lr=0.01),
    "lstm": LSTMClassifier(hidden_sizes=(6,), bidirectional=True, max_epochs=3),
}
RATE = 22050


@pytest.fixture(scope="module")
def model_path(fitted_pipeline, tmp_path_factory):
    return save_model(
        fitted_pipeline, tmp_path_factory.mktemp("model") / "noise.mfccclf"
    )


def made_up_clips():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 9, 5)).astype(np.float32)
    X[::2] += 1.0
    X[::3, 6:] = np.nan
    return X, np.array(["no", "yes"])[np.arange(60) % 2]


def run_graph(classifier, X):
    builder = GraphBuilder()
    lengths = add_lengths(builder, "X")
    add_classifier(builder, classifier, "X", lengths)
    name = builder.rename(builder.marked["familiarity"], "familiarity")
    model = builder.build(inputs={"X": ["n", "t", 5]}, outputs={name: ["n"]})
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"X": X})[0]


@pytest.mark.parametrize("multilabel", [False, True], ids=["one", "multilabel"])
@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_graph_gives_the_classifiers_familiarity(kind, multilabel):
    X, y = made_up_clips()
    targets = np.column_stack([y == "no", y == "yes"]).astype(int) if multilabel else y
    classifier = clone(CLASSIFIERS[kind]).set_params(random_state=0).fit(X, targets)
    near, far = run_graph(classifier, X), run_graph(classifier, 30 * X)
    np.testing.assert_allclose(near, classifier.score_samples(X), atol=1e-5)
    np.testing.assert_allclose(far, classifier.score_samples(30 * X), atol=1e-5)
    assert 0 < far.min() < near.min()


def test_predictor_gives_the_pipelines_familiarity(
    fitted_pipeline, noise_clips, model_path
):
    expected = fitted_pipeline.score_samples(noise_clips)
    predictor = Predictor(model_path)
    found = [predictor.predict_waveform(w, RATE).familiarity for w in noise_clips]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    loaded = load_model(model_path)
    np.testing.assert_array_equal(loaded.score_samples(noise_clips), expected)
    again = save_model(loaded, model_path.with_name("again.mfccclf"))
    assert read_members(again)["model.onnx"] == read_members(model_path)["model.onnx"]


def test_exported_graph_has_familiarity_as_its_second_output(model_path, tmp_path):
    session = onnxruntime.InferenceSession(
        export_onnx(model_path, tmp_path / "net.onnx")
    )
    outputs = [(item.name, item.shape) for item in session.get_outputs()]
    assert outputs == [("scores", ["n_clips", 2]), ("familiarity", ["n_clips"])]


def without_familiarity(pipeline, path):
    """Save a pipeline as it was before classifiers knew what is familiar."""
    older = clone(pipeline[-1]).restore(
        pipeline[-1].classes_,
        pipeline[-1].n_features_in_,
        pipeline[-1].net_.module_.state_dict(),
    )
    steps = [*pipeline.steps[:-1], ("lstm", older)]
    save_model(type(pipeline)(steps), path)
    return rewrite(path, lambda _, config: config.update(format_version=1))


def test_files_of_the_first_version_still_predict(
    fitted_pipeline, noise_clips, model_path, tmp_path
):
    path = without_familiarity(fitted_pipeline, tmp_path / "old.mfccclf")
    old = Predictor(path).predict_waveform(noise_clips[0], RATE)
    new = Predictor(model_path).predict_waveform(noise_clips[0], RATE)
    assert old.familiarity is None
    assert old.scores == new.scores
    with pytest.raises(ValueError, match="does not know how familiar"):
        load_model(path).score_samples(noise_clips)
    with pytest.raises(ValueError, match="min_familiarity must be 0"):
        Predictor(path, min_familiarity=0.01)


def test_file_with_arrays_that_do_not_fit_is_refused(fitted_pipeline, tmp_path):
    path = save_model(fitted_pipeline, tmp_path / "noise.mfccclf")

    def cut(members, config):
        from safetensors.numpy import load, save

        arrays = load(members["weights.safetensors"])
        arrays["lstm.familiarity.means"] = arrays["lstm.familiarity.means"][:, :-1]
        arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        members["weights.safetensors"] = save(arrays)

    with pytest.raises(ModelFileError, match="arrays of familiarity do not fit"):
        load_model(rewrite(path, cut))


# Limits


def test_clip_below_a_limit_gets_no_label(noise_clips, model_path):
    sure = Predictor(model_path).predict_waveform(noise_clips[3], RATE)
    confidence = max(sure.scores.values())
    assert sure.label in sure.scores
    assert not sure.is_unsure
    for limits in (
        {"min_confidence": confidence + 1e-6},
        {"min_familiarity": sure.familiarity + 1e-6},
    ):
        unsure = Predictor(model_path, **limits).predict_waveform(noise_clips[3], RATE)
        assert (unsure.label, unsure.labels) == (None, [])
        assert unsure.is_unsure
        assert unsure.scores == sure.scores
        assert unsure.familiarity == sure.familiarity
    met = Predictor(
        model_path, min_confidence=confidence, min_familiarity=sure.familiarity
    )
    assert met.predict_waveform(noise_clips[3], RATE) == sure


def test_limits_of_the_file_hold_unless_others_are_given(
    fitted_pipeline, noise_clips, tmp_path
):
    limits = {"min_confidence": 1.0, "min_familiarity": 0.001}
    path = save_model(
        fitted_pipeline, tmp_path / "m.mfccclf", metadata={"limits": limits}
    )
    own = Predictor(path)
    assert own.limits.min_familiarity == 0.001
    assert own.predict_waveform(noise_clips[0], RATE).label is None
    lenient = Predictor(path, min_confidence=0)
    assert lenient.limits.min_familiarity == 0.001
    always = Predictor(path, min_confidence=0, min_familiarity=0)
    assert not always.limits
    assert always.predict_waveform(noise_clips[0], RATE).label is not None


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_limit_out_of_range_is_rejected(model_path, fitted_pipeline, tmp_path, value):
    with pytest.raises(ValueError, match=r"'min_confidence' .* must be a float >= 0"):
        Predictor(model_path, min_confidence=value)
    if np.isfinite(value):
        metadata = {"limits": {"min_familiarity": value}}
        with pytest.raises(ValueError, match=r"'min_familiarity' .* >= 0 and <= 1"):
            save_model(fitted_pipeline, tmp_path / "m.mfccclf", metadata=metadata)


def test_unknown_limit_is_rejected(fitted_pipeline, tmp_path):
    metadata = {"limits": {"min_confidense": 0.5}}
    with pytest.raises(ValueError, match="Did you mean 'min_confidence'"):
        save_model(fitted_pipeline, tmp_path / "m.mfccclf", metadata=metadata)


def test_limit_for_what_the_classifier_does_not_know_is_rejected(
    fitted_pipeline, tmp_path
):
    path = without_familiarity(fitted_pipeline, tmp_path / "old.mfccclf")
    metadata = {"limits": {"min_familiarity": 0.01}}
    with pytest.raises(ValueError, match="Fit or calibrate it"):
        save_model(load_model(path), tmp_path / "m.mfccclf", metadata=metadata)


@pytest.mark.parametrize("limits", [[], {"other": 1}, {"min_confidence": 2}])
def test_file_with_odd_limits_is_refused(fitted_pipeline, tmp_path, limits):
    path = save_model(fitted_pipeline, tmp_path / "m.mfccclf")
    rewrite(path, lambda _, config: config.update(limits=limits))
    with pytest.raises(ModelFileError, match="without valid limits"):
        Predictor(path)


def test_familiarity_is_the_last_key_of_json(noise_clips, model_path):
    record = Predictor(model_path).predict_waveform(noise_clips[0], RATE).to_dict()
    assert list(record)[-1] == "familiarity"
    assert list(record)[:6] == [
        *("file", "label", "labels", "scores", "model", "duration_s")
    ]
    assert json.loads(json.dumps(record)) == record
