"""Train and test on multilabel data, by the commands."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from cli_tools import fail, run, succeed

FAST = ["--epochs", "8", "--set", "channels=[4]", "--set", "lr=0.02"]
CNN = ["--preset", "polyphonic-cnn", *FAST]


def write_mixture(path, labels, seed):
    rng = np.random.default_rng(seed)
    time = np.arange(8000) / 16000
    wave = 0.02 * rng.standard_normal(len(time))
    for label, frequency in (("low", 200), ("high", 3000)):
        wave += 0.3 * (label in labels) * np.sin(2 * np.pi * frequency * time)
    soundfile.write(path, wave, 16000)


@pytest.fixture(scope="module")
def mixtures(tmp_path_factory):
    """A CSV file of 18 mixtures of two tones, a third of them for validation."""
    folder = tmp_path_factory.mktemp("mixtures")
    rows = ["path,label,split,group"]
    for index in range(18):
        labels = (("low",), ("high",), ("low", "high"))[index % 3]
        write_mixture(folder / f"{index}.wav", labels, index)
        split = ("train", "train", "validation", "test")[index // 6 + (index > 14)]
        rows.append(f"{index}.wav,{';'.join(labels)},{split},{index // 3}")
    table = folder / "labels.csv"
    table.write_text("\n".join(rows) + "\n")
    return table


@pytest.fixture(scope="module")
def trained(mixtures):
    model = mixtures.parent / "tones.mfccclf"
    return model, succeed("train", mixtures, "--output", model, *CNN)


def test_training_prints_multilabel_scores(trained):
    _, printed = trained
    assert "Validation macro F1" in printed
    assert "naming every label" in printed


def test_several_labels_are_predicted(trained, mixtures):
    model, _ = trained
    record = json.loads(
        succeed(
            "predict", mixtures.parent / "2.wav", "--model", model, "--format", "json"
        )
    )
    assert sorted(record["labels"]) == ["high", "low"]
    assert min(record["scores"].values()) > 0


def test_evaluate_prints_what_the_contract_says(trained, mixtures):
    model, _ = trained
    result = json.loads(succeed("evaluate", model, mixtures, "--format", "json"))
    assert result["n_clips"] == 3
    assert {"micro_f1", "map", "lrap", "exact_match"} <= set(result)
    assert result["classes"] == ["high", "low"]
    text = succeed("evaluate", model, mixtures, "--split", "all")
    assert "naming every label" in text


def test_single_labels_can_be_learned_as_independent(recordings, tmp_path):
    model = tmp_path / "model.mfccclf"
    succeed("train", recordings, "--output", model, "--multi-label", *CNN)
    result = json.loads(succeed("evaluate", model, recordings, "--format", "json"))
    assert "exact_match" in result
    assert "multilabel" in run("describe", model).stdout


def test_a_single_label_model_cannot_be_tested_on_several(
    mixtures, recordings, tmp_path
):
    model = tmp_path / "model.mfccclf"
    succeed("train", recordings, "--output", model, *CNN)
    message = "has clips of several labels, but the model"
    fail("evaluate", model, mixtures, code=1, message=message)


def test_labels_missing_in_training_are_named(mixtures, tmp_path):
    table = mixtures.with_name("other.csv")
    table.write_text("path,label\n0.wav,low;deep\n")
    arguments = ["train", mixtures, "--output", tmp_path / "m.mfccclf", *CNN]
    fail(
        *arguments,
        "--validation",
        table,
        code=1,
        message="have labels that no training clip has: deep",
    )
