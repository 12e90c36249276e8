"""Commands around models that may say nothing: predict, train and evaluate."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from cli_tools import FAST, fail, succeed, write_clip

from mfccclf import DatasetError
from mfccclf.prediction import ModelFile
from mfccclf.workflows import evaluate_model, load_ood_clips, load_test_data


@pytest.fixture(scope="module")
def noises(tmp_path_factory):
    """A folder of noise, some of it in a folder of its own."""
    folder = tmp_path_factory.mktemp("noises")
    (folder / "more").mkdir()
    rng = np.random.default_rng(0)
    for index in range(8):
        path = folder / ("more" if index % 2 else ".") / f"{index}.wav"
        soundfile.write(path, rng.normal(0, 0.1, 12000), 16000)
    return folder


@pytest.fixture(scope="module")
def careful(recordings, noises, tmp_path_factory):
    """A model that has learned from noise, with limits; and what was printed."""
    path = tmp_path_factory.mktemp("models") / "careful.mfccclf"
    options = ["--other", noises, "--min-confidence", 0.8, "--min-familiarity", 1e-6]
    options += ["--validation", recordings, "--calibrate"]
    return path, succeed("train", recordings, "--output", path, *options, *FAST)


def test_model_keeps_the_other_clips_and_limits(careful, noises):
    config = ModelFile(careful[0]).config
    assert config["limits"] == {"min_confidence": 0.8, "min_familiarity": 1e-6}
    training = config["training"]
    assert (training["n_other_clips"], training["other_weight"]) == (8, 0.5)
    assert training["other_data"] == noises.name
    assert training["temperature"] > 0
    assert "confidence is below 0.8 or familiarity" in ModelFile(careful[0]).card


def test_noise_gets_no_label_and_a_tone_does(careful, recordings, noises):
    tone, noise = recordings / "low" / "0.wav", noises / "0.wav"
    first, second = succeed("predict", tone, noise, "--model", careful[0]).splitlines()
    assert first.startswith(f"{tone}: low (")
    assert second.startswith(f"{noise}: not sure (")
    assert "; familiarity 0." in second
    options = ["--model", careful[0], "--format", "json"]
    record = json.loads(succeed("predict", noise, *options))
    assert (record["label"], record["labels"]) == (None, [])
    assert sum(record["scores"].values()) == pytest.approx(1)
    row = succeed("predict", noise, "--model", careful[0], "--format", "csv")
    assert row.splitlines()[1].startswith(f"{noise},,")


def test_limits_of_zero_answer_always(careful, noises):
    options = ["--model", careful[0], "--min-confidence", 0, "--min-familiarity", 0]
    text = succeed("predict", noises / "0.wav", *options)
    assert "not sure" not in text


def test_limits_hold_for_models_without_their_own(trained, recordings):
    tone = recordings / "low" / "0.wav"
    text = succeed("predict", tone, "--model", trained[0], "--min-confidence", 1)
    assert text.startswith(f"{tone}: not sure (low ")


@pytest.mark.parametrize("format", ["text", "json", "csv", "audacity", "raven", "jams"])
def test_windows_that_the_model_is_not_sure_of_have_no_label(careful, noises, format):
    options = ["--window", 0.25, "--merge", "--format", format]
    text = succeed("predict", noises / "0.wav", "--model", careful[0], *options)
    assert ("not sure" in text) == (format == "text")
    if format == "json":
        (line,) = text.splitlines()
        assert json.loads(line)["label"] is None
    if format == "audacity":
        assert text == ""


def test_picture_has_windows_without_a_label(careful, noises, tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "noise.png"
    options = ["--window", 0.25, "--format", "png", "--output", picture]
    succeed("predict", noises / "0.wav", "--model", careful[0], *options)
    assert picture.stat().st_size > 1000


@pytest.mark.parametrize("option", ["--min-confidence", "--min-familiarity"])
def test_limits_are_from_0_to_1(trained, recordings, option):
    clip = recordings / "low" / "0.wav"
    fail(
        "predict",
        *(clip, "--model", trained[0], option, 1.5),
        code=2,
        message=f"'{option[2:].replace('-', '_')}' parameter of Predictor must be",
    )


def test_evaluate_scores_what_is_answered(careful, trained, recordings):
    plain = json.loads(succeed("evaluate", trained[0], recordings, "--format", "json"))
    assert "coverage" not in plain
    options = ["--format", "json", "--min-confidence", 1]
    strict = json.loads(succeed("evaluate", trained[0], recordings, *options))
    assert strict.pop("coverage") == 0
    assert strict.pop("answered_accuracy") is None
    assert strict == plain
    text = succeed("evaluate", trained[0], recordings, "--min-confidence", 1)
    assert "answered           0.000" in text
    assert "right of those         -" in text
    own = json.loads(succeed("evaluate", careful[0], recordings, "--format", "json"))
    assert own["coverage"] > 0.7
    assert own["answered_accuracy"] == 1


def test_coverage_is_the_share_of_clips_with_a_label(trained, recordings):
    clips = load_test_data(recordings)
    proba = evaluate_model(trained[0], clips).probabilities
    limit = float(np.median(proba.max(axis=1)))
    found = evaluate_model(trained[0], clips, min_confidence=limit).scores
    assert found["coverage"] == pytest.approx(np.mean(proba.max(axis=1) >= limit))


def test_limit_for_familiarity_needs_clips_held_out(recordings, noises, tmp_path):
    output = tmp_path / "m.mfccclf"
    options = ["--output", output, "--min-familiarity", 0.01, *FAST[2:], "--epochs", 8]
    fail(
        *("train", recordings, *options),
        code=2,
        message="Name validation clips, or calibrate.",
    )
    succeed("train", recordings, *options, "--calibrate", "--other", noises)
    config = ModelFile(output).config
    assert config["limits"] == {"min_familiarity": 0.01}
    assert config["training"]["temperature"] != 1


def test_folder_without_other_clips_is_named(recordings, tmp_path):
    (tmp_path / "empty").mkdir()
    fail(
        "train",
        *(recordings, "--output", tmp_path / "m.mfccclf"),
        *("--other", tmp_path / "empty", *FAST),
        code=1,
        message="empty holds no sound files",
    )


def test_other_clips_come_from_folders_and_tables(noises, tmp_path):
    write_clip(tmp_path / "a.wav", frequency=500, seed=0)
    table = tmp_path / "others.csv"
    table.write_text("path,label\na.wav,anything\n")
    clips = load_ood_clips([noises, table])
    assert len(clips) == 9
    assert clips.paths[-1] == str(tmp_path / "a.wav")
    assert clips.name == f"{noises.name}, others.csv"
    with pytest.raises(DatasetError, match="nowhere"):
        load_ood_clips([tmp_path / "nowhere"])


@pytest.mark.parametrize("several", [(), ("--multi-label",)], ids=["one", "several"])
def test_too_few_clips_to_calibrate_are_told_before_training(tmp_path, several):
    for frequency, label in ((900, "high"), (300, "low")):
        for seed in range(2):
            path = tmp_path / "data" / label / f"{seed}.wav"
            write_clip(path, frequency=frequency, seed=seed)
    options = ["--output", tmp_path / "m.mfccclf", "--calibrate", *several]
    message = "Label 'high' has 2 clips, too few to calibrate by 3 folds"
    fail("train", tmp_path / "data", *options, *FAST, code=2, message=message)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
