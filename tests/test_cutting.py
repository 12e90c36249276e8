"""Clips cut into pieces of equal length."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import succeed

from mfccclf import load_dataset
from mfccclf.errors import DatasetError
from mfccclf.synthesis import cut_clips

RATE = 8000


@pytest.fixture(name="pieces", scope="module")
def chmusic_folder(tmp_path_factory):
    """Four pieces of music of two instruments, named as ChMusic's, and a short one."""
    folder = tmp_path_factory.mktemp("ChMusic")
    rng = np.random.default_rng(0)
    lengths = {"1.1": 1.3, "1.5": 1.0, "10.1": 0.9, "10.5": 1.6, "10.2": 0.2}
    for name, seconds in lengths.items():
        wave = rng.uniform(-0.5, 0.5, (round(seconds * RATE), 2))
        soundfile.write(folder / f"{name}.wav", wave, RATE)
    return load_dataset(folder)


def cut(clips, folder, **changes):
    return cut_clips(
        clips, folder, **({"duration": 0.5, "sample_rate": RATE} | changes)
    )


def test_pieces_keep_labels_and_splits_and_are_grouped_by_clip(pieces, tmp_path):
    made = cut(pieces, tmp_path / "cut")
    data = load_dataset(made.folder / "labels.csv")
    found = set(zip(data.groups, data.labels, data.splits, strict=True))
    assert found == {
        ("1.1.wav", "Erhu", "train"),
        ("1.5.wav", "Erhu", "test"),
        ("10.1.wav", "Yangqin", "train"),
        ("10.5.wav", "Yangqin", "test"),
    }
    assert len(data) == made.n_clips == 2 + 2 + 1 + 3
    assert made.n_too_short == 1


def test_pieces_are_the_samples_of_the_clip(pieces, tmp_path):
    folder = cut(pieces, tmp_path / "cut", n_channels=2, hop=0.25).folder
    manifest = json.loads((folder / "manifest.json").read_text())
    (clip,) = (
        clip
        for clip in manifest["clips"]
        if clip["source"] == "10.5.wav" and clip["start_s"] == 0.75
    )
    piece, _ = soundfile.read(folder / "clips" / clip["name"])
    whole, _ = soundfile.read(Path(pieces.root) / "10.5.wav")
    np.testing.assert_allclose(piece, whole[6000:10000], atol=1e-4)


def test_the_same_call_changes_nothing(pieces, tmp_path):
    made = cut(pieces, tmp_path / "cut")
    before = {path: path.stat().st_mtime_ns for path in made.folder.rglob("*.*")}
    assert cut(pieces, tmp_path / "cut") == made
    assert before == {p: p.stat().st_mtime_ns for p in made.folder.rglob("*.*")}


def test_clips_that_are_all_too_short_are_refused(pieces, tmp_path):
    with pytest.raises(DatasetError, match="No clip of ChMusic.* is 60 s long"):
        cut(pieces, tmp_path / "cut", duration=60)
    with pytest.raises(ValueError, match="'hop' parameter of cut_clips"):
        cut(pieces, tmp_path / "cut", hop=0)
    assert not (tmp_path / "cut").exists()


def test_the_command_cuts(pieces, tmp_path):
    options = ["--duration", 0.5, "--rate", RATE, "--output", tmp_path / "cut"]
    printed = succeed("dataset", "cut", pieces.root, *options)
    assert "Cut 4 clips into 8." in printed
    assert "Left out 1 clips that are too short." in printed
