"""Clips that cannot be used: all are named together, or left out and listed."""

from __future__ import annotations

import csv
import json
import os
import pickle
import shutil
import warnings

import numpy as np
import pytest
import soundfile
from cli_tools import FAST, run, succeed, write_clip

from mfccclf import AudioFileError, BadClip, BadClipsError, MFCCExtractor
from mfccclf.prediction import open_model

RATE = 16000
# So that the acceptance test takes seconds: features that are quick to compute.
QUICK = ["--preset", "scratch", "--epochs", "1", *FAST[2:], "--set", "features=[mfcc]"]


def silent(path):
    soundfile.write(path, np.zeros(RATE // 2), RATE)


def too_short(path):
    soundfile.write(path, 0.3 * np.sin(np.arange(400)), RATE)


def not_a_number(path):
    soundfile.write(path, np.r_[np.ones(9000), np.nan, 0.0], RATE, subtype="FLOAT")


def named_pipe(path):
    os.mkfifo(path)


def cut_off(path):
    write_clip(path, frequency=500, seed=1)
    path.write_bytes(path.read_bytes()[:30])


def empty(path):
    path.touch()


def no_samples(path):
    soundfile.write(path, np.zeros(0), RATE)


def no_sound_file(path):
    path.write_text("Recorded on Monday.\n" * 50)


def missing(path):
    path.symlink_to(path.with_name("gone.wav"))


def too_long(path):
    buffer = path.with_suffix(".flac")
    soundfile.write(buffer, np.tile([0.0, 0.5], 2**21), 1000, format="FLAC")
    buffer.rename(path)


KINDS = {
    silent: "is silent",
    too_short: ", fewer than ",
    not_a_number: "NaN",
    named_pipe: "is a named pipe",
    cut_off: "its header or data are damaged",
    empty: "is empty",
    no_samples: "has no samples",
    no_sound_file: "is not a sound file",
    missing: "does not exist",
    too_long: "is longer than 3600 s",
}


def make_folder(folder, n_clips):
    """A folder of good clips, 20 of which are replaced: two of each of ten kinds."""
    paths = []
    templates = [
        write_clip(folder / label / "0000.wav", frequency=frequency, seed=1)
        for label, frequency in (("low", 200), ("high", 3000))
    ]
    for index in range(n_clips):
        template = templates[index % 2]
        path = template.with_name(f"{index // 2:04}.wav")
        if path != template:
            # A copy with another last sample, so that no two are the same recording.
            wave, rate = soundfile.read(template)
            soundfile.write(path, np.r_[wave, index / n_clips], rate)
        paths.append(path)
    makers = [*KINDS, *KINDS]
    chosen = np.linspace(1, n_clips - 3, len(makers)).astype(int)
    bad = {}
    for index, maker in zip(chosen, makers, strict=True):
        paths[index].unlink()
        maker(paths[index])
        bad[str(paths[index])] = maker
    return bad


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of 60 clips, 20 of them bad in ten ways."""
    root = tmp_path_factory.mktemp("bad") / "clips"
    return root, make_folder(root, 60)


def check_list(result, bad, n_clips):
    """Check that a command failed with one list of all bad clips, one per line."""
    assert result.exit_code == 1, result.output
    before, heading, listed = result.stderr.partition(
        f"Error: {len(bad)} of {n_clips} clips cannot be used:\n"
    )
    assert heading, result.stderr
    assert "Error" not in before
    *lines, hint = listed.rstrip().split("\n")
    assert "--skip-bad" in hint
    assert len(lines) == len(bad)
    for path, maker in bad.items():
        (line,) = [line for line in lines if line.startswith(f"  - {path} ")]
        assert KINDS[maker] in line


def test_every_kind_has_a_message_of_its_own(folder):
    _, bad = folder
    assert len(set(bad.values())) == len(set(KINDS.values())) == 10
    assert len(bad) == 20


@pytest.mark.parametrize("command", ["train", "extract", "grid-search"])
def test_commands_list_all_bad_clips_once(folder, command, tmp_path):
    root, bad = folder
    output = tmp_path / ("out.npz" if command == "extract" else "out.mfccclf")
    options = {
        "train": QUICK,
        "grid-search": [*QUICK, "--param", "lstm__lr=0.01;0.02"],
        "extract": ["--features", "mfcc"],
    }[command]
    check_list(run(command, root, "--output", output, *options), bad, 60)
    assert not output.exists()


def test_evaluate_lists_all_bad_clips(folder, trained):
    root, bad = folder
    check_list(run("evaluate", trained[0], root), bad, 60)


@pytest.mark.slow
def test_folder_of_a_thousand_clips(tmp_path):
    bad = make_folder(tmp_path / "clips", 1000)
    output = tmp_path / "model.mfccclf"
    result = run("train", tmp_path / "clips", "--output", output, *QUICK)
    check_list(result, bad, 1000)


def test_table_with_missing_clips_and_bad_ones_gives_one_list(folder, tmp_path):
    root, _ = folder
    silent(tmp_path / "silent.wav")
    rows = [(root / "low" / "0000.wav", "low"), (root / "high" / "0002.wav", "high")]
    rows += [("gone.wav", "low"), ("silent.wav", "high")]
    table = tmp_path / "clips.csv"
    lines = ["path,label", *(f"{path},{label}" for path, label in rows)]
    table.write_text("\n".join(lines) + "\n")
    result = run("train", table, "--output", tmp_path / "model.mfccclf", *QUICK)
    bad = {str(tmp_path / "gone.wav"): missing, str(tmp_path / "silent.wav"): silent}
    check_list(result, bad, 4)


def test_other_problems_of_the_data_are_listed_with_clips_that_cannot_be_opened(
    tmp_path,
):
    write_clip(tmp_path / "a.wav", frequency=200, seed=1)
    empty(tmp_path / "b.wav")
    table = tmp_path / "clips.csv"
    table.write_text("path,label\na.wav,low\na.wav,high\nb.wav,high\n")
    result = run("train", table, "--output", tmp_path / "model.mfccclf", *QUICK)
    assert result.exit_code == 1
    assert "has 2 problems" in result.stderr
    assert "listed twice" in result.stderr
    assert "b.wav is empty" in result.stderr


def read_skipped(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "command", ["train", pytest.param("grid-search", marks=pytest.mark.slow)]
)
def test_skip_bad_trains_on_the_others_and_keeps_the_list(folder, command, tmp_path):
    root, bad = folder
    output = tmp_path / "out.mfccclf"
    more = ["--param", "lstm__lr=0.01;0.02"] if command == "grid-search" else []
    result = run(command, root, "--output", output, "--skip-bad", *QUICK, *more)
    assert result.exit_code == 0, result.output
    (warning,) = [line for line in result.stderr.split("\n") if "left out" in line]
    assert warning.startswith(
        "Warning: 20 of 60 clips are left out, as they cannot be used: "
    )
    assert all(path in warning for path in bad)
    rows = read_skipped(tmp_path / "out.skipped.csv")
    assert {row["path"] for row in rows} == set(bad)
    assert all(row["label"] in row["path"] for row in rows)
    assert all(KINDS[bad[row["path"]]] in row["problem"] for row in rows)
    assert "out.skipped.csv" in result.stdout
    model = open_model(output)
    assert model.config["training"]["n_skipped_clips"] == 20
    assert model.config["training"]["n_clips"] == 40
    assert "n skipped clips: 20" in model.card


def test_skip_bad_without_bad_clips_says_nothing(recordings, tmp_path):
    output = tmp_path / "model.mfccclf"
    (tmp_path / "model.skipped.csv").write_text("of an earlier model\n")
    result = run("train", recordings, "--output", output, "--skip-bad", *QUICK)
    assert result.exit_code == 0, result.output
    assert "left out" not in result.output
    assert not (tmp_path / "model.skipped.csv").exists()
    assert "n_skipped_clips" not in open_model(output).config["training"]


def test_bad_clips_of_all_parts_are_in_one_list(recordings, tmp_path):
    for part in ("validation", "noise"):
        (tmp_path / part).mkdir()
    shutil.copytree(recordings, tmp_path / "validation", dirs_exist_ok=True)
    silent(tmp_path / "validation" / "low" / "7.wav")
    empty(tmp_path / "noise" / "1.wav")
    write_clip(tmp_path / "noise" / "2.wav", frequency=900, seed=3)
    output = tmp_path / "model.mfccclf"
    options = [
        *("--validation", tmp_path / "validation", "--other", tmp_path / "noise"),
        *("--output", output, *QUICK),
    ]
    bad = {
        str(tmp_path / "validation" / "low" / "7.wav"): silent,
        str(tmp_path / "noise" / "1.wav"): empty,
    }
    check_list(run("train", recordings, *options), bad, 27)
    succeed("train", recordings, *options, "--skip-bad")
    assert {row["path"] for row in read_skipped(tmp_path / "model.skipped.csv")} == {
        *bad
    }


@pytest.mark.parametrize("command", ["train", "extract"])
def test_label_whose_clips_are_all_bad_is_an_error(recordings, command, tmp_path):
    shutil.copytree(recordings, tmp_path / "data")
    (tmp_path / "data" / "mute").mkdir()
    silent(tmp_path / "data" / "mute" / "1.wav")
    output = tmp_path / ("out.npz" if command == "extract" else "out.mfccclf")
    options = QUICK if command == "train" else []
    arguments = (tmp_path / "data", "--output", output, "--skip-bad", *options)
    result = run(command, *arguments)
    assert result.exit_code == 1
    assert "data: no clip of mute can be used" in result.stderr
    assert not output.exists()


@pytest.mark.parametrize(("ending", "n_frames"), [("npz", "10"), ("mfccdata", "null")])
def test_extract_without_bad_clips(folder, ending, n_frames, tmp_path):
    root, bad = folder
    output = tmp_path / f"features.{ending}"
    settings = ["--features", "mfcc", "--set", f"n_frames={n_frames}"]
    succeed("extract", root, "--output", output, "--skip-bad", *settings)
    assert len(read_skipped(tmp_path / "features.skipped.csv")) == 20
    if ending == "npz":
        with np.load(output) as archive:
            X, paths = archive["X"], archive["paths"].tolist()
    else:
        X = np.load(output / "X.npy")
        with (output / "clips.csv").open() as table:
            paths = [row["path"] for row in csv.DictReader(table)]
    assert len(X) == len(paths) == 40
    assert not set(paths) & set(bad)
    n_kept = 10 if n_frames == "10" else None
    extractor = MFCCExtractor(features=["mfcc"], n_frames=n_kept)
    np.testing.assert_array_equal(X, extractor.transform(paths))


def test_evaluate_without_bad_clips(folder, trained, tmp_path):
    root, bad = folder
    json_only = ["--skip-bad", "--format", "json"]
    result = run("evaluate", trained[0], root, *json_only)
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)
    assert (scores["n_clips"], scores["n_skipped"]) == (40, 20)
    assert {clip["path"] for clip in scores["skipped"]} == set(bad)
    assert "Warning: 20 of 60 clips are left out" in result.stderr


def test_evaluate_needs_one_clip(recordings, trained, tmp_path):
    (tmp_path / "low").mkdir()
    silent(tmp_path / "low" / "1.wav")
    result = run("evaluate", trained[0], tmp_path, "--skip-bad")
    assert result.exit_code == 1
    assert "none of its 1 clips can be used, such as" in result.stderr


@pytest.mark.parametrize("cache", [False, True])
def test_transform_names_all_bad_files_and_waveforms(folder, cache, tmp_path):
    root, _ = folder
    extractor = MFCCExtractor(cache=tmp_path / "cache" if cache else None)
    good, bad = root / "low" / "0000.wav", root / "high" / "0000.wav"
    wrong = np.full(5000, np.nan, np.float32)
    X = [good, bad, "gone.wav", wrong, good, bad]
    with pytest.raises(BadClipsError, match="4 of 6 clips cannot be used") as caught:
        extractor.transform(X)
    error = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(error, AudioFileError)
    assert isinstance(error, ValueError)
    assert str(error) == str(caught.value)
    assert [(clip.index, clip.path) for clip in error.clips] == [
        (1, str(bad)),
        (2, "gone.wav"),
        (3, None),
        (5, str(bad)),
    ]
    lines = str(error).split("\n")
    assert lines[2] == "  - gone.wav does not exist. Check its spelling and folder."
    assert lines[3].startswith("  - Clip 3 has the value nan at sample 0.")


def test_one_bad_clip_is_one_line(tmp_path):
    error = BadClipsError([BadClip(0, "a.wav", "a.wav is\nsilent.")], 5)
    assert str(error) == "a.wav is silent."


def test_long_lists_say_how_many_more():
    clips = [BadClip(i, f"{i}.wav", f"{i}.wav is silent.") for i in range(130)]
    lines = str(BadClipsError(clips, 200, "Remove them.")).split("\n")
    assert lines[0] == "130 of 200 clips cannot be used:"
    assert lines[-2:] == ["  ... and 30 more", "Remove them."]


def test_usable_clips_of_some(folder):
    root, _ = folder
    good, bad = root / "low" / "0000.wav", root / "high" / "0000.wav"
    extractor = MFCCExtractor(features=["mfcc"])
    usable = extractor.transform_usable([bad, good, bad, good])
    assert usable.rows.tolist() == [1, 3]
    np.testing.assert_array_equal(usable.X, extractor.transform([good, good]))
    assert [clip.index for clip in usable.bad] == [0, 2]
    none = extractor.transform_usable([bad])
    assert none.X.shape == (0, 128, 13)


def test_warnings_of_usable_clips_come_with_the_list_of_the_others(folder, tmp_path):
    root, _ = folder
    cut = write_clip(tmp_path / "cut.wav", frequency=300, seed=4)
    cut.write_bytes(cut.read_bytes()[:9000])
    with (
        pytest.warns(UserWarning, match=r"cut\.wav is cut short"),
        pytest.raises(BadClipsError, match="silent"),
    ):
        MFCCExtractor().transform([cut, root / "high" / "0000.wav"])


def test_many_bad_copies_of_one_file_are_read_once_each(reads, tmp_path):
    silent(tmp_path / "0.wav")
    copies = [tmp_path / f"{i}.wav" for i in range(1, 9)]
    paths = [shutil.copy(tmp_path / "0.wav", copy) for copy in copies]
    extractor = MFCCExtractor(cache=tmp_path / "cache")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        usable = extractor.transform_usable(paths)
    assert [clip.path for clip in usable.bad] == [str(path) for path in paths]
    assert len(reads.take()) == 8


def test_data_set_without_any_usable_clip(tmp_path):
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        silent(tmp_path / label / "1.wav")
    output = tmp_path / "model.mfccclf"
    result = run("train", tmp_path, "--output", output, "--skip-bad", *QUICK)
    assert result.exit_code == 1
    assert "none of its 2 clips can be used" in result.stderr
    assert not output.with_suffix(".skipped.csv").exists()
