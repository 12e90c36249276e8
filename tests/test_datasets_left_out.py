"""What a folder holds is used, or named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from odd_files import video

from mfccclf.datasets import load_dataset
from mfccclf.datasets.files import scan_folder
from mfccclf.errors import DatasetError
from mfccclf.waveform.containers import detect
from mfccclf.waveform.endings import ENDINGS_OF, SOUND_ENDINGS


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Return a folder with the label folders a and b, of two clips each."""
    rng = np.random.default_rng(0)
    for name in ("a/1.wav", "a/2.wav", "b/1.wav", "b/2.wav"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, rng.uniform(-0.5, 0.5, 400), 8000)
    return tmp_path / "data"


def test_every_content_that_is_read_has_endings():
    magic = (detect._SOUND_MAGIC, detect._RIFF_FORMS, detect._FORM_FORMS)
    names = {kind.name for table in magic for kind in table.values()}
    others = {"MP3", "AAC", "WebM", "Matroska", "M4A", "MP4", "QuickTime"}
    assert set(ENDINGS_OF) == names | others | {"MPEG transport stream"}


@pytest.mark.parametrize(
    "ending",
    [
        "aac",
        "wma",
        "amr",
        "3gp",
        "aifc",
        "mka",
        "wv",
        "tta",
        "ape",
        "avi",
        "mp2",
        "wav",
        "flac",
        "ogg",
        "opus",
        "mp3",
        "m4a",
        "au",
    ],
)
def test_endings_of_sound(ending):
    assert f".{ending}" in SOUND_ENDINGS


def test_clips_of_every_ending_are_found(tmp_path):
    for i, ending in enumerate(sorted(SOUND_ENDINGS)):
        (tmp_path / f"{i}{ending.upper() if i % 2 else ending}").touch()
    tree = scan_folder(tmp_path)
    assert len(tree.clips) == len(SOUND_ENDINGS)
    assert tree.others == ()


def test_clips_that_only_pyav_reads_are_a_class_of_their_own(clips):
    pytest.importorskip("av")
    (clips / "c").mkdir()
    (clips / "c" / "1.mka").write_bytes(video(kind="matroska", picture=False))
    assert load_dataset(clips).classes == ["a", "b", "c"]


def test_files_that_are_left_out_are_counted_and_named(clips):
    for i in range(5):
        (clips / "a" / f"{i}.xyz").write_text("no sound")
    wanted = r"5 files are left out, .*: a/0\.xyz, a/1\.xyz, a/2\.xyz and 2 more\.$"
    with pytest.warns(UserWarning, match=wanted):
        assert len(load_dataset(clips)) == 4


def test_one_file_that_is_left_out_is_named(clips):
    (clips / "recordings.zip").write_bytes(b"PK")
    wanted = r"1 file is left out, as its ending is not .*: recordings\.zip\.$"
    with pytest.warns(UserWarning, match=wanted):
        load_dataset(clips)


def test_texts_and_pictures_beside_clips_are_not_worth_a_word(clips):
    names = ("README", "LICENSE", "a/1.txt", "a/1.TextGrid", "b/1.png", "x.json")
    for name in names:
        (clips / name).write_text("text")
    assert len(load_dataset(clips)) == 4


def test_folders_of_labels_without_clips_are_an_error(clips):
    for name in ("happy", "sad", "b/empty"):
        (clips / name).mkdir()
    (clips / "sad" / "1.xyz").write_text("no sound")
    (clips / "sad" / "2.xyz").write_text("no sound")
    wanted = (
        r"No sound file was found in happy \(empty\), sad \(2 files, such as 1\.xyz\), "
        r".*Add clips, remove the folder, or put a dot"
    )
    with pytest.raises(DatasetError, match=wanted):
        load_dataset(clips)


def test_folders_that_are_excluded_may_be_empty(clips):
    (clips / "happy").mkdir()
    assert load_dataset(clips, exclude=["happy"]).classes == ["a", "b"]


def test_folders_of_labels_without_clips_are_named_in_each_split(tmp_path):
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        for label in "ab":
            (tmp_path / split / label).mkdir(parents=True)
            path = tmp_path / split / label / "1.wav"
            soundfile.write(path, rng.uniform(-0.5, 0.5, 400), 8000)
    (tmp_path / "train" / "c").mkdir()
    with pytest.raises(DatasetError, match=r"in train/c \(empty\)"):
        load_dataset(tmp_path)


def test_empty_folders_elsewhere_do_not_matter(clips):
    (clips / "a" / "more").mkdir()
    assert len(load_dataset(clips)) == 4
