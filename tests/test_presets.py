"""Presets: the shipped ones, and YAML files of your own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mfccclf import make_pipeline
from mfccclf.presets import list_presets, load_preset

NAMES = ("James", "Jennifer", "Linda", "Maria", "Patricia")


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_preset_reads_and_describes_itself():
    for name in list_presets():
        preset = load_preset(name)
        assert preset.name == name
        assert preset.description
        assert preset.steps[0].name == "extract"


@pytest.mark.parametrize(
    ("name", "hidden_sizes", "features"),
    [
        ("names-lstm", [128, 32], 33),
        ("names-lstm-added", [128, 33, 33], 33),
        ("names-lstm-14", [128, 14], 14),
    ],
)
def test_names_presets_hold_the_published_settings(name, hidden_sizes, features):
    preset = load_preset(name)
    extract, lstm = preset.steps
    assert preset.classes == NAMES
    assert extract.parameters["features"] == features
    assert extract.parameters["n_frames"] == 128
    published = {
        "hidden_sizes": hidden_sizes,
        "input_dropout": 0.05,
        "recurrent_dropout": 0.35,
        "lr": 0.001,
        "batch_size": 25,
        "max_epochs": 400,
        "pooling": "last",
        "optimizer": "adam",
        "keep": "last",
    }
    assert lstm.parameters == published


def test_unknown_preset_suggests_the_nearest():
    with pytest.raises(ValueError, match=r"no preset 'name-lstm'.*'names-lstm'"):
        load_preset("name-lstm")


def test_own_preset_is_read_from_a_yaml_file(tmp_path):
    path = write(
        tmp_path,
        "description: Mine.\nsteps:\n"
        "  - {name: extract, estimator: MFCCExtractor}\n"
        "  - {name: lstm, estimator: LSTMClassifier, parameters: {lr: 0.01}}\n",
    )
    preset = load_preset(path)
    assert preset.name == "mine"
    assert preset.steps[1].parameters == {"lr": 0.01}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no list of 'steps'"),
        ("steps: 3", "has no list of 'steps'"),
        ("[1, 2]", "has no list of 'steps'"),
        ("steps: [a", "not valid YAML"),
        ("steps: [a]", "a step must be a mapping"),
        ("steps: [{name: x}]", "a step has no 'estimator'"),
        ("stepz: []\nsteps: []", "unknown key 'stepz'.*Did you mean 'steps'"),
        (
            "steps: [{name: x, estimator: Y, parameters: [1]}]",
            "'parameters' of step 'x' must be a mapping",
        ),
        (
            "steps: [{name: x, estimator: Y, params: {}}]",
            "unknown key 'params'.*Did you mean 'parameters'",
        ),
    ],
)
def test_bad_preset_file_is_named_with_its_fault(tmp_path, text, message):
    path = write(tmp_path, text)
    with pytest.raises(ValueError, match=rf"(?s)mine\.yaml.*{message}"):
        load_preset(path)


def test_missing_preset_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"none\.yaml cannot be read"):
        load_preset(tmp_path / "none.yaml")


def test_yaml_cannot_build_python_objects(tmp_path):
    path = write(tmp_path, "steps: !!python/object/apply:os.getcwd []")
    with pytest.raises(ValueError, match="not valid YAML"):
        load_preset(path)


def test_features_without_a_preset_are_those_of_the_former_default():
    with pytest.warns(UserWarning, match="'scratch', which has, is used"):
        pipeline = make_pipeline(features=["mfcc"], n_mels=40)
    assert pipeline["extract"].n_mels == 40


def test_parameters_of_the_default_leave_it_the_default(recwarn):
    pipeline = make_pipeline(max_epochs=3, hidden_sizes=(8,))
    assert type(pipeline["extract"]).__name__ == "PretrainedEmbedding"
    assert not recwarn


def test_a_parameter_of_no_preset_is_refused_by_the_default():
    with pytest.raises(ValueError, match="No step of this pipeline has a parameter"):
        make_pipeline(features=["mfcc"], no_such=1)
