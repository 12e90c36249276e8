"""Evaluation and searches by the official folds of a data set."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from cli_tools import FAST, fail, run, succeed, write_clip

from mfccclf import DatasetError, load_dataset
from mfccclf.workflows import evaluate_by_folds

SMALL = """\
description: A small net, for tests.
steps:
  - name: extract
    estimator: MFCCExtractor
    parameters: {features: [mfcc], sample_rate: 16000, n_frames: null}
  - name: scale
    estimator: SequenceStandardScaler
  - name: lstm
    estimator: LSTMClassifier
    parameters: {hidden_sizes: [6], max_epochs: 10, lr: 0.02, pooling: mean}
"""


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    path = tmp_path_factory.mktemp("presets") / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A CSV file of low and high tones in three folds; fold 10 is mislabelled."""
    folder = tmp_path_factory.mktemp("folds")
    rows = ["path,label,fold"]
    for index in range(18):
        fold = ("1", "2", "10")[index % 3]
        label, frequency = (("low", 200), ("high", 3000))[index % 2]
        write_clip(folder / f"{index}.wav", frequency=frequency, seed=index)
        wrong = {"low": "high", "high": "low"}[label]
        rows.append(f"{index}.wav,{wrong if fold == '10' else label},{fold}")
    path = folder / "clips.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_each_fold_is_tested_by_a_net_that_learned_the_others(table, preset):
    result = evaluate_by_folds(preset, load_dataset(table))
    assert [fold.name for fold in result.folds] == ["1", "2", "10"]
    assert [fold.n_training_clips for fold in result.folds] == [12, 12, 12]
    assert [fold.scores["n_clips"] for fold in result.folds] == [6, 6, 6]
    # Its labels are turned round, and no net has seen it.
    assert result.folds[2].scores["accuracy"] == 0.0
    summary = result.summary()
    accuracies = [fold.scores["accuracy"] for fold in result.folds]
    assert summary["mean"]["accuracy"] == pytest.approx(np.mean(accuracies))
    assert summary["std"]["accuracy"] == pytest.approx(np.std(accuracies))
    assert summary["n_clips"] == 18


@pytest.mark.slow
def test_equal_seeds_give_equal_scores(table, preset):
    clips = load_dataset(table)
    one, two = (evaluate_by_folds(preset, clips, random_state=3) for _ in range(2))
    assert one == two


def test_command_prints_folds_mean_and_deviation(table, preset):
    result = run("evaluate", preset, table, "--folds")
    assert result.exit_code == 0, result.output
    lines = result.stdout.strip().split("\n")
    assert lines[0].split() == [
        *("fold", "clips", "accuracy", "balanced", "accuracy", "macro", "f1", "loss")
    ]
    assert [line.split()[0] for line in lines[1:]] == [
        *("1", "2", "10", "mean", "deviation")
    ]
    assert "Fold 10: accuracy 0.000 on 6 clips, trained on 12." in result.stderr
    as_json = succeed("evaluate", preset, table, "--folds", "--format", "json")
    summary = json.loads(as_json)
    assert summary["n_folds"] == 3
    assert [fold["fold"] for fold in summary["folds"]] == ["1", "2", "10"]
    assert f"{summary['mean']['accuracy']:.3f}" in lines[4]


@pytest.mark.slow
def test_a_models_settings_are_trained_anew(table, recordings, preset, tmp_path):
    model = tmp_path / "model.mfccclf"
    succeed("train", recordings, "--output", model, "--preset", preset)
    by_model = succeed("evaluate", model, table, "--folds", "--format", "json")
    by_preset = succeed("evaluate", preset, table, "--folds", "--format", "json")
    assert json.loads(by_model) == json.loads(by_preset)


def test_bad_clips_are_listed_or_left_out(table, preset, tmp_path):
    rows = table.read_text().splitlines()
    text = [f"{table.parent}/{row}" for row in rows[1:]]
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(8000), 16000)
    both = tmp_path / "clips.csv"
    more = [f"{silent},low,1", "gone.wav,high,2"]
    both.write_text("\n".join([rows[0], *text, *more]) + "\n")
    result = run("evaluate", preset, both, "--folds")
    assert result.exit_code == 1
    assert "Error: 2 of 20 clips cannot be used:" in result.stderr
    kept = succeed(
        "evaluate", preset, both, "--folds", "--skip-bad", "--format", "json"
    )
    summary = json.loads(kept)
    assert (summary["n_clips"], summary["n_skipped"]) == (18, 2)


def test_data_without_folds_are_refused(recordings, preset):
    message = "has no official folds. Name a collection that has"
    fail("evaluate", preset, recordings, "--folds", code=1, message=message)


def test_label_of_one_fold_alone_is_refused(table, preset, tmp_path):
    rows = table.read_text().splitlines()
    text = [f"{table.parent}/{row}" for row in rows[1:]]
    text[0] = text[0].replace(",low,", ",middle,")
    (tmp_path / "clips.csv").write_text("\n".join([rows[0], *text]) + "\n")
    clips = load_dataset(tmp_path / "clips.csv")
    with pytest.raises(DatasetError, match="clips of middle in one fold alone"):
        evaluate_by_folds(preset, clips)


def test_folds_do_not_go_with_a_split(table, preset):
    message = "leave out --split, limits and --report"
    arguments = ("--folds", "--split", "test")
    fail("evaluate", preset, table, *arguments, code=2, message=message)


def fold_names(output):
    results = json.loads((output.with_suffix(".search") / "results.json").read_text())
    return results["folds"]


@pytest.mark.parametrize(
    "cv", [[], pytest.param(["--cv", "folds"], marks=pytest.mark.slow)]
)
def test_searches_take_official_folds(table, preset, cv, tmp_path):
    output = tmp_path / "model.mfccclf"
    options = ["--preset", preset, "--param", "lstm__lr=0.01", *FAST[:1], "1", *cv]
    succeed("grid-search", table, "--output", output, *options)
    assert sorted(fold_names(output)) == ["1", "10", "2"]


@pytest.mark.slow
def test_a_number_of_folds_goes_before_official_folds(table, preset, tmp_path):
    output = tmp_path / "model.mfccclf"
    options = ["--preset", preset, "--param", "lstm__lr=0.01", "--epochs", "1"]
    succeed("grid-search", table, "--output", output, "--cv", "2", *options)
    assert fold_names(output) == ["1", "2"]


def test_searches_refuse_folds_that_are_not_there(recordings, preset, tmp_path):
    options = ["--preset", preset, "--param", "lstm__lr=0.01", "--cv", "folds"]
    output = tmp_path / "model.mfccclf"
    message = "has no official folds. Add a column 'fold'"
    arguments = ("grid-search", recordings, "--output", output, *options)
    fail(*arguments, code=1, message=message)
