"""Annotated recordings on the command line, and the way round through `predict`."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from cli_tools import FAST, fail, run, succeed

from mfccclf import Predictor

RATE = 16000
TONES = {"low": 200, "high": 2000}


def write_recording(path, events, seconds=12, seed=0):
    """Write faint noise with tones at some seconds, as (start, end, label)."""
    rng = np.random.default_rng(seed)
    time = np.arange(seconds * RATE) / RATE
    wave = 0.003 * rng.standard_normal(len(time))
    for start, end, label in events:
        part = slice(round(start * RATE), round(end * RATE))
        pitch = TONES[label] * rng.uniform(0.95, 1.05)
        wave[part] += 0.3 * np.sin(2 * np.pi * pitch * time[part])
    soundfile.write(path, wave, RATE)


def write_track(path, events):
    path.write_text(
        "".join(f"{start}\t{end}\t{label}\n" for start, end, label in events)
    )


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    """Three recordings with label tracks."""
    folder = tmp_path_factory.mktemp("field")
    for number in range(3):
        labels = ["low", "high", "low", "high", "high"][number:] + ["low"] * number
        events = [(2 * i + 1, 2 * i + 2, label) for i, label in enumerate(labels)]
        write_recording(folder / f"{number}.wav", events, seed=number)
        write_track(folder / f"{number}.txt", events)
    return folder


@pytest.fixture(scope="module")
def model(field, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tones.mfccclf"
    succeed("train", field, "-o", path, "--other-unlabelled", *FAST)
    return path


def test_train_learns_from_stretches_and_unlabelled_time(model):
    facts = Predictor(model).config["training"]
    assert facts["n_other_clips"] == 21


def test_evaluate_scores_stretches(model, field):
    scores = json.loads(succeed("evaluate", model, field, "--format", "json"))
    assert (scores["n_clips"], scores["accuracy"]) == (15, 1.0)
    one = json.loads(succeed("evaluate", model, field / "0.txt", "--format", "json"))
    assert one["n_clips"] == 5


def test_predict_takes_a_stretch(model, field):
    printed = succeed("predict", f"{field}/0.wav#t=1,2", "--model", model)
    assert printed.startswith(f"{field}/0.wav#t=1,2: low (")


def test_extract_keeps_stretches_and_train_reads_them_again(field, tmp_path):
    features = tmp_path / "x.npz"
    succeed("extract", field, "-o", features, "--window", 1, "--unlabelled", "none")
    with np.load(features) as held:
        assert held["X"].shape[0] == 36
        assert held["paths"][1].endswith("0.wav#t=1,2")
        assert set(held["y"]) == {"low", "high", "none"}
        assert len(set(held["groups"])) == 3


def test_inspect_counts_stretches(field):
    printed = succeed("dataset", "inspect", field, "--window", 2, "--overlap", 0.4)
    assert "15 clips, layout 'annotations'" in printed
    assert "Groups: 3" in printed


def test_grid_search_keeps_recordings_apart(field, tmp_path):
    output = tmp_path / "best.mfccclf"
    succeed(
        *("grid-search", field, "-o", output, "--cv", "groups", "--epochs", 1),
        *("--set", "hidden_sizes=[4]", "--set", "conv_channels=[4]"),
        *("--param", "lstm__lr=0.01"),
    )
    assert output.exists()


@pytest.mark.parametrize("form", ["audacity", "raven", "jams", "csv"])
def test_predictions_are_corrected_and_learned_from(model, field, tmp_path, form):
    events = [(0, 1, "low"), (2, 3, "high"), (4, 5, "low"), (6, 7, "high")]
    song = tmp_path / "song.wav"
    write_recording(song, events, seconds=8, seed=9)
    ending = "jams" if form == "jams" else "txt"
    table = tmp_path / f"song.{ending}"
    succeed(
        *("predict", song, "--model", model, "--window", 1, "--format", form),
        *("--min-confidence", 0, "-o", table),
    )
    text = table.read_text()
    assert text.count("low") >= 2
    table.write_text(text.replace("high", "whistle"))
    output = tmp_path / "m.mfccclf"
    printed = succeed("train", table, "-o", output, *FAST[2:], "--epochs", 1)
    assert "2 labels: low, whistle" in printed


def test_the_least_sure_windows_are_labelled_and_learned_from(model, field, tmp_path):
    table = tmp_path / "next.csv"
    songs = [field / "0.wav", field / "1.wav"]
    succeed(
        *("predict", *songs, "--model", model, "--window", 1, "--unsure-first"),
        *("--first", 6, "--format", "csv", "-o", table),
    )
    header, *rows = table.read_text().splitlines()
    assert header == "file,start_s,end_s,label,high,low,sureness"
    assert [row.split(",")[-1] for row in rows] == sorted(
        row.split(",")[-1] for row in rows
    )
    answers = ["low", "high"] * 3
    for row, answer in zip(rows, answers, strict=True):
        file, start, end, _, *rest = row.split(",")
        corrected = ",".join([file, start, end, answer, *rest])
        table.write_text(table.read_text().replace(row, corrected))
    output = tmp_path / "m.mfccclf"
    succeed("train", field, "--also", table, "-o", output, *FAST[2:], "--epochs", 1)
    assert Predictor(output).config["training"]["n_more_clips"] == 6


def test_options_of_cutting_need_annotations(recordings, tmp_path):
    output = tmp_path / "m.mfccclf"
    message = "has no annotations with times, so it cannot be cut"
    fail("train", recordings, "-o", output, "--window", 1, code=1, message=message)
    message = "so no time in it is known to have no label"
    fail(
        "train", recordings, "-o", output, "--other-unlabelled", code=1, message=message
    )


def test_unlabelled_time_is_not_used_twice(field, tmp_path):
    fail(
        *("train", field, "-o", tmp_path / "m.mfccclf"),
        *("--other-unlabelled", "--unlabelled", "none"),
        code=2,
        message="but not both. Leave out --unlabelled or --other-unlabelled",
    )


def test_validation_and_more_need_no_annotations(field, recordings, tmp_path):
    result = run(
        *("train", field, "-o", tmp_path / "m.mfccclf", "--window", 1),
        *("--validation", recordings, "--also", recordings, *FAST[2:], "--epochs", 1),
    )
    assert result.exit_code == 0, result.output


def test_faults_of_a_table_end_with_exit_code_1(field, tmp_path):
    (tmp_path / "0.wav").write_bytes((field / "0.wav").read_bytes())
    (tmp_path / "0.txt").write_text("1\t0\tlow\n2\t3\t\n")
    result = fail("evaluate", "names", tmp_path / "0.txt", code=1, message="2 problems")
    assert "Line 1 ends at 0 s, before its start at 1 s" in result.stderr
    assert "Line 2 has no label. Give it one" in result.stderr
