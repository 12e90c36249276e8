"""Files are written whole or not at all."""

from __future__ import annotations

import stat

import pytest

from mfccclf._files import atomic_path
from mfccclf.workflows import check_output


def write_half(path):
    with atomic_path(path) as temporary:
        temporary.write_text("new")
        raise RuntimeError("half way")


def test_file_appears_whole(tmp_path):
    path = tmp_path / "out.txt"
    with atomic_path(path) as temporary:
        temporary.write_text("all of it")
        assert not path.exists()
    assert path.read_text() == "all of it"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.txt"]


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="half way"):
        write_half(path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.txt"]


def test_file_gets_the_usual_permissions(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("")
    path = tmp_path / "out.txt"
    with atomic_path(path) as temporary:
        temporary.write_text("x")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_output_must_have_the_right_ending(tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.npz. Call it x\.npz"):
        check_output(tmp_path / "x.zip", suffix=".npz")


def test_output_folder_must_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist. Make it first"):
        check_output(tmp_path / "none" / "x.mfccclf")


def test_output_must_not_be_a_folder(tmp_path):
    folder = tmp_path / "x.mfccclf"
    folder.mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder. Name a file"):
        check_output(folder)
