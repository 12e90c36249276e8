"""Graphs from samples to scores give what prediction gives, and say what they need."""

from __future__ import annotations

import dataclasses
import json
from importlib.resources import files

import numpy as np
import onnx
import onnxruntime
import pytest
from cli_tools import run
from graph_tools import make_sound
from model_files import rewrite

from mfccclf import (
    ExportError,
    ModelFileError,
    Predictor,
    export_onnx,
    load_waveform,
    make_pipeline,
    save_model,
)
from mfccclf.persistence.onnx.waveform_graph import build_waveform_graph
from mfccclf.prediction.shipped import shipped_models
from mfccclf.step_kinds import STEP_KINDS

CLIPS = sorted(
    path for path in files("mfccclf.audio").iterdir() if path.suffix in (".au", ".wav")
)


def run_graph(path, waveform):
    session = onnxruntime.InferenceSession(path)
    names = [item.name for item in session.get_outputs()]
    found = session.run(None, {"waveform": waveform})
    return dict(zip(names, found, strict=True))


def assert_same_scores(path, predictor, waveform):
    found = run_graph(path, waveform)
    expected = predictor.predict_waveform(waveform, predictor.sample_rate)
    scores = list(expected.scores.values())
    np.testing.assert_allclose(found["scores"], [scores], atol=1e-4)
    if expected.familiarity is None:
        assert "familiarity" not in found
    else:
        familiarity = [expected.familiarity]
        np.testing.assert_allclose(found["familiarity"], familiarity, atol=1e-4)


def facts_of(path):
    return {
        entry.key: json.loads(entry.value) for entry in onnx.load(path).metadata_props
    }


@pytest.mark.parametrize("name", shipped_models())
def test_shipped_models_give_predictions_scores(name, tmp_path):
    predictor = Predictor(name)
    path = export_onnx(name, tmp_path / "model.onnx", inputs="samples")
    for clip in CLIPS[:2]:
        waveform = load_waveform(clip, sample_rate=predictor.sample_rate)
        assert_same_scores(path, predictor, waveform)
    long = make_sound(3 * predictor.sample_rate, sample_rate=predictor.sample_rate)
    assert_same_scores(path, predictor, long)


@pytest.mark.parametrize(
    ("preset", "settings"),
    [
        ("names-lstm-14", {"hidden_sizes": (4,), "n_frames": 20}),
        ("notes-pooled-blstm", {"hidden_sizes": (4, 4), "dense_sizes": (4, 4)}),
    ],
)
def test_longer_clips_are_cut_as_in_prediction(preset, settings, noise_clips, tmp_path):
    labels = ["quiet", "loud"] * 3
    pipeline = make_pipeline(preset, max_epochs=1, **settings)
    pipeline.fit(noise_clips, labels)
    predictor = Predictor(save_model(pipeline, tmp_path / "model.mfccclf"))
    path = export_onnx(pipeline, tmp_path / "model.onnx", inputs="samples")
    for n_samples in (4000, 40000):
        assert_same_scores(path, predictor, make_sound(n_samples))


def test_a_pipeline_and_its_file_give_the_same_graph(fitted_pipeline, tmp_path):
    model = save_model(fitted_pipeline, tmp_path / "noise.mfccclf")
    graphs = [
        export_onnx(given, tmp_path / f"{index}.onnx", inputs="samples").read_bytes()
        for index, given in enumerate((fitted_pipeline, model))
    ]
    assert graphs[0] == graphs[1]


def test_the_graph_says_what_its_users_must_know(tmp_path):
    facts = facts_of(export_onnx("names", tmp_path / "names.onnx", inputs="samples"))
    predictor = Predictor("names")
    assert facts["classes"] == predictor.classes
    assert facts["sample_rate"] == predictor.sample_rate
    assert facts["limits"] == dataclasses.asdict(predictor.limits)
    assert facts["task"] == "single-label"
    assert facts["thresholds"] is None
    fewest = facts["min_samples"]
    predictor.predict_waveform(make_sound(fewest), predictor.sample_rate)
    with pytest.raises(ValueError, match="fewer than the 512"):
        predictor.predict_waveform(make_sound(fewest - 1), predictor.sample_rate)


def test_thresholds_of_several_labels_are_told(tmp_path):
    path = export_onnx("instruments", tmp_path / "model.onnx", inputs="samples")
    facts = facts_of(path)
    assert facts["task"] == "multi-label"
    assert len(facts["thresholds"]) == len(facts["classes"])


def test_a_front_end_without_a_graph_is_refused_by_name():
    kind = dataclasses.replace(STEP_KINDS["MFCCExtractor"], waveform_graph=None)
    with pytest.raises(ExportError, match="The front end MFCCExtractor has no ONNX"):
        build_waveform_graph(kind, None, b"", n_classes=2, metadata={})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"class": "FutureExtractor"}, "has an unknown front end 'FutureExtractor'"),
        ({"parameters": {"n_fft": "many"}}, "has features that cannot be computed"),
    ],
)
def test_a_forged_front_end_is_one_clear_error(
    change, message, fitted_pipeline, tmp_path
):
    model = save_model(fitted_pipeline, tmp_path / "noise.mfccclf")
    rewrite(model, lambda members, config: config["front_end"].update(change))
    result = run("export", model, "--onnx", tmp_path / "a.onnx", "--from", "samples")
    assert result.exit_code == 1
    assert message in result.stderr
    assert not (tmp_path / "a.onnx").exists()


def test_unknown_inputs_are_refused(tmp_path):
    with pytest.raises(ValueError, match="'inputs' parameter of export_onnx"):
        export_onnx("names", tmp_path / "names.onnx", inputs="sound")


def test_the_command_exports_from_samples(tmp_path):
    path = tmp_path / "names.onnx"
    result = run("export", "names", "--onnx", path, "--from", "samples")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Saved {path}")
    (entry,) = onnx.load(path).graph.input
    assert entry.name == "waveform"


def test_the_command_exports_from_features_by_default(tmp_path):
    path = tmp_path / "names.onnx"
    assert run("export", "names", "--onnx", path).exit_code == 0
    (entry,) = onnx.load(path).graph.input
    assert entry.name == "X"


def test_nothing_is_written_for_a_model_that_does_not_exist(tmp_path):
    path = tmp_path / "names.onnx"
    with pytest.raises(ModelFileError, match="There is no model 'nmaes'"):
        export_onnx("nmaes", path, inputs="samples")
    assert not path.exists()
