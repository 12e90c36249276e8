"""Collections with official folds, made from their published descriptions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sklearn.model_selection import GroupKFold

from mfccclf.datasets import load_dataset
from mfccclf.datasets.loading import find_layout
from mfccclf.errors import DatasetError

ESC_HEADER = "filename,fold,target,category,esc10,src_file,take"
URBAN_HEADER = "slice_file_name,fsID,start,end,salience,fold,classID,class"


def write_clips(root: Path, names: list[str]) -> None:
    rng = np.random.default_rng(0)
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, rng.uniform(-0.5, 0.5, 400), 8000)


def write_table(root: Path, name: str, rows: list[str]) -> Path:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("\n".join(rows) + "\n")
    return root / name


@pytest.fixture
def esc50(tmp_path: Path) -> Path:
    """Return a folder as ESC-50 has it: three clips, two of them of ESC-10."""
    rows = [
        "1-100032-A-0.wav,1,0,dog,True,100032,A",
        "2-100210-A-36.wav,2,36,vacuum_cleaner,False,100210,A",
        "5-9032-A-1.wav,5,1,rooster,True,9032,A",
    ]
    root = tmp_path / "ESC-50-master"
    write_table(root, "meta/esc50.csv", [ESC_HEADER, *rows])
    write_clips(root, [f"audio/{row.split(',')[0]}" for row in rows])
    return root


@pytest.fixture
def urban(tmp_path: Path) -> Path:
    """Return a folder as UrbanSound8K has it: three clips in two folds."""
    rows = [
        "100032-3-0-0.wav,100032,0.0,0.317551,1,5,3,dog_bark",
        "100263-2-0-117.wav,100263,58.5,62.5,1,5,2,children_playing",
        "99812-1-0-0.wav,99812,0.0,4.0,2,10,1,car_horn",
    ]
    root = tmp_path / "UrbanSound8K"
    write_table(root, "metadata/UrbanSound8K.csv", [URBAN_HEADER, *rows])
    cells = [row.split(",") for row in rows]
    write_clips(root, [f"audio/fold{row[5]}/{row[0]}" for row in cells])
    return root


def test_esc50_labels_by_category_and_groups_by_fold(esc50):
    dataset = load_dataset(esc50)
    assert dataset.layout == "esc50"
    assert dataset.labels == ["dog", "vacuum_cleaner", "rooster"]
    assert dataset.groups == ["1", "2", "5"]
    assert dataset.splits is None
    assert dataset.paths[0] == str(esc50 / "audio" / "1-100032-A-0.wav")


def test_esc10_can_be_asked_for(esc50):
    dataset = load_dataset(esc50, layout="esc10")
    assert dataset.labels == ["dog", "rooster"]
    assert dataset.groups == ["1", "5"]


def test_esc10_by_itself_is_recognised(esc50):
    table = esc50 / "meta" / "esc50.csv"
    rows = table.read_text().splitlines()
    write_table(esc50, "meta/esc50.csv", [rows[0], rows[1], rows[3]])
    (esc50 / "audio" / "2-100210-A-36.wav").unlink()
    assert load_dataset(esc50).layout == "esc10"


def test_urbansound8k_labels_by_class_and_groups_by_fold(urban):
    dataset = load_dataset(urban)
    assert dataset.layout == "urbansound8k"
    assert dataset.labels == ["dog_bark", "children_playing", "car_horn"]
    assert dataset.groups == ["5", "5", "10"]
    assert dataset.paths[2] == str(urban / "audio" / "fold10" / "99812-1-0-0.wav")


@pytest.mark.parametrize("name", ["esc50", "urbansound8k"])
def test_the_table_of_a_collection_stands_for_its_folder(esc50, urban, name):
    tables = {
        "esc50": esc50 / "meta" / "esc50.csv",
        "urbansound8k": urban / "metadata" / "UrbanSound8K.csv",
    }
    dataset = load_dataset(tables[name])
    assert dataset.layout == find_layout(tables[name]) == name
    assert dataset.paths == load_dataset(tables[name].parents[1]).paths


def test_the_table_of_a_collection_may_be_named_from_anywhere(esc50, monkeypatch):
    monkeypatch.chdir(esc50.parent)
    named = load_dataset(Path(esc50.name, "meta", "esc50.csv"))
    assert named.paths[0] == "ESC-50-master/audio/1-100032-A-0.wav"
    monkeypatch.chdir(esc50 / "meta")
    assert load_dataset("esc50.csv").paths == load_dataset(esc50).paths


def test_folds_stay_whole_in_cross_validation(urban):
    dataset = load_dataset(urban)
    folds = GroupKFold(2).split(dataset.paths, dataset.labels, dataset.groups)
    for train, test in folds:
        groups = [{dataset.groups[i] for i in part} for part in (train, test)]
        assert not groups[0] & groups[1]


def test_listed_clips_that_are_not_there_are_named(urban):
    (urban / "audio" / "fold10" / "99812-1-0-0.wav").unlink()
    with pytest.raises(DatasetError, match=r"99812-1-0-0\.wav does not exist"):
        load_dataset(urban)


def test_clips_that_are_not_listed_are_named(esc50):
    write_clips(esc50, ["audio/more.wav"])
    wanted = r"1 of 4 sound files are left out, as meta/esc50\.csv .*audio/more\.wav"
    with pytest.warns(UserWarning, match=wanted):
        assert len(load_dataset(esc50)) == 3


def test_a_table_without_its_columns_is_named(esc50):
    write_table(esc50, "meta/esc50.csv", ["filename,category", "x.wav,dog"])
    with pytest.raises(DatasetError, match=r"esc50\.csv has no column 'fold'"):
        load_dataset(esc50)


def test_a_layout_without_its_table_is_refused(tmp_path):
    write_clips(tmp_path, ["a/1.wav"])
    with pytest.raises(DatasetError, match=r"esc50\.csv does not exist"):
        load_dataset(tmp_path, layout="esc50")


# Collections with several tables, or with folds in their names


@pytest.fixture
def fsd50k(tmp_path: Path) -> Path:
    """Return a folder as FSD50K has it: three clips to train with, one to test."""
    root = tmp_path / "FSD50K"
    dev = [
        "fname,labels,mids,split",
        '64760,"Electric_guitar,Guitar,Music","/m/02sgy,/m/0342h,/m/04rlf",train',
        '16399,"Guitar,Music","/m/0342h,/m/04rlf",train',
        '16401,"Guitar,Music","/m/0342h,/m/04rlf",val',
    ]
    evaluation = ["fname,labels,mids", '37199,"Guitar,Music","/m/0342h,/m/04rlf"']
    write_table(root, "FSD50K.ground_truth/dev.csv", dev)
    write_table(root, "FSD50K.ground_truth/eval.csv", evaluation)
    write_table(root, "FSD50K.ground_truth/vocabulary.csv", ["0,Guitar,/m/0342h"])
    names = [f"FSD50K.dev_audio/{number}.wav" for number in (64760, 16399, 16401)]
    write_clips(root, [*names, "FSD50K.eval_audio/37199.wav"])
    return root


def test_fsd50k_has_several_labels_and_three_splits(fsd50k):
    dataset = load_dataset(fsd50k)
    assert dataset.layout == "fsd50k"
    assert dataset.label_sets[0] == ("Electric_guitar", "Guitar", "Music")
    assert dataset.splits == ["train", "train", "validation", "test"]
    assert dataset.paths[3] == str(fsd50k / "FSD50K.eval_audio" / "37199.wav")
    named = load_dataset(fsd50k / "FSD50K.ground_truth" / "dev.csv")
    assert named.paths == dataset.paths


def test_fsd50k_may_lack_its_evaluation_part(fsd50k):
    (fsd50k / "FSD50K.ground_truth" / "eval.csv").unlink()
    (fsd50k / "FSD50K.eval_audio" / "37199.wav").unlink()
    assert load_dataset(fsd50k).splits == ["train", "train", "validation"]


TRAIN_2018 = ["00044347.wav,Hi-hat,0", "001ca53d.wav,Saxophone,1"]


def test_freesound_on_kaggle_of_2018_as_on_zenodo(tmp_path):
    header = "fname,label,manually_verified,freesound_id,license"
    rows = [f"{row},28739,CC0" for row in TRAIN_2018]
    meta = "FSDKaggle2018.meta"
    write_table(tmp_path, f"{meta}/train_post_competition.csv", [header, *rows])
    write_table(
        tmp_path,
        f"{meta}/test_post_competition_scoring_clips.csv",
        [
            "fname,label,usage,freesound_id,license",
            "00326aa9.wav,Saxophone,Public,1,CC0",
        ],
    )
    names = [f"FSDKaggle2018.audio_train/{row.split(',')[0]}" for row in rows]
    write_clips(tmp_path, [*names, "FSDKaggle2018.audio_test/00326aa9.wav"])
    dataset = load_dataset(tmp_path)
    assert dataset.layout == "fsdkaggle"
    assert dataset.labels == ["Hi-hat", "Saxophone", "Saxophone"]
    assert dataset.splits == ["train", "train", "test"]
    some = load_dataset(tmp_path, exclude=["unverified"], split="train")
    assert some.labels == ["Saxophone"]


def test_freesound_on_kaggle_of_2018_as_in_the_competition(tmp_path):
    write_table(tmp_path, "train.csv", ["fname,label,manually_verified", *TRAIN_2018])
    names = [f"audio_train/{row.split(',')[0]}" for row in TRAIN_2018]
    write_clips(tmp_path, [*names, "audio_test/0038a046.wav"])
    wanted = r"1 of 3 sound files are left out, as train\.csv .*audio_test/0038a046"
    with pytest.warns(UserWarning, match=wanted):
        dataset = load_dataset(tmp_path)
    assert dataset.layout == "fsdkaggle"
    assert dataset.labels == ["Hi-hat", "Saxophone"]


def test_a_table_called_train_beside_other_clips_is_no_collection(tmp_path):
    write_clips(tmp_path, ["a.wav", "b.wav"])
    table = write_table(tmp_path, "train.csv", ["path,label", "a.wav,x", "b.wav,y"])
    assert load_dataset(table).layout == "csv"


def test_freesound_on_kaggle_of_2019_has_a_noisy_part(tmp_path):
    tables = {"curated": "a1.wav", "noisy": "b1.wav"}
    for part, name in tables.items():
        rows = ["fname,labels", f'{name},"Bark,Meow"']
        path = f"FSDKaggle2019.meta/train_{part}_post_competition.csv"
        write_table(tmp_path, path, rows)
        write_clips(tmp_path, [f"FSDKaggle2019.audio_train_{part}/{name}"])
    dataset = load_dataset(tmp_path)
    assert dataset.label_sets == [("Bark", "Meow")] * 2
    assert len(load_dataset(tmp_path, exclude=["unverified"])) == 1


def test_audiomnist_has_folds_of_speakers(tmp_path):
    names = [f"data/{s:02}/{d}_{s:02}_0.wav" for s in (1, 26, 60) for d in (0, 9)]
    write_clips(tmp_path, names)
    (tmp_path / "data" / "audioMNIST_meta.txt").write_text("{}")
    dataset = load_dataset(tmp_path)
    assert dataset.layout == "audiomnist"
    assert dataset.labels == ["0", "9"] * 3
    assert dataset.groups == ["01", "01", "26", "26", "60", "60"]
    assert dataset.folds == ["2", "2", "1", "1", "1", "1"]
    assert dataset.splits is None
    assert load_dataset(tmp_path / "data").folds == dataset.folds


def test_each_speaker_of_audiomnist_is_in_one_of_five_folds():
    from mfccclf.datasets.layouts.audiomnist import _FOLD_OF

    assert sorted(_FOLD_OF) == [f"{speaker:02}" for speaker in range(1, 61)]
    assert Counter(_FOLD_OF.values()) == dict.fromkeys("12345", 12)


WORDS = "client_id\tpath\tsentence\tup_votes\tlocale\tsegment"


def common_voice(root: Path, segment: str, tables: dict[str, list[str]]) -> Path:
    """Make a folder as Common Voice has it: a table and clips of each split."""
    for name, sentences in tables.items():
        rows = [
            f"{name}{i}\t{name}{i}.mp3\t{sentence}\t2\ten\t{segment}"
            for i, sentence in enumerate(sentences)
        ]
        write_table(root, f"{name}.tsv", [WORDS, *rows])
        for row in rows:
            path = root / "clips" / row.split("\t")[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, np.random.default_rng(len(name)).random(900), 8000)
    return root


@pytest.mark.parametrize("segment", ["Singleword", "Singleword Benchmark"])
def test_single_words_of_common_voice(tmp_path, segment):
    tables = {"train": ["yes", "no"], "dev": ["no"], "test": ["yes"]}
    root = common_voice(tmp_path, segment, tables)
    dataset = load_dataset(root, check=False)
    assert dataset.layout == "common-voice"
    assert dataset.labels == ["yes", "no", "no", "yes"]
    assert dataset.splits == ["train", "train", "validation", "test"]
    assert dataset.groups[:3] == ["train0", "train1", "dev0"]


def test_common_voice_without_splits_has_its_validated_clips(tmp_path):
    root = common_voice(tmp_path, "Singleword", {"validated": ["yes", "no"]})
    dataset = load_dataset(root, check=False)
    assert dataset.labels == ["yes", "no"]
    assert dataset.splits is None


def test_sentences_of_common_voice_are_no_labels(tmp_path):
    sentences = ["It was a dark and stormy night.", "The rain fell in torrents."]
    root = common_voice(tmp_path, "", {"train": sentences})
    with pytest.raises(DatasetError, match="whole sentences are no labels"):
        load_dataset(root, check=False)


def test_sentences_beside_single_words_are_counted(tmp_path):
    root = common_voice(tmp_path, "Singleword", {"train": ["yes", "no", "It rains."]})
    table = root / "train.tsv"
    text = table.read_text().splitlines()
    text[-1] = text[-1].removesuffix("Singleword")
    table.write_text("\n".join(text) + "\n")
    with pytest.warns(UserWarning, match="1 of 3 clips are left out, .* no single"):
        assert load_dataset(root, check=False).labels == ["yes", "no"]


@pytest.mark.parametrize("name", ["esc50", "urban"])
def test_official_folds(name, request, tmp_path):
    dataset = load_dataset(request.getfixturevalue(name))
    assert dataset.folds == dataset.groups
    assert dataset.take([2, 0]).folds == [dataset.folds[2], dataset.folds[0]]


# Clips that a layout leaves out


def test_noise_of_speech_commands_is_counted_and_named(tmp_path):
    names = ["yes/0a7c2a8d_nohash_0.wav", "no/0a7c2a8d_nohash_0.wav"]
    noise = [f"_background_noise_/{name}.wav" for name in ("pink_noise", "doing")]
    write_clips(tmp_path, [*names, *noise])
    wanted = r"2 clips are left out, as _background_noise_ .*noise_/doing\.wav, _b"
    with pytest.warns(UserWarning, match=wanted):
        assert load_dataset(tmp_path).labels == ["no", "yes"]


# Folds and splits are no labels


def test_folds_of_a_collection_are_no_labels(urban):
    wanted = r"labels are all folds: fold5, fold10\. Name the folder .*Sound8K"
    with pytest.raises(DatasetError, match=wanted):
        load_dataset(urban / "audio")


@pytest.mark.parametrize("form", ["fold{}", "Fold_{}", "fold-{}"])
def test_folders_of_folds_are_no_labels(tmp_path, form):
    write_clips(tmp_path, [f"{form.format(i)}/1.wav" for i in (1, 2)])
    with pytest.raises(DatasetError, match=r"columns path, label and fold\."):
        load_dataset(tmp_path)


def test_splits_are_no_labels(tmp_path):
    write_clips(tmp_path, ["1.wav", "2.wav", "3.wav"])
    rows = ["path,label", "1.wav,train", "2.wav,test", "3.wav,valid"]
    table = write_table(tmp_path, "clips.csv", rows)
    with pytest.raises(
        DatasetError, match=r"labels are all splits: test, train, valid\."
    ):
        load_dataset(table)


def test_a_fold_beside_other_labels_is_a_label(tmp_path):
    write_clips(tmp_path, ["fold1/1.wav", "paper/1.wav"])
    assert load_dataset(tmp_path).classes == ["fold1", "paper"]
