"""The data set that anybody can make."""

from __future__ import annotations

import numpy as np
import pytest
from cli_tools import read_folder

from mfccclf import (
    DatasetError,
    MFCCExtractor,
    load_dataset,
    load_waveform,
    make_example_clips,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_example_clips(tmp_path_factory.mktemp("made"), n_groups=3, n_clips=2)


def test_each_label_has_clips_of_each_group(made):
    assert made.classes == ["bell", "bird", "drum", "voice"]
    pairs = list(zip(made.labels, made.groups, strict=True))
    assert len(pairs) == 24
    assert all(pairs.count(pair) == 2 for pair in set(pairs))


def test_it_is_a_data_set_like_any_other(made):
    assert load_dataset(made.root).paths == made.paths


def test_the_same_call_makes_the_same_bytes(tmp_path):
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        make_example_clips(folder, n_groups=1, n_clips=1)
    first, second = map(read_folder, folders)
    assert first == second
    assert len(first) == 6
    make_example_clips(tmp_path / "c", n_groups=1, n_clips=1, random_state=1)
    other = read_folder(tmp_path / "c")
    assert other["clips/bell.01.01.wav"] != first["clips/bell.01.01.wav"]


def test_more_clips_leave_the_others_as_they_are(made, tmp_path):
    more = make_example_clips(tmp_path / "more", n_groups=4, n_clips=3)
    few, many = (read_folder(f"{data.root}/clips") for data in (made, more))
    assert few.items() <= many.items()


def test_a_notebook_can_run_again_but_nothing_is_overwritten(tmp_path):
    first = make_example_clips(tmp_path, n_groups=1, n_clips=1)
    assert make_example_clips(tmp_path, n_groups=1, n_clips=1) == first
    with pytest.raises(DatasetError, match="not the beginning of this data set"):
        make_example_clips(tmp_path, n_groups=2, n_clips=1)


@pytest.mark.parametrize("rate", [8000, 44100])
def test_clips_are_sound_of_the_wanted_rate(tmp_path, rate):
    made = make_example_clips(tmp_path, n_groups=1, n_clips=1, sample_rate=rate)
    for path in made.paths:
        wave = load_waveform(path, sample_rate=rate)
        assert 0.5 <= len(wave) / rate <= 0.9
        assert 0.1 < np.abs(wave).max() < 1


def test_labels_are_told_apart_by_their_mean_mfcc(made):
    extract = MFCCExtractor(sample_rate=16000, features=["mfcc"], n_frames=None)
    means = np.nanmean(extract.fit_transform(made.paths), axis=1)[:, 1:]
    labels, groups = np.array(made.labels), np.array(made.groups)
    known = groups != "source 3"
    distances = np.linalg.norm(means[~known][:, None] - means[known], axis=2)
    said = labels[known][distances.argmin(axis=1)]
    assert (said == labels[~known]).mean() > 0.6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_groups": 0}, "'n_groups' parameter of make_example_clips must be"),
        ({"n_clips": 1.5}, "'n_clips' parameter"),
        ({"sample_rate": 4000}, "'sample_rate' parameter"),
        ({"random_state": -1}, "'random_state' parameter"),
    ],
)
def test_numbers_out_of_range_are_refused(tmp_path, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make_example_clips(tmp_path / "new", **arguments)
    assert not (tmp_path / "new").exists()
