"""Collections with official folds, made from their published descriptions."""

from __future__ import annotations

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
