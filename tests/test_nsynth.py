"""NSynth's notes: what is told apart, and what is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import fail, succeed

from mfccclf import DatasetError, load_dataset, load_model
from mfccclf.prediction import ModelFile
from mfccclf.workflows import load_more_clips

FAST = ("--epochs", "1", "--set", "hidden_sizes=[4]", "--set", "dropout=0")
INSTRUMENTS = (
    ("brass_acoustic_000", "brass", "acoustic"),
    ("organ_electronic_001", "organ", "electronic"),
    ("synth_lead_synthetic_002", "synth_lead", "synthetic"),
    ("bass_synthetic_003", "bass", "synthetic"),
)


def write_notes(folder: Path, *, first_pitch: int = 60) -> Path:
    (folder / "audio").mkdir(parents=True)
    notes = {}
    for number, (instrument, family, source) in enumerate(INSTRUMENTS):
        for pitch in (first_pitch, first_pitch + 1):
            name = f"{instrument}-{pitch:03d}-100"
            wave = np.sin(np.arange(17000) * (number + 1) * pitch / 3000)
            path = folder / "audio" / f"{name}.wav"
            soundfile.write(path, 0.5 * wave, 16000)
            notes[name] = {
                "note_str": name,
                "instrument_str": instrument,
                "instrument_family_str": family,
                "instrument_source_str": source,
            }
    (folder / "examples.json").write_text(json.dumps(notes))
    return folder


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    for number, split in enumerate(("train", "valid", "test")):
        folder = tmp_path / "notes" / f"nsynth-{split}"
        write_notes(folder, first_pitch=60 + 2 * number)
    return tmp_path / "notes"


def load(notes: Path, **choice):
    with pytest.warns(UserWarning, match="groups lie in more than one split"):
        return load_dataset(notes, **choice)


def test_labels_are_families_or_sources(notes):
    assert load(notes).classes == ["bass", "brass", "organ", "synth_lead"]
    families = load(notes, target="instrument_family")
    assert families.labels == load(notes).labels
    sources = load(notes, target="instrument_source", split="valid")
    assert sources.classes == ["acoustic", "electronic", "synthetic"]
    assert sources.target == "instrument_source"
    assert len(sources) == 8


def test_families_are_left_out_whatever_the_target(notes):
    families = load(notes, exclude=["synth_lead"])
    assert families.classes == ["bass", "brass", "organ"]
    sources = load(notes, target="instrument_source", exclude=["synth_lead"])
    assert len(sources) == len(families) == 18
    assert sources.labels.count("synthetic") == 6


def test_a_family_that_is_nearly_named_is_suggested(tmp_path):
    write_notes(tmp_path / "notes")
    message = "No clip is of 'synthlead'.*Did you mean 'synth_lead'"
    with pytest.warns(UserWarning, match=message):
        dataset = load_dataset(tmp_path / "notes", exclude=["synthlead"])
    assert len(dataset) == 8


def test_unknown_targets_and_other_layouts_are_refused(notes, recordings):
    with pytest.raises(DatasetError, match="no target 'pitch'.*instrument_source"):
        load_dataset(notes, target="pitch")
    with pytest.raises(DatasetError, match="'folders' have one kind of labels"):
        load_dataset(recordings, target="instrument_source")
    with pytest.raises(TypeError, match="'exclude' .* must be a list of names"):
        load_dataset(notes, exclude="bass")


@pytest.mark.filterwarnings("ignore:.*groups lie in more than one split")
def test_train_and_evaluate_follow_the_preset(notes, tmp_path):
    model = tmp_path / "source.mfccclf"
    text = succeed("train", notes, "-o", model, "--preset", "notes-source-blstm", *FAST)
    assert "3 labels: acoustic, electronic, synthetic" in text
    assert "6 clips" in text
    assert len(load_model(model)[-1].classes_) == 3
    assert re.search(r"clips +6\b", succeed("evaluate", model, notes))
    text = succeed("evaluate", model, notes, "--exclude", "")
    assert re.search(r"clips +8\b", text)


@pytest.mark.filterwarnings("ignore:.*groups lie in more than one split")
def test_options_come_before_the_preset(notes, tmp_path):
    arguments = ("--preset", "notes-lstm", "--target", "instrument_source", *FAST)
    text = succeed("train", notes, "-o", tmp_path / "a.mfccclf", *arguments)
    assert "on 6 clips of 3 labels" in text
    arguments = ("--preset", "notes-lstm", "--exclude", "bass,organ", *FAST)
    text = succeed("train", notes, "-o", tmp_path / "b.mfccclf", *arguments)
    assert "on 4 clips of 2 labels: brass, synth_lead" in text


def test_the_preset_leaves_other_layouts_alone(recordings, tmp_path):
    model = tmp_path / "tones.mfccclf"
    arguments = ("--preset", "notes-source-blstm", *FAST)
    assert "high, low" in succeed("train", recordings, "-o", model, *arguments)
    message = "one kind of labels"
    fail("evaluate", model, recordings, "--target", "x", code=1, message=message)


@pytest.mark.filterwarnings("ignore:.*groups lie in more than one split")
@pytest.mark.parametrize("preset", ["notes-lstm", "notes-pooled-lstm"])
def test_best_and_last_epoch_are_both_scored_and_saved(notes, tmp_path, preset):
    model = tmp_path / "notes.mfccclf"
    settings = ("--set", "hidden_sizes=[4]", "--set", "dropout=0", "--epochs", "6")
    arguments = ("--preset", preset, "--both-epochs", *settings, "--set", "lr=0.3")
    text = succeed("train", notes, "-o", model, *arguments)
    assert "Validation, best epoch accuracy" in text
    assert "Validation, last epoch accuracy" in text
    files = (model, tmp_path / "notes.other.mfccclf")
    losses = [read_loss(path) for path in files]
    scores = ModelFile(model).config["scores"]
    kept, other = ("best", "last") if preset == "notes-lstm" else ("last", "best")
    expected = [scores[f"validation, {name} epoch"]["loss"] for name in (kept, other)]
    assert losses == pytest.approx(expected, abs=1e-4)
    best = scores["validation, best epoch"]["loss"]
    assert best <= scores["validation, last epoch"]["loss"]
    history = ModelFile(model).config["history"]
    lowest = min(history, key=lambda row: row["valid_loss"])["epoch"]
    epochs = [ModelFile(path).config["training"]["kept_epoch"] for path in files]
    assert epochs == ([lowest, 6] if kept == "best" else [6, lowest])


def read_loss(model: Path) -> float:
    arguments = ("--split", "valid", "--format", "json")
    return json.loads(succeed("evaluate", model, model.parent / "notes", *arguments))[
        "loss"
    ]


def test_without_validation_clips_the_last_epoch_is_the_only_one(tmp_path):
    write_notes(tmp_path / "notes")
    model = tmp_path / "notes.mfccclf"
    arguments = ("--preset", "notes-lstm", "--both-epochs", *FAST)
    succeed("train", tmp_path / "notes", "-o", model, *arguments)
    assert not (tmp_path / "notes.other.mfccclf").exists()


def test_more_clips_have_the_target_and_the_exclusions_of_the_data(tmp_path):
    clips = load_dataset(
        write_notes(tmp_path / "real"),
        target="instrument_source",
        exclude=["synth_lead"],
    )
    rendered = write_notes(tmp_path / "rendered", first_pitch=70)
    more = load_more_clips([rendered], clips)
    assert more.classes == clips.classes == ["acoustic", "electronic", "synthetic"]
    assert len(more) == len(clips) == 6
