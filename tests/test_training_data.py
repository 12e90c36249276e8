"""Which clips take part in a training, and how commands name them."""

from __future__ import annotations

import dataclasses

import pytest
from cli_tools import write_clip

from mfccclf import Dataset, DatasetError
from mfccclf.workflows import (
    DataChoice,
    RecogniserOptions,
    SearchOptions,
    TrainingData,
    find_checkpoint,
    find_search_folder,
    load_training_data,
    search_recognisers,
    train_recogniser,
)


@pytest.fixture(scope="module")
def split_clips(tmp_path_factory):
    """A folder of three labels in three splits."""
    root = tmp_path_factory.mktemp("split")
    places = [
        root / split / label / f"{index}.wav"
        for split in ("train", "validation", "test")
        for label in ("high", "low", "mid")
        for index in range(2)
    ]
    for seed, place in enumerate(places):
        write_clip(place, frequency=300, seed=seed, seconds=0.1)
    return root


def make_clips(labels, name="data"):
    paths = [f"{name}{i}.wav" for i in range(len(labels))]
    return Dataset(paths, list(labels), None, None, "table", name)


def test_more_clips_are_learned_but_do_not_change_the_fingerprint():
    clips, more = make_clips("abab"), make_clips("ab", "more")
    data = TrainingData(clips, more=more)
    assert data.learned.paths == clips.paths + more.paths
    assert data.clips is clips
    assert TrainingData(clips).learned is clips


def test_validation_labels_must_be_learned():
    data = TrainingData(make_clips("abab"), validation=make_clips("abcd"))
    with pytest.raises(DatasetError, match=r"no training clip has: c, d\. Add"):
        data.check_labels()
    with pytest.raises(DatasetError, match=r"no training clip has: c, d\. Add"):
        train_recogniser(data)


@pytest.mark.parametrize("part", ["more", "ood"])
def test_a_search_learns_from_the_training_clips_alone(tmp_path, part):
    clips = make_clips("abab")
    data = TrainingData(clips, **{part: clips})
    with pytest.raises(ValueError, match="Leave out 'more' and 'ood'"):
        search_recognisers(data, {"lr": [0.1]}, folder=tmp_path / "search")


def test_a_limit_for_familiarity_needs_clips_that_are_not_learned():
    options = RecogniserOptions(limits={"min_familiarity": 0.01})
    with pytest.raises(ValueError, match="needs clips that the net has not learned"):
        train_recogniser(TrainingData(make_clips("abab")), options)


def test_official_splits_are_told_apart(split_clips):
    data = load_training_data(split_clips)
    assert {path.split("/")[-3] for path in data.clips.paths} == {"train"}
    assert {path.split("/")[-3] for path in data.validation.paths} == {"validation"}
    assert (data.more, data.ood) == (None, None)


def test_other_validation_clips_replace_the_official_ones(split_clips, recordings):
    data = load_training_data(split_clips, validation=recordings)
    assert {path.split("/")[-3] for path in data.validation.paths} == {recordings.name}
    assert len(data.clips) == 6


def test_a_choice_of_labels_applies_to_all_splits(split_clips):
    data = load_training_data(split_clips, choice=DataChoice(exclude=["mid"]))
    assert data.clips.classes == ["high", "low"]
    assert data.validation.classes == ["high", "low"]


def test_more_and_ood_clips_are_loaded_along(split_clips, recordings):
    data = load_training_data(split_clips, more=[recordings], ood=[split_clips])
    assert data.more.classes == ["high", "low"]
    assert len(data.learned) == 6 + 12
    assert len(data.ood) == 18


def test_an_old_checkpoint_is_kept_for_a_resumed_training_only(tmp_path):
    model, checkpoint = tmp_path / "net.mfccclf", tmp_path / "net.checkpoint"
    assert find_checkpoint(model, resume=True) == (checkpoint, False)
    checkpoint.touch()
    assert find_checkpoint(model, resume=True) == (checkpoint, True)
    assert checkpoint.exists()
    assert find_checkpoint(model, resume=False) == (checkpoint, True)
    assert not checkpoint.exists()


def test_a_search_folder_tells_of_finished_fits(tmp_path):
    model, folder = tmp_path / "net.mfccclf", tmp_path / "net.search"
    assert find_search_folder(model) == (folder, False)
    folder.mkdir()
    (folder / "fits.jsonl").touch()
    assert find_search_folder(model) == (folder, True)


@pytest.mark.parametrize("options", [RecogniserOptions, SearchOptions])
def test_options_document_every_field_and_cannot_change(options):
    assert "{parameters}" not in options.__doc__
    for field in dataclasses.fields(options):
        assert f"{field.name} : " in options.__doc__
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign"):
        options().preset = "names-lstm"
