"""What ``dataset inspect --sound`` tells of the clips."""

from __future__ import annotations

import json

import joblib
import numpy as np
import pytest
import soundfile
from cli_tools import fail, run, succeed, write_clip

from mfccclf import load_dataset
from mfccclf.datasets.clip_sound import measure_sound
from mfccclf.plots import plot_data_set
from mfccclf.workflows import inspect_sound, sound_inspection

SOUND = ("--sound", "--preset", "scratch")


def sine(seconds=0.5, *, amplitude=0.5, rate=16000):
    time = np.arange(round(seconds * rate)) / rate
    return amplitude * np.sin(2 * np.pi * 440 * time)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two labels, two rates, one clip in stereo, one clipped, two bad, one twice."""
    root = tmp_path_factory.mktemp("sound")
    for name in ("low", "high"):
        (root / name).mkdir()
    for index in range(3):
        write_clip(root / "low" / f"{index}.wav", frequency=200, seed=index)
    soundfile.write(root / "high" / "clipped.wav", np.clip(3 * sine(), -1, 1), 16000)
    stereo = np.stack([sine(rate=8000), 0.5 * sine(rate=8000)], axis=1)
    soundfile.write(root / "high" / "stereo.wav", stereo, 8000)
    wave, rate = soundfile.read(root / "low" / "0.wav", dtype="int16")
    soundfile.write(root / "high" / "copy.flac", wave, rate, subtype="PCM_16")
    soundfile.write(root / "low" / "silent.wav", np.zeros(8000), 16000)
    soundfile.write(root / "high" / "short.wav", sine(0.01), 16000)
    return root


@pytest.fixture(scope="module")
def facts(folder):
    result = run("dataset", "inspect", folder, *SOUND, "--format", "json")
    assert result.exit_code == 1
    summary = json.loads(result.stdout)
    assert summary["n_clips"] == 8
    return summary["sound"]


def test_measures_of_a_sine(tmp_path):
    path = tmp_path / "sine.wav"
    soundfile.write(path, sine(1.0), 16000)
    sound = measure_sound(path)
    assert (sound.encoding, sound.sample_rate, sound.n_channels) == (
        *("WAV PCM_16", 16000),
        1,
    )
    assert sound.duration_s == 1.0
    assert sound.peak_db == pytest.approx(-6.02, abs=0.01)
    assert sound.level_db == pytest.approx(-9.03, abs=0.01)
    assert sound.clipped == 0.0


def test_share_of_clipped_samples(tmp_path):
    wave = sine(1.0)
    wave[100:110] = 1.0
    wave[200] = -1.0
    wave[300:302] = 1.0
    path = tmp_path / "clipped.wav"
    soundfile.write(path, wave, 16000)
    # A single sample or two at full scale are no clipping.
    assert measure_sound(path).clipped == 10 / 16000


def test_the_sound_decides_not_the_file(tmp_path):
    paths = [tmp_path / name for name in ("a.wav", "a.flac", "b.wav", "c.wav")]
    wave = np.round(32767 * sine()).astype(np.int16)
    soundfile.write(paths[0], wave, 16000)
    soundfile.write(paths[1], wave, 16000)
    soundfile.write(paths[2], wave, 22050)
    soundfile.write(paths[3], wave + 1, 16000)
    sounds = [measure_sound(path).sound for path in paths]
    assert sounds[0] == sounds[1]
    assert len(set(sounds)) == 3


def test_bad_clips_are_those_that_training_refuses(folder, facts, tmp_path):
    output = tmp_path / "model.mfccclf"
    result = run("train", folder, "--preset", "scratch", "--output", output)
    assert result.exit_code == 1
    told = {one["problem"] for one in facts["bad"]}
    assert facts["n_bad"] == len(told) == 2
    assert all(f"  - {problem}\n" in result.stderr for problem in told)
    assert {one["label"] for one in facts["bad"]} == {"low", "high"}


def test_the_list_is_the_same_without_format(folder):
    result = run("dataset", "inspect", folder, *SOUND)
    assert result.exit_code == 1
    assert "Error: 2 of 8 clips cannot be used:" in result.stderr
    assert "Error: 1 set of clips has the same sound" in result.stderr
    out = result.stdout
    assert "Sample rates: 16000 Hz (5), 8000 Hz (1)" in out
    assert "Channels: 1 (5), 2 (1)" in out
    assert "Encodings: WAV PCM_16 (5), FLAC PCM_16 (1)" in out
    assert "Clipped: 1\n" in out
    assert "copy.flac (high), " in out
    assert "low/0.wav (low); differ in label" in out


def test_lengths_and_levels(facts):
    assert facts["duration_s"]["max"] == pytest.approx(0.7)
    assert facts["duration_s"]["total"] == pytest.approx(4 * 0.7 + 2 * 0.5)
    assert facts["duration_s_per_class"]["low"]["min"] == pytest.approx(0.7)
    assert facts["sample_rates"] == {"16000": 5, "8000": 1}
    assert facts["peak_db"]["max"] == pytest.approx(0, abs=0.01)
    (clipped,) = facts["clipped"]
    assert clipped["path"].endswith("clipped.wav")
    assert 0.1 < clipped["share"] < 0.9


def test_duplicates_name_what_they_differ_in(facts):
    (found,) = facts["duplicates"]
    assert sorted(found["labels"]) == ["high", "low"]
    assert found["differ_in"] == ["label"]
    assert found["splits"] is None


def test_duplicates_within_a_label_are_no_error(tmp_path):
    for name in ("low/1.wav", "low/2.wav"):
        write_clip(tmp_path / name, frequency=200, seed=1)
    write_clip(tmp_path / "high" / "1.wav", frequency=3000, seed=1)
    out = succeed("dataset", "inspect", tmp_path, *SOUND)
    assert "The same sound: 1\n" in out
    assert "differ" not in out


def test_duplicates_across_splits_are_an_error(tmp_path):
    for split in ("train", "test"):
        for seed, label in enumerate(("low", "high")):
            path = tmp_path / split / label / "1.wav"
            write_clip(path, frequency=200 + seed, seed=seed)
    message = "2 sets of clips have the same sound under several labels or in several"
    fail("dataset", "inspect", tmp_path, *SOUND, code=1, message=message)


def test_doubtful_clips_are_told(tmp_path):
    path = write_clip(tmp_path / "low" / "1.wav", frequency=200, seed=1)
    write_clip(tmp_path / "high" / "1.wav", frequency=3000, seed=1)
    path.write_bytes(path.read_bytes()[:12000])
    out = succeed("dataset", "inspect", tmp_path, *SOUND)
    assert "Doubtful: 1\n" in out
    assert "1.wav is cut short or damaged" in out


def test_short_clips_depend_on_the_preset(tmp_path):
    write_clip(tmp_path / "a" / "1.wav", frequency=200, seed=1, seconds=0.05)
    write_clip(tmp_path / "b" / "1.wav", frequency=900, seed=1, seconds=0.05)
    succeed("dataset", "inspect", tmp_path, *SOUND)
    options = ("--sound", "--preset", "names-lstm")
    message = "2 of 2 clips cannot be used"
    fail("dataset", "inspect", tmp_path, *options, code=1, message=message)


def test_tasks_find_the_same_as_one(folder, monkeypatch):
    clips = load_dataset(folder, keep_bad=True, check=False)
    alone = inspect_sound(clips, preset="scratch")
    monkeypatch.setattr(sound_inspection, "_CHUNK", 3)
    done = []
    with joblib.parallel_config("threading", n_jobs=2):
        shared = inspect_sound(
            clips, preset="scratch", on_progress=lambda *now: done.append(now)
        )
    assert shared == alone
    assert done == [(3, 8), (6, 8), (8, 8)]


def test_picture(folder, tmp_path):
    path = tmp_path / "data.png"
    result = run("dataset", "inspect", folder, *SOUND, "--plot", path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert f"Picture: {path}" in result.stderr


def test_picture_without_sound_or_with_another_ending_is_refused(folder, tmp_path):
    arguments = ("dataset", "inspect", folder, "--plot")
    fail(*arguments, tmp_path / "data.png", code=2, message="--plot needs --sound")
    path = tmp_path / "data.jpg"
    fail(*arguments, path, "--sound", code=2, message="must end in .png")


def test_picture_of_many_labels_and_splits():
    labels = [f"label {i}" for i in range(80)]
    counts = {
        split: {label: i + 1 for i, label in enumerate(labels)}
        for split in ("train", "test")
    }
    lengths = {label: [1.0, 2.0] for label in labels[:-1]} | {labels[-1]: []}
    figure = plot_data_set(counts, lengths, [-20.0, -np.inf, -30.0])
    shown = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert len(shown) == 60
    assert shown[0] == "label 20"
    assert len(figure.legends) == 1


def test_picture_needs_labels():
    with pytest.raises(ValueError, match="'durations' parameter of plot_data_set"):
        plot_data_set({}, {}, [])
