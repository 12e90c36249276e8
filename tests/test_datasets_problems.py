"""Problems of data sets: all of them named at once."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mfccclf import make_example_clips
from mfccclf.datasets import load_dataset
from mfccclf.errors import DatasetError


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Return a folder with the label folders a and b, of two clips each."""
    rng = np.random.default_rng(0)
    for name in ("a/1.wav", "a/2.wav", "b/1.wav", "b/2.wav"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, rng.uniform(-0.5, 0.5, 400), 8000)
    return tmp_path


@pytest.fixture
def table(clips):
    """Return a function that writes a table beside the clips and loads it."""

    def load(text: str | bytes, **kwargs):
        data = text if isinstance(text, bytes) else text.encode()
        (clips / "clips.csv").write_bytes(data)
        return load_dataset(clips / "clips.csv", **kwargs)

    return load


# CSV


def test_csv_keeps_order_labels_groups_and_splits(table, clips):
    dataset = table("path,label,split,group\nb/1.wav,no,train,al\na/1.wav,no,val,bo\n")
    assert dataset.layout == "csv"
    assert dataset.paths == [str(clips / "b/1.wav"), str(clips / "a/1.wav")]
    assert dataset.labels == ["no", "no"]
    assert dataset.splits == ["train", "validation"]
    assert dataset.groups == ["al", "bo"]


@pytest.mark.parametrize(
    "text",
    [
        "path,label\na/1.wav,x\nb/1.wav,y;z\n",
        "path;label\na/1.wav;x\nb/1.wav;'y;z'\n".replace("'", '"'),
        "path\tlabel\na/1.wav\tx\nb/1.wav\ty;z\n",
        '\ufeffPath, Label\r\n\r\na/1.wav, x\r\n,\r\n"b/1.wav",y;z\r\n\r\n',
        '"path", "label"\n"a/1.wav", "x"\n"b/1.wav" , "y;z" \n',
        '"label" ;"path"\n x ; "a/1.wav"\n"y;z";b/1.wav\n',
        "path|label\na/1.wav|x\nb/1.wav|y;z\n",
        'sep=;\r\npath;label\r\na/1.wav;x\r\nb/1.wav;"y;z"\r\n',
        'sep=,\nlabel,path\nx,a/1.wav\n"y;z","b/1.wav"',
        "path,label,\na/1.wav,x,\nb/1.wav,y;z,,\n",
        "path\tlabel\n a/1.wav\t x\n\nb\\1.wav\ty;z\n",
    ],
    ids=[
        "comma",
        "semicolon",
        "tab",
        "bom-crlf-blank-lines",
        "blanks-at-quotes",
        "blanks-at-quotes-semicolon",
        "bar",
        "separator-line",
        "separator-line-comma",
        "empty-columns",
        "tab-windows",
    ],
)
def test_csv_dialects(table, text):
    dataset = table(text)
    assert [Path(path).name for path in dataset.paths] == ["1.wav", "1.wav"]
    assert dataset.labels == ["x", "y;z"]
    assert dataset.label_sets == [("x",), ("y", "z")]
    assert dataset.groups is None
    assert dataset.splits is None


def test_csv_may_be_utf_16(table):
    assert table("path,label\na/1.wav,ü\n".encode("utf-16")).labels == ["ü"]


def test_csv_that_is_not_utf_8_is_read_as_latin_1_with_a_warning(table):
    with pytest.warns(UserWarning, match=r"clips\.csv: It is not UTF-8, so it is"):
        dataset = table("path,label\na/1.wav,Tür\n".encode("latin-1"))
    assert dataset.labels == ["Tür"]


def test_csv_quoted_and_unquoted_labels_are_the_same(table):
    dataset = table('path, label\na/1.wav, dog\nb/1.wav, "dog"\n')
    assert dataset.labels == ["dog", "dog"]


def test_csv_blanks_inside_quotes_next_to_separators_are_kept(table):
    text = 'path,label\n"a/1.wav","say ""hi"" ,x"\n"b/1.wav","z"\n'
    assert table(text).labels == ['say "hi" ,x', "z"]


@pytest.mark.parametrize("path", ["filename", "file", "fname", "slice_file_name"])
@pytest.mark.parametrize("label", ["category", "class", "target", "labels"])
def test_csv_columns_may_have_the_names_of_collections(table, path, label):
    dataset = table(f"{label},{path}\nx,a/1.wav\ny,b/1.wav\n")
    assert [Path(name).name for name in dataset.paths] == ["1.wav", "1.wav"]
    assert dataset.labels == ["x", "y"]


@pytest.mark.parametrize("name", ["group", "groups", "Speaker", "fold"])
def test_csv_columns_of_groups(table, name):
    dataset = table(f"path,label,{name}\na/1.wav,x,1\nb/1.wav,y,2\n")
    assert dataset.groups == ["1", "2"]
    assert dataset.splits is None


@pytest.mark.parametrize("name", ["split", "subset", "fold"])
def test_csv_columns_of_splits(table, name):
    dataset = table(f"path,label,{name}\na/1.wav,x,train\nb/1.wav,x,Valid\n")
    assert dataset.splits == ["train", "validation"]
    assert dataset.groups is None


def test_csv_names_that_are_meant_go_before_other_names(table):
    text = "path,label,file,class,group,fold\na/1.wav,x,9.wav,7,g,1\n"
    with pytest.warns(UserWarning, match="not used: 'file', 'class'.$"):
        dataset = table(text)
    assert (dataset.labels, dataset.groups) == (["x"], ["g"])
    assert dataset.folds == ["1"]


def test_csv_unused_columns_are_named_and_groups_offered(table):
    text = 'label,note,path,recording_id\nx,"a, b",a/1.wav,r1\ny;z,,b/1.wav,r2'
    wanted = "used: 'note', 'recording_id'. To keep .* rename that column to 'group'"
    with pytest.warns(UserWarning, match=wanted):
        dataset = table(text)
    assert dataset.labels == ["x", "y;z"]
    assert dataset.groups is None


def test_csv_columns_that_compete_for_groups_are_not_used(table):
    text = "path,label,speaker,groups\na/1.wav,x,al,1\nb/1.wav,y,bo,2\n"
    wanted = "'speaker' and 'groups' could each be the group, so none of them is used"
    with pytest.warns(UserWarning, match=wanted):
        assert table(text).groups is None


def test_csv_folds_stand_beside_groups(table):
    text = "path,label,speaker,fold\na/1.wav,x,al,1\nb/1.wav,y,bo,2\n"
    dataset = table(text)
    assert dataset.groups == ["al", "bo"]
    assert dataset.folds == ["1", "2"]
    assert dataset.take([1]).folds == ["2"]
    assert dataset.summary()["folds"] == {"1": 1, "2": 1}


@pytest.mark.parametrize("more", ["", ",speaker"])
def test_csv_rows_without_fold_are_named(table, more):
    cells = ",al" if more else ""
    text = f"path,label,fold{more}\na/1.wav,x,1{cells}\nb/1.wav,y,{cells}\n"
    wanted = "Line 3 has no fold" if more else "Line 3 has no group"
    with pytest.raises(DatasetError, match=wanted):
        table(text)


def test_csv_absolute_paths_of_windows_are_found_beside_the_table(table, clips):
    text = "path,label\nC:\\Users\\me\\a\\1.wav,x\nD:\\clips\\b\\1.wav,y\n"
    assert table(text).paths == [str(clips / "a/1.wav"), str(clips / "b/1.wav")]


def test_csv_paths_may_be_absolute_or_from_windows(table, clips):
    dataset = table(f"path,label\n{clips / 'a' / '1.wav'},x\nb\\1.wav,y\n")
    assert [os.path.isfile(path) for path in dataset.paths] == [True, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("paht,label\n", r"No column is named 'path'.*mean 'path' by 'paht'"),
        ("path,lable\n", r"No column is named 'label'.*mean 'label' by 'lable'"),
        ("a,b\n", r"No column is named 'path' or 'label'.*It is: a, b\."),
        ("path,label,spilt\n", r"column 'spilt' is not known. Did you mean 'split'"),
        ("path,label,label\n", r"column 'label' occurs twice"),
        ("path,label\na/1.wav,x,y\n", r"Line 2 has 3 cells, but the header has 2"),
        ("path,label\na/1.wav,\n", r"Line 2 has no label"),
        ("path,label\na/1.wav,x;;y\n", r"1\.wav has an empty label"),
        ("path,label\n,x\n", r"Line 2 has no path"),
        ("path,label,split\na/1.wav,x,tset\n", r"'tset'.*Did you mean 'test'"),
        ("path,label,group\na/1.wav,x,g\nb/1.wav,y,\n", r"Line 3 has no group"),
        ("path,label\na/9.wav,x\n", r"9\.wav does not exist"),
        ("path,label\na,x\n", r"a is a folder, not a clip"),
        ("path,label\na/1.wav,x\na/../a/1.wav,y\n", r"listed twice, as 'x' and as 'y'"),
        ('path,label\n"a/1.wav,x\n', r"is not CSV.*Check its quotes"),
        ("path,label\n", r"No clip was found \(layout 'csv'\)"),
        ("", r"is empty"),
        (b"\xff\xfep\0a\0t", r"not a CSV file in UTF-16"),
        (b"path,label\na/1.wav,\xff\x01\n", r"holds binary data"),
        ("sep=;\n", r"is empty"),
        ("sep=;\npath;label\na/1.wav;x;y\n", r"Line 3 has 3 cells"),
        ("file,filename,label\n", r"'file' and 'filename' could each be the path"),
        ("path,target,category\n", r"'target' and 'category' .* be the label"),
        (b"path\0label\n", r"holds binary data"),
    ],
)
def test_csv_problems_are_named(table, text, message):
    with pytest.raises(DatasetError, match=message):
        table(text)


# All layouts


def test_all_problems_are_named_at_once(table):
    with pytest.raises(DatasetError) as caught:
        table(
            "path,label,split\na/1.wav,x,train\na/7.wav,x,train\na/2.wav,,train\n"
            "b/1.wav,y,test\nb/2.wav,x,tst\n"
        )
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("clips.csv has 4 problems:")
    assert len(lines) == 5
    parts = ("Line 4 has no label", "'tst'", "7.wav does not", "none to train on, of y")
    for part in parts:
        assert any(part in line for line in lines), part


def test_a_long_list_of_problems_is_cut(table):
    rows = "".join(f"missing{i}.wav,x\n" for i in range(25))
    with pytest.raises(DatasetError) as caught:
        table("path,label\n" + rows)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("has 25 problems:")
    assert len(lines) == 22
    assert lines[-1].strip() == "... and 5 more"


def test_broken_clips_are_named_together(clips):
    (clips / "a/text.au").write_text("This is no sound at all. " * 40)
    (clips / "a/empty.wav").write_bytes(b"")
    soundfile.write(clips / "b/silent.wav", np.zeros(0), 8000)
    with pytest.raises(DatasetError) as caught:
        load_dataset(clips)
    assert "has 3 problems" in str(caught.value)
    for name in ("text.au", "empty.wav", "silent.wav"):
        assert name in str(caught.value)
    assert len(load_dataset(clips, check=False)) == 7


def test_a_broken_link_is_named(clips):
    (clips / "a/gone.wav").symlink_to(clips / "nowhere.wav")
    with pytest.raises(DatasetError, match=r"gone\.wav does not exist"):
        load_dataset(clips)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_does_not_hang(clips):
    os.mkfifo(clips / "a/pipe.wav")
    with pytest.raises(DatasetError, match="not a regular file"):
        load_dataset(clips)


def split_up(clips: Path) -> Path:
    for split, number in (("train", "1"), ("test", "2")):
        for label in "ab":
            (clips / split / label).mkdir(parents=True)
            (clips / label / f"{number}.wav").rename(clips / split / label / "x.wav")
    return clips


def test_the_same_recording_in_two_splits_is_a_problem(clips):
    root = split_up(clips)
    assert len(load_dataset(root)) == 4
    shutil.copy(root / "train/a/x.wav", root / "test/a/copy.wav")
    with pytest.raises(
        DatasetError, match=r"two splits: .*copy\.wav \(test\), .*x\.wav"
    ):
        load_dataset(root)
    assert len(load_dataset(root, check=False)) == 5


def test_the_same_recording_twice_in_one_split_is_none(clips):
    root = split_up(clips)
    shutil.copy(root / "test/a/x.wav", root / "test/a/copy.wav")
    assert len(load_dataset(root)) == 5


def test_files_that_differ_only_late_are_told_apart(tmp_path):
    for split, last in (("train", 0.25), ("test", 0.5)):
        (tmp_path / split / "a").mkdir(parents=True)
        wave = np.full(40_000, 0.125)
        wave[-1] = last
        soundfile.write(tmp_path / split / "a" / "x.wav", wave, 8000)
    assert len(load_dataset(tmp_path)) == 2


def test_a_class_that_is_tested_but_not_trained_is_a_problem(clips):
    root = split_up(clips)
    (root / "train/b").rename(root / "train/c")
    with pytest.raises(DatasetError, match="to test with, but none to train on, of b"):
        load_dataset(root)


def test_a_clip_beside_the_split_folders_is_a_problem(clips):
    root = split_up(clips)
    shutil.copy(root / "train/a/x.wav", root / "stray.wav")
    with pytest.raises(DatasetError, match=r"stray\.wav lies in no label's folder"):
        load_dataset(root)


def test_a_test_split_alone_is_fine(clips):
    root = split_up(clips)
    shutil.rmtree(root / "train")
    assert load_dataset(root).splits == ["test", "test"]


def test_groups_on_both_sides_of_a_split_give_a_warning(table):
    with pytest.warns(UserWarning, match=r"1 of 2 groups lie in more .*\(al\)"):
        table(
            "path,label,split,group\na/1.wav,x,train,al\na/2.wav,x,test,al\n"
            "b/1.wav,x,test,bo\n"
        )


def test_labels_that_cannot_be_printed_are_a_problem(clips):
    (clips / "a").rename(clips / "a\x07")
    with pytest.raises(DatasetError, match="cannot be printed"):
        load_dataset(clips)


def test_names_that_are_no_unicode_make_a_printable_message(clips):
    try:
        os.rename(os.fsencode(clips / "a"), os.fsencode(clips) + b"/\xe9t\xe9")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    with pytest.raises(DatasetError, match="cannot be printed") as caught:
        load_dataset(clips)
    str(caught.value).encode("utf-8")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root")
def test_a_folder_that_may_not_be_read_is_named(clips):
    (clips / "a").chmod(0)
    try:
        with pytest.raises(DatasetError, match="cannot be listed"):
            load_dataset(clips)
    finally:
        (clips / "a").chmod(0o700)


def test_the_table_that_has_the_labels_is_named(tmp_path):
    folder = tmp_path / "clips of all"
    make_example_clips(folder, n_groups=1, n_clips=1)
    message = f"If labels.csv lists the labels, name that file: {folder}/labels.csv."
    with pytest.raises(DatasetError, match=re.escape(message)):
        load_dataset(folder).check_trainable()
