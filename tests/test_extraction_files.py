"""Features on disk: written chunk by chunk, read by training without loading them."""

from __future__ import annotations

import json
import shutil

import joblib
import numpy as np
import pytest
from cli_tools import FAST, fail, succeed, write_clip

from mfccclf import MFCCExtractor, SequenceStandardScaler, load_dataset
from mfccclf.datasets.extracted import load_extracted
from mfccclf.errors import AudioFileError, DatasetError
from mfccclf.prediction import ModelFile
from mfccclf.workflows import (
    extract_to_disk,
    extraction,
    feature_files,
    make_extractor,
    training_sequences,
)

KINDS = ["features.npz", "features.mfccdata"]


@pytest.fixture
def split_recordings(tmp_path):
    """Low and high tones of different lengths in official splits."""
    root = tmp_path / "split"
    for index in range(12):
        label = ("low", "high")[index % 2]
        part = ("_test", "_train", "_validation")[index // 4]
        write_clip(
            root / part / f"{label}.{index}.wav",
            frequency=150 if label == "low" else 3000,
            seed=index,
            seconds=0.3 + 0.05 * index,
        )
    return root


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(feature_files, "_CHUNK", 5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_frames", [7, 128, None])
def test_what_is_written_is_what_the_extractor_gives(
    split_recordings, tmp_path, kind, n_frames
):
    extractor = MFCCExtractor(features=14, n_frames=n_frames)
    written = extract_to_disk(
        extractor, load_dataset(split_recordings), tmp_path / kind
    )
    clips = load_extracted(tmp_path / kind)
    expected = extractor.transform(clips.paths)
    assert written.shape == expected.shape
    np.testing.assert_array_equal(clips.X, expected)
    original = load_dataset(split_recordings)
    labels = dict(zip(original.paths, original.labels, strict=True))
    assert clips.labels == [labels[path] for path in clips.paths]


@pytest.mark.parametrize("kind", KINDS)
def test_splits_and_fingerprints_are_kept(split_recordings, tmp_path, kind):
    original = load_dataset(split_recordings)
    extract_to_disk(make_extractor(features=14), original, tmp_path / kind)
    clips = load_extracted(tmp_path / kind)
    train = clips.select("train")
    assert sorted(train.paths) == sorted(original.select("train").paths)
    np.testing.assert_array_equal(
        train.X, make_extractor(features=14).transform(train.paths)
    )
    assert train.fingerprint() == original.select("train").fingerprint()
    assert clips.fingerprint() == original.fingerprint()


def test_a_split_of_a_folder_stays_on_disk(split_recordings, tmp_path):
    output = tmp_path / "features.mfccdata"
    extract_to_disk(make_extractor(), load_dataset(split_recordings), output)
    X = load_extracted(output).select("test").X
    assert isinstance(X, np.memmap)
    assert not X.flags.writeable


def test_a_bad_clip_leaves_no_output(recordings, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(recordings, data)
    clips = load_dataset(data)
    (data / "low" / "3.wav").write_bytes(b"")
    for kind in KINDS:
        clips_again = clips
        with pytest.raises((AudioFileError, DatasetError), match="3.wav"):
            extract_to_disk(make_extractor(), clips_again, tmp_path / kind)
        assert [item.name for item in tmp_path.iterdir()] == ["data"]


def test_features_are_written_anew_in_place(recordings, tmp_path):
    output = tmp_path / "features.mfccdata"
    for features in (14, 33):
        extract_to_disk(
            make_extractor(features=features), load_dataset(recordings), output
        )
    assert load_extracted(output).X.shape[2] == 33
    assert [item.name for item in tmp_path.iterdir()] == ["features.mfccdata"]


def test_a_folder_of_other_things_is_not_replaced(recordings, tmp_path):
    output = tmp_path / "holiday.mfccdata"
    output.mkdir()
    (output / "photo.jpg").write_text("")
    with pytest.raises(DatasetError, match="holds something other than features"):
        extract_to_disk(make_extractor(), load_dataset(recordings), output)
    assert (output / "photo.jpg").exists()


@pytest.mark.parametrize("name", ["features.npy", "features"])
def test_extract_names_the_endings_that_it_writes(recordings, tmp_path, name):
    fail(
        "extract", recordings, "-o", tmp_path / name, code=2, message="end in .npz (one"
    )


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("hop_lenght=256", "no parameter 'hop_lenght'. Did you mean 'hop_length'?"),
        ("hidden_sizes=[8]", "no parameter 'hidden_sizes'. It has allow_silence, "),
    ],
)
def test_extract_names_the_settings_that_there_are(
    recordings, tmp_path, setting, message
):
    arguments = (recordings, "-o", tmp_path / "features.npz", "--set", setting)
    fail("extract", *arguments, code=2, message=message)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("preset", ["names-lstm", "default"])
def test_training_from_features_gives_the_model_of_the_clips(
    recordings, tmp_path, kind, preset
):
    features, settings = tmp_path / kind, ["--preset", preset, *FAST[2:]]
    models = [tmp_path / "clips.mfccclf", tmp_path / "features.mfccclf"]
    succeed("extract", recordings, "-o", features, *settings)
    for data, model in zip((recordings, features), models, strict=True):
        succeed("train", data, "-o", model, "--epochs", 2, *settings)
    clip = recordings / "low" / "0.wav"
    printed = [succeed("predict", clip, "--model", model) for model in models]
    assert printed[0] == printed[1]
    facts = [ModelFile(model).config["training"] for model in models]
    assert facts[0]["fingerprint"] == facts[1]["fingerprint"]
    assert facts[0]["data"] == facts[1]["data"]


@pytest.mark.parametrize("option", ["--also", "--other"])
def test_features_of_further_clips_give_the_model_of_the_clips(
    recordings, tmp_path, option
):
    features, printed = tmp_path / "further.npz", []
    succeed("extract", recordings, "-o", features, "--preset", "default")
    for further in (recordings, features):
        model = tmp_path / "model.mfccclf"
        few = ("--epochs", 2, *FAST[2:])
        succeed("train", recordings, option, further, "-o", model, *few)
        clip = recordings / "low" / "0.wav"
        text = succeed("predict", clip, "--model", model, "--format", "json")
        printed.append(json.loads(text)["scores"])
        facts = ModelFile(model).config["training"]
        kind = option[2:].replace("also", "more")
        assert facts[f"n_{kind}_clips"] == len(load_dataset(recordings))
    assert printed[0] == printed[1]


@pytest.mark.parametrize("option", ["--also", "--other"])
def test_features_are_not_joined_with_further_clips(recordings, tmp_path, option):
    features = tmp_path / "features.npz"
    succeed("extract", recordings, "-o", features)
    fail(
        *("train", recordings, option, recordings, option, features),
        *("-o", tmp_path / "m.mfccclf", *FAST),
        code=1,
        message="features.npz holds features, which cannot be joined with other data.",
    )


def test_features_of_other_clips_must_be_those_of_the_preset(recordings, tmp_path):
    features = tmp_path / "features.npz"
    succeed("extract", recordings, "-o", features, "--set", "hop_length=128")
    fail(
        *("train", recordings, "--other", features),
        *("-o", tmp_path / "m.mfccclf", *FAST),
        code=1,
        message="made with",
    )


@pytest.mark.parametrize("scope", ["clip", "dataset"])
def test_scaling_features_on_disk_leaves_them_there(recordings, tmp_path, scope):
    output = tmp_path / "features.mfccdata"
    extract_to_disk(make_extractor(), load_dataset(recordings), output)
    X = load_extracted(output).X
    scaler = SequenceStandardScaler(scope=scope).fit(X)
    scaled = training_sequences.transform_in_blocks(scaler, X)
    assert isinstance(scaled, np.memmap)
    np.testing.assert_array_equal(scaled, scaler.transform(np.array(X)))


def test_training_watches_the_validation_split_of_features(split_recordings, tmp_path):
    features, settings = tmp_path / "f.mfccdata", ["--preset", "names-lstm", *FAST[2:]]
    succeed("extract", split_recordings, "-o", features, *settings)
    text = succeed("train", features, "-o", tmp_path / "m.mfccclf", *settings)
    assert "on 4 clips" in text
    assert "Validation accuracy" in text


def test_training_names_the_parameters_that_differ(recordings, tmp_path):
    features = tmp_path / "features.npz"
    succeed("extract", recordings, "-o", features, "--set", "hop_length=256")
    fail(
        "train",
        features,
        *("--preset", "names-lstm", "-o", tmp_path / "m.mfccclf"),
        code=1,
        message="made with hop_length=256, but the preset names-lstm needs "
        "hop_length=512. Extract the clips again",
    )


def test_features_and_preset_exclude_each_other(recordings, tmp_path):
    fail(
        "extract",
        recordings,
        *("--preset", "default", "--features", "14", "-o", tmp_path / "f.npz"),
        code=2,
        message="not both",
    )


def test_features_that_are_not_there_are_an_error(tmp_path):
    with pytest.raises(DatasetError, match="does not exist"):
        load_extracted(tmp_path / "none.npz")


def test_archive_of_other_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", X=np.zeros(3))
    with pytest.raises(DatasetError, match="holds no readable features"):
        load_extracted(tmp_path / "other.npz")


def test_damaged_archive_is_refused(recordings, tmp_path):
    output = tmp_path / "features.npz"
    extract_to_disk(make_extractor(), load_dataset(recordings), output)
    data = output.read_bytes()
    for damaged in (data[: len(data) // 2], data[:2000] + b"?" * 50 + data[2050:]):
        output.write_bytes(damaged)
        with pytest.raises(DatasetError, match=r"\.npz holds no readable features"):
            load_extracted(output)


def test_damaged_folder_is_refused(recordings, tmp_path):
    output = tmp_path / "features.mfccdata"
    extract_to_disk(make_extractor(), load_dataset(recordings), output)
    facts = json.loads((output / "parameters.json").read_text())
    (output / "parameters.json").write_text(json.dumps({**facts, "format_version": 9}))
    with pytest.raises(DatasetError, match="format is not 'mfccclf features'"):
        load_extracted(output)
    (output / "parameters.json").write_text(json.dumps(facts))
    with (output / "clips.csv").open("a") as table:
        table.write("extra.wav,low\n")
    with pytest.raises(DatasetError, match="there are 13 clips"):
        load_extracted(output)
    (output / "X.npy").write_bytes((output / "X.npy").read_bytes()[:5000])
    with pytest.raises(DatasetError, match="holds no readable features"):
        load_extracted(output)


class Watched(MFCCExtractor):
    """Tells how many processes it would share clips out to."""

    def transform_usable(self, X):
        counts.append((len(X), joblib.effective_n_jobs(self.n_jobs)))
        return super().transform_usable(X)


counts: list[tuple[int, int]] = []


@pytest.mark.parametrize(("worthwhile", "processes"), [(0.0, 2), (1e6, 1)])
def test_processes_are_asked_once_work_for_them_is_left(
    split_recordings, monkeypatch, worthwhile, processes
):
    counts.clear()
    monkeypatch.setattr(extraction, "_CHUNK", 3)
    monkeypatch.setattr(extraction, "_WORTHWHILE_S", worthwhile)
    clips = load_dataset(split_recordings)
    with joblib.parallel_config("threading", n_jobs=2):
        X = extraction.extract_sequences(Watched(n_frames=None), clips.paths)
    np.testing.assert_array_equal(
        X, MFCCExtractor(n_frames=None).transform(clips.paths)
    )
    assert counts[0] == (3, 1)
    assert {count for _, count in counts[1:]} == {processes}
    assert sum(size for size, _ in counts) == len(clips)


@pytest.mark.slow
def test_a_dask_cluster_extracts_the_same(split_recordings, tmp_path):
    pytest.importorskip("distributed")
    here, there = tmp_path / "here.npz", tmp_path / "there.npz"
    options = ("--features", 14)
    succeed("extract", split_recordings, "-o", here, *options)
    cluster = ("--scheduler", "local", "--jobs", 2)
    succeed("extract", split_recordings, "-o", there, *options, *cluster)
    np.testing.assert_array_equal(load_extracted(here).X, load_extracted(there).X)
