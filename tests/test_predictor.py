"""Prediction from a model file, without torch."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from model_files import rewrite

from mfccclf import (
    AudioFileError,
    ModelFileError,
    Predictor,
    load_model,
    make_pipeline,
    save_model,
)
from mfccclf.prediction import open_model, shipped_models

RATE = 22050


@pytest.fixture
def model_path(fitted_pipeline, tmp_path) -> Path:
    return save_model(fitted_pipeline, tmp_path / "noise.mfccclf")


@pytest.fixture
def files(noise_clips, tmp_path) -> list[Path]:
    """Sound files of different lengths and rates."""
    paths = [tmp_path / f"clip {index} é.au" for index in range(len(noise_clips))]
    for index, (path, clip) in enumerate(zip(paths, noise_clips, strict=True)):
        soundfile.write(path, clip, [RATE, 16000, 48000][index % 3])
    return paths


def test_scores_equal_those_of_the_pipeline(fitted_pipeline, model_path, files):
    expected = fitted_pipeline.predict_proba([str(path) for path in files])
    predictor = Predictor(model_path)
    scores = predictor.predict_proba(files)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert predictor.predict(files) == [
        predictor.classes[index] for index in expected.argmax(axis=1)
    ]


@pytest.mark.parametrize(
    ("preset", "settings"),
    [
        ("names-lstm", {}),
        ("names-lstm-added", {"sample_rate": 8000, "n_fft": 512}),
        ("names-lstm-14", {"features": ["mfcc", "zero"]}),
        ("default", {}),
        ("scratch", {"delta": 2, "n_frames": 20, "pooling": "last_step"}),
        ("scratch", {"features": ["mel"], "n_mels": 20, "pooling": "mean"}),
    ],
)
def test_scores_equal_those_of_the_pipeline_for_other_settings(
    preset, settings, noise_clips, files, tmp_path
):
    pipeline = make_pipeline(preset, max_epochs=1, random_state=0, **settings)
    pipeline.fit(noise_clips, ["quiet", "loud"] * 3)
    path = save_model(pipeline, tmp_path / "m.mfccclf")
    expected = pipeline.predict_proba([str(file) for file in files])
    np.testing.assert_allclose(
        Predictor(path).predict_proba(files), expected, atol=1e-5
    )


LEAN = """
import json, sys
for name in ("torch", "sklearn", "skorch", "scipy", "librosa", "onnx", "pandas"):
    sys.modules[name] = None
from mfccclf.prediction import Predictor
print(json.dumps(Predictor(sys.argv[1]).predict_proba(sys.argv[2:]).tolist()))
"""


def test_prediction_needs_neither_torch_nor_scikit_learn(
    fitted_pipeline, model_path, files
):
    paths = [str(path) for path in files]
    done = subprocess.run(
        [sys.executable, "-c", LEAN, str(model_path), *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    expected = fitted_pipeline.predict_proba(paths)
    np.testing.assert_allclose(json.loads(done.stdout), expected, atol=1e-5)


def test_prediction_says_what_the_contract_promises(model_path, files):
    prediction = Predictor(model_path).predict_file(files[0])
    record = prediction.to_dict()
    assert list(record) == [
        *("file", "label", "labels", "scores", "model", "duration_s"),
        "familiarity",
    ]
    assert record["file"] == str(files[0])
    assert record["labels"] == [record["label"]]
    assert list(record["scores"]) == ["loud", "quiet"]
    assert sum(record["scores"].values()) == pytest.approx(1.0)
    assert record["label"] == max(record["scores"], key=record["scores"].get)
    assert record["model"] == str(model_path)
    assert record["duration_s"] == pytest.approx(6000 / RATE)
    assert json.loads(json.dumps(record)) == record


def test_numbered_labels_stay_numbers(noise_clips, tmp_path):
    pipeline = make_pipeline("names-lstm", hidden_sizes=(3,), max_epochs=1)
    pipeline.fit(noise_clips[:2], [10, 20])
    predictor = Predictor(save_model(pipeline, tmp_path / "m.mfccclf"))
    prediction = predictor.predict_waveform(noise_clips[0], RATE)
    assert prediction.label in (10, 20)
    assert list(prediction.to_dict()["scores"]) == ["10", "20"]


def test_prediction_does_not_depend_on_the_other_clips(model_path, files):
    predictor = Predictor(model_path)
    together = predictor.predict_proba(files)
    np.testing.assert_array_equal(predictor.predict_proba(files[::-1])[::-1], together)
    np.testing.assert_array_equal(predictor.predict_proba(files[2:3]), together[2:3])


def test_clips_of_many_lengths_are_predicted_as_each_alone(model_path, tmp_path):
    rng = np.random.default_rng(0)
    paths = []
    for index, seconds in enumerate(rng.uniform(0.15, 3.0, 80)):
        rate = (8000, RATE, 44100)[index % 3]
        paths.append(tmp_path / f"{index}.wav")
        soundfile.write(paths[-1], 0.1 * rng.standard_normal(int(seconds * rate)), rate)
    predictor = Predictor(model_path)
    together = list(predictor.predict_each(paths))
    assert together == [predictor.predict_file(path) for path in paths]
    assert list(predictor.predict_each(iter(paths))) == together


def test_files_that_arrive_one_by_one_are_not_waited_for(model_path, files):
    asked = []

    def arriving():
        for path in files:
            asked.append(path)
            yield path

    next(Predictor(model_path).predict_each(arriving()))
    assert asked == files[:1]


def test_waveform_gives_the_scores_of_its_file(model_path, files):
    predictor = Predictor(model_path)
    for path in files:
        waveform, rate = soundfile.read(path, dtype="float32")
        from_waveform = predictor.predict_waveform(waveform, rate)
        assert from_waveform.file is None
        assert list(from_waveform.scores.values()) == pytest.approx(
            list(predictor.predict_file(path).scores.values()), abs=1e-6
        )


def test_bad_file_does_not_stop_the_others(model_path, files, tmp_path):
    text = tmp_path / "text.au"
    text.write_text("no sound at all")
    predictor = Predictor(model_path)
    outcomes = list(predictor.predict_each([files[0], text, "none.wav", files[1]]))
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "Prediction",
        "AudioFileError",
        "AudioFileError",
        "Prediction",
    ]
    assert "text.au" in str(outcomes[1])
    with pytest.raises(AudioFileError, match=r"none\.wav"):
        predictor.predict([files[0], "none.wav"])


def test_clip_that_is_too_short_is_an_audio_error(model_path, tone_file):
    path = tone_file("short.wav", seconds=0.01)
    with pytest.raises(AudioFileError, match=r"short\.wav has 2\d\d samples .*n_fft"):
        Predictor(model_path).predict_file(path)


def test_no_files_give_no_rows(model_path):
    assert Predictor(model_path).predict([]) == []
    assert Predictor(model_path).predict_proba([]).shape == (0, 2)


def test_single_path_in_place_of_a_list_is_rejected(model_path):
    with pytest.raises(TypeError, match=r"'paths' .* list of paths.*predict_file"):
        Predictor(model_path).predict("clip.au")


@pytest.mark.parametrize(
    ("waveform", "match"),
    [
        (np.zeros((2, 9000), dtype=np.float32), r"has shape \(2, 9000\)"),
        (np.zeros(9000, dtype=np.int16), "is an array of int16"),
        (np.full(9000, np.nan, dtype=np.float32), "must be finite"),
        (np.zeros(10, dtype=np.float32), "fewer than n_fft"),
        (np.full(9000, 0.5, dtype=np.float32), "is silent: its samples differ by less"),
    ],
)
def test_unfit_waveforms_are_rejected(waveform, match, model_path):
    with pytest.raises(ValueError, match=match):
        Predictor(model_path).predict_waveform(waveform, RATE)


def test_unfit_rate_is_rejected(model_path, noise_clips):
    with pytest.raises(ValueError, match=r"'sample_rate' .* int >= 1"):
        Predictor(model_path).predict_waveform(noise_clips[0], 0)


# Names of models


@pytest.fixture
def shipped(model_path, monkeypatch) -> dict[str, Path]:
    models = {"noise": model_path}
    monkeypatch.setattr("mfccclf.prediction.shipped.shipped_models", lambda: models)
    return models


def test_shipped_models_are_listed_by_name():
    for name, file in shipped_models().items():
        assert file.name == f"{name}.mfccclf"
        assert file.is_file()


def test_shipped_model_is_found_by_its_name(shipped, noise_clips):
    predictor = Predictor("noise")
    prediction = predictor.predict_waveform(noise_clips[0], RATE)
    assert (predictor.name, prediction.model) == ("noise", "noise")
    assert load_model("noise").classes_.tolist() == ["loud", "quiet"]


def test_shipped_name_wins_over_a_folder_of_that_name(shipped, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "noise").mkdir()
    assert open_model("noise").name == "noise"
    with pytest.raises(ModelFileError, match="is a folder"):
        open_model("./noise")


def test_unknown_name_gets_a_near_match(shipped, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFileError, match=r"no model 'nose'.*Did you mean 'noise'"):
        Predictor("nose")
    with pytest.raises(ModelFileError, match=r"Shipped models: noise.*is a path to"):
        Predictor("qqqqqq")


def test_file_without_an_ending_is_found(shipped, model_path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("plain").write_bytes(model_path.read_bytes())
    assert open_model("plain").classes == ["loud", "quiet"]


# Model files that only prediction can refuse


@pytest.mark.parametrize(
    ("front_end", "match"),
    [
        (
            {"class": "MFCCExtractor", "parameters": {"n_bands": 10**12}},
            "absurd 'n_bands' parameter",
        ),
        ({"class": "Other"}, "unknown front end 'Other'"),
        ({"class": ["MFCCExtractor"]}, "unknown front end"),
        ({"class": "MFCCExtractor"}, "features that cannot be computed"),
        (
            {"class": "MFCCExtractor", "parameters": {}, "channel": -1},
            "'channel' parameter of MFCCExtractor must be an int >= 0. Got -1",
        ),
        (
            {"class": "MFCCExtractor", "parameters": {"n_mfc": 3}},
            "no parameter 'n_mfc'",
        ),
        (
            {"class": "MFCCExtractor", "parameters": {"n_mfcc": -3}},
            "'n_mfcc' parameter",
        ),
        (
            {"class": "MFCCExtractor", "parameters": {"window": "kaiser_bessel"}},
            "'window' parameter",
        ),
        (
            {"class": "MFCCExtractor", "parameters": {"n_mfcc": 7}},
            "gives 27 features per frame, but its net expects 40",
        ),
    ],
)
def test_front_end_that_cannot_be_used_is_refused(front_end, match, model_path):
    rewrite(model_path, lambda members, config: config.update(front_end=front_end))
    with pytest.raises(ModelFileError, match=match):
        Predictor(model_path)


def test_graph_that_cannot_be_run_is_refused(model_path):
    rewrite(model_path, lambda members, _: members.update({"model.onnx": b"nonsense"}))
    with pytest.raises(ModelFileError, match=r"a graph that mfccclf does not run: "):
        Predictor(model_path)


def test_graph_of_another_model_is_refused(model_path):
    rewrite(model_path, lambda _, config: config.update(classes=["a", "b", "c"]))
    with pytest.raises(ModelFileError, match=r"does not fit its 40 .* 3 classes"):
        Predictor(model_path)


def test_clips_of_many_lengths_get_finite_scores(model_path, noise):
    predictor = Predictor(model_path)
    for seconds in (0.1, 0.3, 3.1, 10.0):
        scores = predictor.predict_waveform(noise(seconds), RATE).scores
        assert np.isfinite(list(scores.values())).all()


def test_a_pickled_predictor_opens_its_model_again(model_path, files, monkeypatch):
    monkeypatch.chdir(model_path.parent)
    predictor = Predictor(model_path.name, min_confidence=0.2)
    pickled = pickle.dumps(predictor)
    monkeypatch.chdir("/")
    again = pickle.loads(pickled)
    expected = predictor.predict_file(files[0]).scores
    assert again.limits == predictor.limits
    assert again.predict_file(files[0]).scores == expected
    assert (
        copy.deepcopy(Predictor(model_path)).predict_file(files[0]).scores == expected
    )


def test_prediction_keeps_no_number_of_the_machine(model_path, files, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o500)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    done = subprocess.run(
        [sys.executable, "-m", "mfccclf", "predict", files[0], "--model", model_path],
        env={**environment, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert list(home.iterdir()) == []


def test_a_shipped_model_is_opened_again_beside_a_folder_of_its_name(
    tmp_path, monkeypatch
):
    (tmp_path / "names").mkdir()
    monkeypatch.chdir(tmp_path)
    again = pickle.loads(pickle.dumps(Predictor("names")))
    assert again.name == "names"
