"""The published systems for single notes: their layers, counts and training."""

from __future__ import annotations

import numpy as np
import pytest
from cli_tools import succeed

from mfccclf import make_pipeline
from mfccclf.presets import load_preset
from mfccclf.synthesis.notes import general_midi
from mfccclf.workflows import describe

FAMILIES = ["bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ"]
FAMILIES += ["reed", "string", "vocal"]
SOURCES = ["acoustic", "electronic", "synthetic"]
WIDE = {"lr": 0.001, "batch_size": 1024, "max_epochs": 30, "keep": "last"}
LONG = {"lr": 0.0008, "batch_size": 32, "max_epochs": 20, "keep": "best"}


@pytest.mark.parametrize(
    ("name", "system", "classes", "shape", "keras_count", "torch_count", "training"),
    [
        ("notes-lstm", "B", FAMILIES, (100, 160), 412_426, 413_962, LONG),
        ("notes-blstm", "C", FAMILIES, (100, 160), 1_086_986, 1_090_058, LONG),
        ("notes-pooled-lstm", "D", FAMILIES, (100, 20), 850_762, 852_810, WIDE),
        ("notes-pooled-blstm", "E", FAMILIES, (100, 20), 588_618, 590_666, WIDE),
        ("notes-source-blstm", "F", SOURCES, (100, 20), 629_251, 631_299, WIDE),
    ],
)
def test_presets_are_the_published_systems(
    name, system, classes, shape, keras_count, torch_count, training
):
    preset = load_preset(name)
    assert preset.system == system
    assert list(preset.classes) == classes
    description = describe(name)
    assert description.input_shape == shape
    assert description.net.n_parameters == keras_count
    assert description.net.n_parameters_torch == torch_count
    settings = make_pipeline(name)[-1].get_params()
    assert {key: settings[key] for key in training} == training
    assert settings["optimizer"] == "adam"


def test_describe_prints_both_counts_where_they_differ():
    text = succeed("describe", "notes-lstm")
    assert "412,426 (one bias vector per LSTM cell, as Keras counts)" in text
    assert "413,962 (two bias vectors per LSTM cell, as torch counts)" in text


def test_our_preset_hears_the_sound_alone(tone):
    """Silence around a note, as NSynth's layout has it, and its level count nothing."""
    extractor = make_pipeline("notes")[0]
    note = np.pad(tone(1.0, sample_rate=16000), (0, 4000))
    X = extractor.transform([note])
    padded = np.concatenate([note, np.zeros(40000, np.float32)])
    np.testing.assert_array_equal(extractor.transform([padded]), X)
    np.testing.assert_allclose(extractor.transform([note / 4]), X, atol=2e-3, rtol=1e-4)


def test_describe_says_that_a_model_of_the_presets_name_is_shipped():
    assert "mfccclf predict --model notes" in succeed("describe", "notes")
    assert "--model" not in succeed("describe", "notes-lstm")


def test_our_preset_knows_the_families_of_general_midi():
    assert list(load_preset("notes").classes) == list(general_midi.FAMILIES)
