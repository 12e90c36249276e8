"""Layouts of data sets on disk."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mfccclf.datasets import layouts, load_dataset
from mfccclf.datasets.files import natural_key, scan_folder
from mfccclf.errors import DatasetError

Fill = Callable[[Iterable[str]], Path]

SOLO = "Medley-solos-DB_{}-{}_0af2665a-290d-5042-fe8f-03171f539b50.flac"


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """Return a function that puts clips, each with noise of its own, into a folder."""
    rng = np.random.default_rng(0)
    root = tmp_path / "data"

    def write(names: Iterable[str]) -> Path:
        root.mkdir(exist_ok=True)
        for name in names:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, rng.uniform(-0.5, 0.5, 400), 8000)
        return root

    return write


def as_rows(dataset):
    root = Path(dataset.root)
    names = [Path(path).relative_to(root).as_posix() for path in dataset.paths]
    return list(zip(names, dataset.labels, strict=True))


# One sub-folder per label


def test_folders_label_clips_at_any_depth(fill):
    root = fill(["yes/anna/2.wav", "yes/anna/10.wav", "no/1.au", "no/2.flac"])
    dataset = load_dataset(root)
    assert dataset.layout == "folders"
    assert as_rows(dataset) == [
        ("no/1.au", "no"),
        ("no/2.flac", "no"),
        ("yes/anna/2.wav", "yes"),
        ("yes/anna/10.wav", "yes"),
    ]
    assert dataset.groups is None
    assert dataset.splits is None
    assert dataset.name == "data"


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [
        ("train", "validation", "test"),
        ("_train", "_validation", "_test"),
        ("Training", "val", "TEST"),
        ("train", "dev", "test"),
        ("train", "valid", "testing"),
    ],
)
def test_folders_may_lie_in_split_folders(fill, train, validation, test):
    names = [
        f"{part}/{label}/1.wav" for part in (train, validation, test) for label in "ab"
    ]
    dataset = load_dataset(fill(names))
    assert dataset.layout == "folders"
    assert dataset.classes == ["a", "b"]
    by_folder = {
        Path(p).parts[-3]: s for p, s in zip(dataset.paths, dataset.splits, strict=True)
    }
    assert by_folder == {train: "train", validation: "validation", test: "test"}


def test_a_label_may_be_called_train(fill):
    dataset = load_dataset(fill(["train/1.wav", "car/1.wav"]))
    assert dataset.classes == ["car", "train"]


def test_split_folders_beside_label_folders_are_refused(fill):
    root = fill(["train/a/1.wav", "test/a/2.wav", "extra/a/3.wav"])
    with pytest.raises(DatasetError, match="look like splits, but extra"):
        load_dataset(root)


def test_a_clip_beside_the_label_folders_is_a_problem(fill):
    root = fill(["a/1.wav", "b/1.wav", "stray.wav"])
    with pytest.raises(DatasetError, match=r"stray\.wav lies in no label's folder"):
        load_dataset(root)


def test_hidden_and_other_files_are_left_out(fill):
    root = fill(["a/1.wav", "b/1.wav", "a/.hidden.wav", "a/._1.wav", ".git/x/1.wav"])
    fill(["__MACOSX/a/1.wav"])
    for name in ("README.md", "LICENSE", "a/notes.txt", "b/.DS_Store", "meta.json"):
        (root / name).write_text("text")
    assert len(load_dataset(root)) == 2


def test_loops_of_links_end(fill):
    root = fill(["a/1.wav", "b/1.wav"])
    (root / "a" / "loop").symlink_to(root, target_is_directory=True)
    assert as_rows(load_dataset(root)) == [("a/1.wav", "a"), ("b/1.wav", "b")]


def test_linked_folders_are_followed(fill, tmp_path):
    root = fill(["a/1.wav", "b/1.wav"])
    (tmp_path / "elsewhere").mkdir()
    (root / "b" / "1.wav").rename(tmp_path / "elsewhere" / "2.wav")
    (root / "b" / "more").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert as_rows(load_dataset(root))[1] == ("b/more/2.wav", "b")


def test_labels_are_composed_unicode(fill):
    dataset = load_dataset(fill(["gru\u0308n/1.wav", "blau/1.wav"]))
    assert dataset.classes == ["blau", "gr\u00fcn"]


def test_natural_order_counts_numbers():
    names = ["take10.wav", "Take2.wav", "take1.wav", "2.wav", "a"]
    in_order = ["2.wav", "a", "take1.wav", "Take2.wav", "take10.wav"]
    assert sorted(names, key=natural_key) == in_order


# The label in the file name


def test_names_take_the_label_up_to_the_first_dot(fill):
    dataset = load_dataset(fill(["James.01 .au", "James.021.au", "Łucja é.1.x.au"]))
    assert dataset.layout == "names"
    assert dataset.labels == ["James", "James", "Łucja é"]
    assert dataset.splits is None


def test_names_may_lie_in_split_folders(fill):
    names = ["_train/James.1.au", "_test/James.2.au", "_validation/James.3.au"]
    dataset = load_dataset(fill(names))
    assert dataset.layout == "names"
    assert dataset.splits == ["test", "train", "validation"]
    assert dataset.classes == ["James"]


def test_a_name_without_a_label_is_a_problem(fill):
    root = fill(["James.1.au", "Linda.1.au", "unnamed.au"])
    with pytest.raises(DatasetError, match=r"unnamed\.au is not named label\.anything"):
        load_dataset(root)


def test_clips_beside_the_split_folders_are_left_out_with_a_warning(fill):
    root = fill(["_train/a.1.wav", "_train/b.1.wav", "a.2.wav"])
    with pytest.warns(UserWarning, match=r"1 of 3 clips are left out.*a\.2\.wav"):
        dataset = load_dataset(root)
    assert dataset.splits == ["train", "train"]


# Known data sets


def test_digits_have_speakers_and_the_official_split(fill):
    dataset = load_dataset(fill([f"7_theo_{i}.wav" for i in (0, 4, 5, 12)]))
    assert dataset.layout == "digits"
    assert dataset.labels == ["7"] * 4
    assert dataset.groups == ["theo"] * 4
    assert dataset.splits == ["test", "test", "train", "train"]


def test_speech_commands_group_by_the_hash(fill):
    root = fill(["cat/0c40e715_nohash_0.wav", "bed/0c40e715_nohash_1.wav"])
    fill(["_background_noise_/white.wav"])
    with pytest.warns(UserWarning, match="1 clip is left out, as _background_noise_"):
        dataset = load_dataset(root)
    assert dataset.layout == "speech-commands"
    assert dataset.labels == ["bed", "cat"]
    assert dataset.groups == ["0c40e715"] * 2
    assert dataset.splits is None


def test_speech_commands_split_by_their_lists(fill):
    root = fill([f"cat/{i}_nohash_0.wav" for i in "abc"])
    (root / "testing_list.txt").write_text("cat/b_nohash_0.wav\n")
    (root / "validation_list.txt").write_text("cat/c_nohash_0.wav\n")
    assert load_dataset(root).splits == ["train", "test", "validation"]


def test_speech_commands_may_lie_in_split_folders(fill):
    dataset = load_dataset(fill(["train/cat/a_nohash_0.wav", "val/cat/b_nohash_0.wav"]))
    assert dataset.layout == "speech-commands"
    assert dataset.labels == ["cat", "cat"]
    assert dataset.groups == ["a", "b"]
    assert dataset.splits == ["train", "validation"]


def test_nsynth_beside_other_folders_is_not_taken_for_all(fill):
    root = fill(["notes/audio/a.wav", "words/b.wav"])
    write_notes(root / "notes", {"a": ("bass", "x")})
    assert load_dataset(root).layout == "folders"


def test_medley_solos_are_labelled_by_name(fill):
    root = fill(
        [SOLO.format("training", 0), SOLO.format("test", 0), SOLO.format("training", 5)]
    )
    dataset = load_dataset(root)
    assert dataset.layout == "medley-solos"
    assert dataset.labels == ["clarinet", "clarinet", "tenor saxophone"]
    assert dataset.splits == ["test", "train", "train"]


def test_gtzan_leaves_out_the_damaged_clip_by_name(fill):
    root = fill(["genres/blues/blues.00000.au", "genres/jazz/jazz.00001.wav"])
    (root / "genres/jazz/jazz.00054.wav").write_bytes(b"damaged")
    with pytest.warns(UserWarning, match=r"jazz\.00054\.wav is left out"):
        dataset = load_dataset(root)
    assert dataset.layout == "gtzan"
    assert dataset.labels == ["blues", "jazz"]


def test_gtzan_clips_in_split_folders_are_read_by_name(fill):
    dataset = load_dataset(fill(["_train/blues.00000.au", "_train/jazz.00000.au"]))
    assert dataset.layout == "names"


def test_chmusic_numbers_are_whole(fill):
    dataset = load_dataset(fill(["1.1.wav", "1.5.wav", "10.1.wav", "10.5.wav"]))
    assert dataset.layout == "chmusic"
    assert dataset.labels == ["Erhu", "Erhu", "Yangqin", "Yangqin"]
    assert dataset.splits == ["train", "test", "train", "test"]


def test_numbered_labels_with_other_takes_are_not_chmusic(fill):
    dataset = load_dataset(fill(["0.01.wav", "7.12.wav"]))
    assert dataset.layout == "names"
    assert dataset.labels == ["0", "7"]


def test_irmas_labels_by_folder_and_groups_by_recording(fill):
    root = fill(
        [
            "IRMAS-TrainingData/cel/[cel][cla]0001__1.wav",
            "IRMAS-TrainingData/cel/[cel][cla]0001__2.wav",
            "IRMAS-TrainingData/voi/110__[voi][dru][pop_roc]0078__1.wav",
        ]
    )
    dataset = load_dataset(root)
    assert dataset.layout == "irmas"
    assert dataset.labels == ["cel", "cel", "voi"]
    assert dataset.groups == ["[cel][cla]0001"] * 2 + ["110__[voi][dru][pop_roc]0078"]


def test_irmas_test_clips_have_the_labels_of_their_txt_files(fill):
    root = fill(
        [
            "train/cel/[cel][cla]0001__1.wav",
            "train/voi/[voi]2__1.wav",
            "Part1/(02) song-1.wav",
            "Part1/(02) song-12.wav",
            "Part2/tune.wav",
        ]
    )
    (root / "Part1/(02) song-1.txt").write_text("voi\t\r\ncel\r\n\r\n")
    (root / "Part1/(02) song-12.txt").write_text("cel")
    (root / "Part2/tune.txt").write_text("voi\nvoi\n")
    dataset = load_dataset(root)
    assert dataset.layout == "irmas"
    assert as_rows(dataset) == [
        ("train/cel/[cel][cla]0001__1.wav", "cel"),
        ("train/voi/[voi]2__1.wav", "voi"),
        ("Part1/(02) song-1.wav", "cel;voi"),
        ("Part1/(02) song-12.wav", "cel"),
        ("Part2/tune.wav", "voi"),
    ]
    assert dataset.splits == ["train", "train", "test", "test", "test"]
    assert dataset.groups[2:] == ["(02) song", "(02) song", "tune"]
    assert dataset.multilabel
    assert not dataset.select("train").multilabel
    assert dataset.classes == ["cel", "voi"]


def test_the_irmas_test_part_is_known_by_itself(fill):
    root = fill(["Part1/a-1.wav", "Part3/b-1.wav"])
    (root / "Part1/a-1.txt").write_text("cel\nvoi\n")
    (root / "Part3/b-1.txt").write_text("gel\n")
    dataset = load_dataset(root)
    assert dataset.layout == "irmas"
    assert dataset.labels == ["cel;voi", "gel"]
    assert dataset.splits is None


def test_irmas_labels_that_are_no_instruments_are_named(fill):
    root = fill(["cel/[cel]1__1.wav", "Part1/a-1.wav", "Part1/b-1.wav"])
    (root / "Part1/a-1.txt").write_text("kazoo\n")
    (root / "Part1/b-1.txt").write_text("\n")
    with pytest.raises(DatasetError, match=r"(?s)a-1.txt names 'kazoo'.*no instrument"):
        load_dataset(root)


def write_openmic(root):
    rows = [
        "sample_key,instrument,relevance,num_responses",
        "000046_3840,clarinet,0.17,3",
        "000046_3840,flute,0.5,3",
        "000046_3840,piano,0.99,3",
        "000135_483840,flute,0.8,3",
        "000139_119040,piano,0.1,3",
    ]
    path = root / "openmic-2018-aggregated-labels.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_openmic_takes_what_is_likely(fill):
    names = ("000/000046_3840", "000/000135_483840", "000/000139_119040")
    root = fill([f"audio/{name}.ogg" for name in names])
    write_openmic(root)
    (root / "partitions").mkdir()
    (root / "partitions/split01_train.csv").write_text("000046_3840\n")
    (root / "partitions/split01_test.csv").write_text("000135_483840\n000139_119040\n")
    with (
        pytest.warns(UserWarning, match="1 of 3 clips are left out: no instrument"),
        pytest.warns(UserWarning, match="Not every instrument was listened for"),
    ):
        dataset = load_dataset(root)
    assert dataset.layout == "openmic"
    assert as_rows(dataset) == [
        ("audio/000/000046_3840.ogg", "flute;piano"),
        ("audio/000/000135_483840.ogg", "flute"),
    ]
    assert dataset.splits == ["train", "test"]


def test_openmic_tables_that_are_wrong_are_named(fill):
    root = fill(["audio/000/000046_3840.ogg"])
    path = write_openmic(root)
    path.write_text(path.read_text().replace("0.17", "much"))
    with pytest.raises(DatasetError, match="line 2: relevance is 'much'"):
        load_dataset(root)
    path.write_text("sample_key,instrument\n")
    with pytest.raises(DatasetError, match="has no column 'relevance'"):
        load_dataset(root)


def test_several_labels_of_a_clip_are_told_apart(fill):
    root = fill(["1.wav", "2.wav", "3.wav"])
    table = root / "labels.csv"
    table.write_text(
        "path,label,split\n1.wav,flute; piano,train\n2.wav,violin,train\n"
        "3.wav,piano;violin,test\n"
    )
    dataset = load_dataset(table)
    assert dataset.multilabel
    assert dataset.label_sets[0] == ("flute", "piano")
    assert dataset.classes == ["flute", "piano", "violin"]
    assert dataset.summary()["classes"] == {"flute": 1, "piano": 2, "violin": 2}


def write_notes(folder: Path, notes: dict[str, tuple[str, str]]) -> None:
    index = {
        name: {"instrument_family_str": family, "instrument_str": instrument}
        for name, (family, instrument) in notes.items()
    }
    (folder / "examples.json").write_text(json.dumps(index))


def test_nsynth_labels_by_family_and_groups_by_instrument(fill):
    root = fill(["audio/flute-1.wav", "audio/organ-1.wav", "audio/more.wav"])
    write_notes(root, {"organ-1": ("organ", "o"), "flute-1": ("flute", "f")})
    with pytest.warns(UserWarning, match=r"1 of 3 sound files are left out"):
        dataset = load_dataset(root)
    assert dataset.layout == "nsynth"
    assert dataset.labels == ["flute", "organ"]
    assert dataset.groups == ["f", "o"]
    assert dataset.splits is None


def test_nsynth_splits_by_folder(fill):
    parts = ("train", "valid", "test")
    root = fill([f"nsynth-{part}/audio/note-{part}.wav" for part in parts])
    for part in parts:
        write_notes(root / f"nsynth-{part}", {f"note-{part}": ("bass", f"b {part}")})
    assert load_dataset(root).splits == ["test", "train", "validation"]


def test_nsynth_names_missing_notes_and_fields(fill):
    root = fill(["audio/a.wav"])
    notes = {"a": {"instrument_str": "x"}, "b": {}, "c": []}
    (root / "examples.json").write_text(json.dumps(notes))
    with pytest.raises(DatasetError) as caught:
        load_dataset(root)
    assert "Note a of examples.json lacks instrument_family_str." in str(caught.value)
    assert "Note c of examples.json lacks" in str(caught.value)


def test_nsynth_with_a_broken_index_is_an_error(fill):
    root = fill(["audio/a.wav"])
    (root / "examples.json").write_text("{")
    with pytest.raises(DatasetError, match=r"examples\.json is not readable JSON"):
        load_dataset(root)


# Choosing a layout


def test_every_layout_is_tried_and_documented():
    folder = Path(layouts.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {
        "__init__",
        "layout",
        "listed",
    }
    names = [name.replace("-", "_") for name in layouts.LAYOUTS]
    assert sorted(names) == sorted(modules)
    for name, layout in layouts.LAYOUTS.items():
        assert f'* "{name}": {layout.description}\n' in load_dataset.__doc__


def test_a_layout_can_be_forced(fill):
    root = fill(["bed/0c40e715_nohash_0.wav", "cat/0c40e715_nohash_0.wav"])
    assert load_dataset(root, layout="folders").layout == "folders"


def test_a_forced_layout_that_does_not_fit_names_the_clips(fill):
    root = fill(["yes/1.wav", "no/1.wav"])
    with pytest.raises(DatasetError, match=r"1\.wav is not named digit_speaker_take"):
        load_dataset(root, layout="digits")


def test_an_unknown_folder_says_what_was_found_and_what_exists(fill):
    with pytest.raises(DatasetError) as caught:
        load_dataset(fill(["one.wav", "two.wav"]))
    message = str(caught.value)
    assert "Found 2 sound files, such as one.wav, two.wav." in message
    for layout in ("folders", "names", "digits", "nsynth", "irmas", "gtzan", "chmusic"):
        assert f"\n  {layout}: " in message


def test_an_unknown_layout_is_refused_with_a_suggestion(tmp_path):
    with pytest.raises(ValueError, match="Did you mean 'folders'"):
        load_dataset(tmp_path, layout="folder")


def test_empty_folder(tmp_path):
    with pytest.raises(DatasetError, match="is empty"):
        load_dataset(tmp_path)


def test_folder_without_audio_names_what_it_holds(tmp_path):
    (tmp_path / "list.csv").write_text("path,label\n")
    with pytest.raises(DatasetError, match=r"no sound file, but 1 other.*list\.csv"):
        load_dataset(tmp_path)


def test_missing_folder(tmp_path):
    with pytest.raises(DatasetError, match="nowhere does not exist"):
        load_dataset(tmp_path / "nowhere")


def test_one_sound_file_is_no_data_set(fill):
    with pytest.raises(DatasetError, match="one sound file, not a data set"):
        load_dataset(fill(["a.1.wav"]) / "a.1.wav")


def test_a_file_has_no_folder_layout(tmp_path):
    (tmp_path / "a.csv").write_text("path,label\n")
    with pytest.raises(DatasetError, match="is read from a folder"):
        load_dataset(tmp_path / "a.csv", layout="digits")
    with pytest.raises(DatasetError, match="Name the CSV file"):
        load_dataset(tmp_path, layout="csv")


def test_scan_lists_in_the_same_order_every_time(fill):
    root = fill([f"{label}/{i}.wav" for label in "ba" for i in (10, 9, 1)])
    shown = [clip.as_posix() for clip in scan_folder(root).clips]
    assert shown == [f"{label}/{i}.wav" for label in "ab" for i in (1, 9, 10)]


def test_relative_paths_stay_relative(fill, monkeypatch):
    monkeypatch.chdir(fill(["a/1.wav", "b/1.wav"]).parent)
    assert load_dataset("data").paths[0] == str(Path("data/a/1.wav"))


# Splits, fingerprint, summary


def test_split_returns_its_clips_only(fill):
    root = fill(
        [f"{split}/{label}/1.wav" for split in ("train", "val") for label in "ab"]
    )
    dataset = load_dataset(root, split="validation")
    assert dataset.splits == ["validation"] * 2
    assert len(dataset) == len(load_dataset(root).select("dev")) == 2


def test_a_split_that_is_not_there_is_an_error(fill):
    root = fill(["train/a/1.wav", "train/b/1.wav"])
    with pytest.raises(DatasetError, match=r"no split 'test'. It has train\."):
        load_dataset(root, split="test")
    with pytest.raises(DatasetError, match="clips .* are not split"):
        load_dataset(root / "train", split="test")


def test_an_unknown_split_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"'split'.*Got 'tset'.*Did you mean 'test'"):
        load_dataset(tmp_path, split="tset")


def test_some_clips_are_taken_in_the_order_that_is_asked_for(fill):
    dataset = load_dataset(fill(["train/a/1.wav", "train/b/2.wav", "test/a/3.wav"]))
    some = dataset.take([2, 0])
    assert some.paths == [dataset.paths[2], dataset.paths[0]]
    assert some.labels == [dataset.labels[2], dataset.labels[0]]
    assert some.splits == [dataset.splits[2], dataset.splits[0]]
    assert some.groups is None
    assert (some.name, some.layout) == (dataset.name, dataset.layout)


def test_fingerprint_follows_content_and_labels_not_the_place(fill, tmp_path):
    root = fill(["a/1.wav", "b/1.wav"])
    before = load_dataset(root).fingerprint()
    assert len(before) == 64
    root = root.rename(tmp_path / "moved")
    assert load_dataset(root).fingerprint() == before
    (root / "b").rename(root / "c")
    relabelled = load_dataset(root).fingerprint()
    assert relabelled != before
    soundfile.write(root / "a/1.wav", np.full(400, 0.25), 8000)
    assert load_dataset(root).fingerprint() not in (before, relabelled)


def test_fingerprint_names_a_clip_that_is_gone(fill):
    root = fill(["a/1.wav", "b/1.wav"])
    dataset = load_dataset(root)
    (root / "a/1.wav").unlink()
    with pytest.raises(DatasetError, match=r"1\.wav cannot be read"):
        dataset.fingerprint()


def test_summary_counts(fill):
    summary = load_dataset(fill(["1_al_0.wav", "1_al_9.wav", "2_bo_9.wav"])).summary()
    assert summary == {
        "name": "data",
        "layout": "digits",
        "n_clips": 3,
        "classes": {"1": 2, "2": 1},
        "splits": {"train": 2, "test": 1},
        "groups": {"al": 2, "bo": 1},
        "folds": None,
    }


def test_training_needs_two_classes(fill):
    dataset = load_dataset(fill(["a/1.wav", "a/2.wav"]))
    with pytest.raises(DatasetError, match="has only clips of a"):
        dataset.check_trainable()


def test_training_warns_of_single_clips(fill):
    dataset = load_dataset(fill(["a/1.wav", "a/2.wav", "b/1.wav"]))
    with pytest.warns(UserWarning, match="only one clip of b"):
        dataset.check_trainable()
    more = load_dataset(fill(["c/1.wav"]))
    with pytest.warns(UserWarning, match="clip each of b, c. Add clips, or leave them"):
        more.check_trainable()
    fill(["b/2.wav", "c/2.wav"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_dataset(dataset.root).check_trainable()
