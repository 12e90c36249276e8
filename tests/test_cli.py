"""The commands, as a user meets them: exit codes, stdout and stderr."""

from __future__ import annotations

import csv
import io
import json
import shlex
import subprocess
import sys

import numpy as np
import pytest
from cli_tools import FAST, fail, run, succeed, write_clip

from mfccclf import __version__


def test_version():
    assert succeed("--version") == f"mfccclf {__version__}\n"


def test_help_names_every_command():
    text = succeed("--help")
    for command in ("predict", "train", "evaluate", "extract", "models", "describe"):
        assert command in text


def test_train_ends_with_the_command_that_predicts(recordings, trained):
    path, printed = trained
    command = shlex.split(printed.strip().splitlines()[-1])
    assert command[:2] == ["mfccclf", "predict"]
    assert command[-2:] == ["--model", str(path)]
    assert succeed(*command[1:]).startswith(command[2])


def test_train_reports_scores_parameters_and_size(trained):
    _, printed = trained
    assert "12 clips of 2 labels: high, low" in printed
    assert "Training accuracy" in printed
    assert "parameters" in printed


def test_predict_tells_tones_apart(trained, recordings):
    path, _ = trained
    low, high = recordings / "low" / "0.wav", recordings / "high" / "0.wav"
    lines = succeed("predict", low, high, "--model", path).splitlines()
    assert lines[0].startswith(f"{low}: low (")
    assert lines[1].startswith(f"{high}: high (")


def test_predict_json_keeps_the_contract(trained, recordings):
    path, _ = trained
    clip = recordings / "low" / "0.wav"
    line = succeed("predict", clip, "--model", path, "--format", "json")
    record = json.loads(line)
    assert list(record) == [
        *("file", "label", "labels", "scores", "model", "duration_s"),
        "familiarity",
    ]
    assert record["file"] == str(clip)
    assert record["labels"] == [record["label"]] == ["low"]
    assert sum(record["scores"].values()) == pytest.approx(1)
    assert record["duration_s"] == pytest.approx(0.7)


def test_predict_csv_has_a_column_per_label(trained, recordings):
    path, _ = trained
    clip = recordings / "high" / "0.wav"
    text = succeed("predict", clip, "--model", path, "--format", "csv")
    header, row = csv.reader(io.StringIO(text))
    assert header == ["file", "label", "high", "low"]
    assert row[1] == "high"


def test_predict_top_ranks_labels(trained, recordings):
    path, _ = trained
    clip = recordings / "low" / "0.wav"
    line = succeed("predict", clip, "--model", path, "--top", "2")
    assert line.index("low (") < line.index("high (")


def test_one_bad_file_does_not_stop_the_others(trained, recordings, tmp_path):
    path, _ = trained
    bad = tmp_path / "bad.au"
    bad.write_text("this is no sound")
    good = recordings / "low" / "0.wav"
    result = fail("predict", bad, good, "--model", path, code=1, message=str(bad))
    assert result.stdout.startswith(f"{good}: low (")
    assert len(result.stderr.strip().splitlines()) == 1


def test_unknown_model_is_refused(recordings):
    fail(
        "predict",
        recordings / "low" / "0.wav",
        "--model",
        "nmaes",
        code=1,
        message="nmaes",
    )


def test_train_with_equal_seeds_gives_equal_scores(recordings, tmp_path):
    first, again, other = (tmp_path / f"{n}.mfccclf" for n in range(3))
    for path, seed in ((first, 0), (again, 0), (other, 1)):
        options = ["--epochs", 3, *FAST[2:], "--seed", seed]
        succeed("train", recordings, "--output", path, *options)
    clip = recordings / "low" / "3.wav"

    def scores(model):
        line = succeed("predict", clip, "--model", model, "--format", "json")
        return json.loads(line)["scores"]

    assert scores(again) == scores(first)
    assert scores(other) != scores(first)


def test_train_watches_validation_clips(recordings, tmp_path):
    output = tmp_path / "m.mfccclf"
    printed = succeed(
        "train", recordings, "--validation", recordings, "--output", output, *FAST
    )
    assert "Validation accuracy" in printed


@pytest.mark.parametrize(
    ("extra", "code", "message"),
    [
        (["--preset", "nmes-lstm"], 2, "no preset 'nmes-lstm'"),
        (["--set", "hidden_size=[8]"], 2, "'hidden_sizes'"),
        (["--set", "lr"], 2, "KEY=VALUE"),
        (["--set", "pooling=meen"], 2, "'mean'"),
        (["--layout", "folder"], 2, "'folders'"),
        (["--validation", "no such folder"], 1, "no such folder"),
    ],
)
def test_train_refuses_misuse_and_writes_nothing(
    recordings, tmp_path, extra, code, message
):
    output = tmp_path / "m.mfccclf"
    fail("train", recordings, "--output", output, *extra, code=code, message=message)
    assert list(tmp_path.iterdir()) == []


def test_train_refuses_an_output_of_another_kind(recordings, tmp_path):
    fail(
        "train",
        recordings,
        "--output",
        tmp_path / "m.zip",
        code=2,
        message="must end in .mfccclf",
    )


def test_train_lists_every_fault_of_the_data(tmp_path):
    for name in ("a/1.wav", "b/1.wav"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"not a sound")
    result = fail(
        "train",
        tmp_path / "data",
        "--output",
        tmp_path / "m.mfccclf",
        code=1,
        message="1.wav",
    )
    assert result.stderr.count("1.wav") == 2


def test_train_needs_two_labels(recordings, tmp_path):
    folder = tmp_path / "data" / "low"
    write_clip(folder / "0.wav", frequency=200, seed=0)
    fail(
        "train",
        folder.parent,
        "--output",
        tmp_path / "m.mfccclf",
        code=1,
        message="two classes or more",
    )


def test_evaluate_json_keeps_the_contract(trained, recordings):
    path, _ = trained
    result = run("evaluate", path, recordings, "--format", "json")
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)
    assert set(scores) == {
        "n_clips",
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "loss",
        "per_class",
        "confusion",
        "classes",
    }
    assert scores["n_clips"] == 12
    assert scores["accuracy"] == 1.0
    assert scores["confusion"] == [[6, 0], [0, 6]]


def test_evaluate_warns_of_clips_seen_in_training(trained, recordings):
    path, _ = trained
    result = run("evaluate", path, recordings)
    assert "trained on" in result.stderr
    assert "accuracy" in result.stdout.lower()


def test_evaluate_names_labels_the_model_does_not_know(trained, tmp_path):
    path, _ = trained
    for label in ("low", "middle"):
        write_clip(tmp_path / label / "0.wav", frequency=600, seed=1)
    fail("evaluate", path, tmp_path, code=1, message="middle")


def test_evaluate_names_a_split_that_is_not_there(trained, recordings):
    path, _ = trained
    fail("evaluate", path, recordings, "--split", "test", code=1, message="test")


def test_extract_writes_features_with_labels(recordings, tmp_path):
    output = tmp_path / "features.npz"
    printed = succeed("extract", recordings, "--features", "14", "--output", output)
    assert "12 clips" in printed
    with np.load(output) as arrays:
        assert arrays["X"].shape == (12, 128, 14)
        assert arrays["X"].dtype == np.float32
        assert sorted(set(arrays["y"])) == ["high", "low"]
        assert arrays["feature_names"][13] == "centroid"
        assert json.loads(str(arrays["parameters"]))["sample_rate"] == 22050


def test_extract_takes_blocks_by_name(recordings, tmp_path):
    output = tmp_path / "features.npz"
    succeed("extract", recordings, "--features", "mfcc,contrast", "--output", output)
    with np.load(output) as arrays:
        assert arrays["X"].shape[2] == 20


def test_extract_refuses_an_unknown_block(recordings, tmp_path):
    fail(
        "extract",
        recordings,
        "--features",
        "mfc",
        "--output",
        tmp_path / "f.npz",
        code=2,
        message="mfcc",
    )


def test_models_lists_models_and_presets():
    text = succeed("models")
    assert "names" in text
    assert "James, Jennifer, Linda, Maria, Patricia" in text
    assert "names-lstm-added" in text


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["names-lstm"], "103,717"),
        (["names-lstm-added"], "113,342"),
        (["names-lstm-14"], "81,299"),
        (["names-lstm-added", "--set", "features=14"], "103,614"),
    ],
)
def test_describe_counts_the_published_parameters(arguments, count):
    assert count in succeed("describe", *arguments)


def test_describe_names_the_layers_of_a_preset():
    text = succeed("describe", "names-lstm")
    assert "82,944" in text
    assert "20,608" in text
    assert "128, 33" in text


def test_describe_tells_what_a_model_file_holds(trained):
    path, _ = trained
    text = succeed("describe", path)
    assert "high, low" in text
    assert "16000 Hz" in text


def test_describe_of_an_unknown_name_suggests_one():
    fail("describe", "names-lst", code=1, message="names-lstm")


def test_export_writes_an_onnx_file(trained, tmp_path):
    path, _ = trained
    output = tmp_path / "net.onnx"
    succeed("export", path, "--onnx", output)
    assert output.stat().st_size > 1000


def test_debug_shows_the_traceback(recordings):
    result = run("--debug", "predict", "none.wav", "--model", "nmaes")
    assert result.exception is not None
    assert "nmaes" in str(result.exception)


def test_script_runs_as_a_process(trained, recordings):
    path, _ = trained
    clip = recordings / "low" / "0.wav"
    command = [sys.executable, "-m", "mfccclf", "predict", clip, "--model", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert f"{clip}: low (" in done.stdout


def test_closed_pipe_is_no_error(trained, recordings):
    path, _ = trained
    clips = " ".join(shlex.quote(str(clip)) for clip in recordings.rglob("*.wav"))
    command = f"{sys.executable} -m mfccclf predict {clips} --model '{path}' | true"
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
