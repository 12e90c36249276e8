"""scikit-learn's linear classifiers in model files: SVMs with probabilities."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, LinearSVC

from mfccclf import (
    MFCCExtractor,
    ModelFileError,
    Predictor,
    SequenceStandardScaler,
    SequenceStatistics,
    export_onnx,
    load_model,
    save_model,
)
from mfccclf.persistence.archive import describe_members, pack
from mfccclf.prediction.model_file import CONFIG, ModelFile
from mfccclf.workflows import describe

RATE = 8000


def clips(labels):
    rng = np.random.default_rng(0)
    y = [labels[index % len(labels)] for index in range(8 * len(labels))]
    waveforms = [
        (0.01 + 0.2 * labels.index(label)) * rng.standard_normal(3000).astype("f4")
        for label in y
    ]
    return waveforms, y


def machine(svm=None, **calibration):
    svm = LinearSVC(C=0.05, random_state=0) if svm is None else svm
    return Pipeline(
        [
            ("extract", MFCCExtractor(sample_rate=RATE, features=14)),
            ("statistics", SequenceStatistics()),
            ("scale", SequenceStandardScaler()),
            ("svm", CalibratedClassifierCV(svm, **{"cv": 3, **calibration})),
        ]
    )


@pytest.mark.parametrize("ensemble", [True, False, "auto"])
@pytest.mark.parametrize("labels", [("no", "yes"), (0, 1, 2), ("a", "b", "c", "d")])
def test_an_svm_in_a_model_file_gives_the_pipelines_probabilities(
    labels, ensemble, tmp_path
):
    waveforms, y = clips(labels)
    pipeline = machine(ensemble=ensemble).fit(waveforms, y)
    expected = pipeline.predict_proba(waveforms)
    path = save_model(pipeline, tmp_path / "svm.mfccclf")
    predictor = Predictor(path)
    for waveform, scores in zip(waveforms, expected, strict=True):
        found = predictor.predict_waveform(waveform, RATE)
        np.testing.assert_allclose(list(found.scores.values()), scores, atol=1e-5)
    again = load_model(path)
    np.testing.assert_allclose(again.predict_proba(waveforms), expected, atol=1e-12)
    assert again.predict(waveforms).tolist() == pipeline.predict(waveforms).tolist()
    assert save_model(again, tmp_path / "again").read_bytes() == path.read_bytes()


def test_scikit_learns_own_default_is_a_linear_svm(tmp_path):
    waveforms, y = clips(("no", "yes"))
    pipeline = machine().set_params(svm__estimator=None).fit(waveforms, y)
    loaded = load_model(save_model(pipeline, tmp_path / "svm.mfccclf"))
    np.testing.assert_allclose(
        loaded.predict_proba(waveforms), pipeline.predict_proba(waveforms), rtol=1e-9
    )


def test_a_loaded_svm_can_be_trained_again(tmp_path):
    waveforms, y = clips(("no", "yes"))
    pipeline = machine(ensemble=False).fit(waveforms, y)
    loaded = load_model(save_model(pipeline, tmp_path / "svm.mfccclf"))
    again = clone(loaded).fit(waveforms, y)
    assert again[-1].estimator.get_params() == pipeline[-1].estimator.get_params()
    np.testing.assert_allclose(
        again.predict_proba(waveforms), pipeline.predict_proba(waveforms), rtol=1e-6
    )


@pytest.mark.parametrize("labels", [("no", "yes"), ("a", "b", "c")])
def test_far_from_all_classes_no_score_is_lost(labels, tmp_path):
    waveforms, y = clips(labels)
    pipeline = machine().fit(waveforms, y)
    exported = export_onnx(pipeline, tmp_path / "svm.onnx")
    X = 1e4 * np.random.default_rng(1).standard_normal((5, 1, 14)).astype("f4")
    session = onnxruntime.InferenceSession(exported)
    (scores,) = session.run(["scores"], {"X": X})
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)


def test_it_is_described(tmp_path):
    waveforms, y = clips(("a", "b", "c"))
    pipeline = machine().fit(waveforms, y)
    net = describe(save_model(pipeline, tmp_path / "svm.mfccclf")).net
    assert net.n_parameters == 3 * (3 * 3 * 14 + 3 * 3)
    assert net.layers[0].type == "Calibrated linear"


@pytest.mark.parametrize(
    ("svm", "calibration", "message"),
    [
        (SVC(kernel="linear"), {}, "cannot hold a calibrated SVC"),
        (None, {"method": "isotonic"}, "cannot hold the calibration 'isotonic'"),
    ],
)
def test_other_calibrations_are_refused(svm, calibration, message, tmp_path):
    waveforms, y = clips(("no", "yes"))
    pipeline = machine(svm, **calibration).fit(waveforms, y)
    with pytest.raises((TypeError, ValueError), match=message):
        save_model(pipeline, tmp_path / "svm.mfccclf")


@pytest.mark.parametrize(
    "change",
    [
        {"$estimator": "Popen", "parameters": {"args": "ls"}},
        {"$estimator": "LinearSVC", "parameters": {"colour": "red"}},
    ],
)
def test_a_strangers_estimator_is_not_made(change, tmp_path):
    import json

    waveforms, y = clips(("no", "yes"))
    path = save_model(machine().fit(waveforms, y), tmp_path / "svm.mfccclf")
    model = ModelFile(path)
    config = dict(model.config)
    config["steps"][-1]["parameters"]["estimator"] = change
    config["members"] = describe_members(model.members)
    path.write_bytes(pack({CONFIG: json.dumps(config).encode(), **model.members}))
    with pytest.raises(ModelFileError, match="does not fit this version"):
        load_model(path)
