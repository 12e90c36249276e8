"""Annotated recordings in archives and at addresses."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from archive_tools import make_tar, make_zip, pack
from cli_tools import read_folder, succeed

from mfccclf import load_dataset, load_waveform
from mfccclf.datasets import Cutting, load_unlabelled
from mfccclf.datasets.loading import find_layout
from mfccclf.errors import DatasetError

RATE = 8000
TRACK = b"1\t2\tlow\n3\t4\thigh\n"


def recording(seed: int) -> bytes:
    """Five seconds with a low tone in the second and a high one in the fourth."""
    time = np.arange(5 * RATE) / RATE
    wave = 0.01 * np.random.default_rng(seed).standard_normal(len(time))
    for start, hertz in ((1, 300 + seed), (3, 1500 + seed)):
        part = slice(start * RATE, (start + 1) * RATE)
        wave[part] += 0.4 * np.sin(2 * np.pi * hertz * time[part])
    file = io.BytesIO()
    soundfile.write(file, wave, RATE, format="WAV")
    return file.getvalue()


MEMBERS = {
    "field/a.wav": recording(0),
    "field/a.txt": TRACK,
    "field/b.wav": recording(1),
    "field/b.wav.txt": TRACK,
    "field/list.csv": b"path,start,end,label,speaker\na.wav,1,2,low,anna\n"
    b"b.wav,3,4,high,ben\nC:\\x\\b.wav,1,2,low,ben\n",
}


def times_of(dataset, top):
    return [path.removeprefix(f"{top}") for path in dataset.paths]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The folder that is packed elsewhere."""
    folder = tmp_path_factory.mktemp("plain") / "field"
    folder.mkdir()
    for name, content in MEMBERS.items():
        (folder / name.partition("/")[2]).write_bytes(content)
    return folder


@pytest.fixture(params=["x.zip", "x.tar", "x.tar.gz", "memory"])
def stored(request, tmp_path):
    """The same folder in an archive or at an address, and what its paths begin with."""
    if request.param != "memory":
        archive = pack(tmp_path / request.param, MEMBERS)
        yield archive, f"{archive}::field"
        return
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    for name, content in MEMBERS.items():
        system.pipe(f"/stored/{name}", content)
    yield "memory://stored/field", "memory://stored/field"
    system.rm("/stored", recursive=True)


def test_an_archive_gives_the_clips_of_its_folder(stored, plain):
    data, top = stored
    here, there = load_dataset(plain), load_dataset(data)
    assert there.layout == find_layout(data) == "annotations"
    assert times_of(there, top) == times_of(here, plain)
    assert there.paths[0] == f"{top}/a.wav#t=1,2"
    assert (there.labels, there.groups) == (here.labels, here.groups)
    assert there.groups == ["a.wav"] * 2 + ["b.wav"] * 2
    for path, other in zip(here.paths, there.paths, strict=True):
        np.testing.assert_array_equal(load_waveform(path), load_waveform(other))


@pytest.mark.parametrize("name", ["a.txt", "list.csv"])
def test_a_table_in_an_archive_is_that_of_its_folder(stored, plain, name):
    _, top = stored
    here, there = load_dataset(plain / name), load_dataset(f"{top}/{name}")
    assert there.layout == "annotations"
    assert times_of(there, top) == times_of(here, plain)
    assert (there.labels, there.groups) == (here.labels, here.groups)


def test_windows_and_unlabelled_time(stored, plain):
    data, top = stored
    cutting = Cutting(window=0.5, overlap=0.6, unlabelled="rest")
    here, there = (load_dataset(one, cutting=cutting) for one in (plain, data))
    assert times_of(there, top) == times_of(here, plain)
    assert "rest" in there.classes
    quiet, silent = load_unlabelled(plain), load_unlabelled(data)
    assert times_of(silent, top) == times_of(quiet, plain)
    assert len(silent) > 3


def test_shards_say_the_split_of_their_recordings(tmp_path):
    for number, split in enumerate(("train", "test")):
        members = {f"{number}.wav": recording(number), f"{number}.txt": TRACK}
        make_tar(tmp_path / f"{split}-000.tar", members)
    clips = load_dataset(tmp_path)
    assert clips.layout == "annotations"
    assert clips.splits == ["test", "test", "train", "train"]
    tests, trains = "test-000.tar::1.wav", "train-000.tar::0.wav"
    assert clips.groups == [tests, tests, trains, trains]


def test_labels_beside_clips_are_no_annotations(tmp_path):
    members = {"0.wav": recording(0), "0.txt": b"low", "1.wav": recording(1)}
    archive = make_tar(tmp_path / "x.tar", members | {"1.txt": b"high"})
    clips = load_dataset(archive)
    assert (clips.layout, clips.labels) == ("webdataset", ["low", "high"])
    with pytest.raises(DatasetError, match=r"webdataset.* has no annotations with tim"):
        load_dataset(archive, cutting=Cutting(window=0.5))
    with pytest.raises(DatasetError, match="has no annotations with times, so no time"):
        load_unlabelled(archive)


def test_faults_name_archive_and_line(tmp_path):
    members = MEMBERS | {"field/a.txt": b"1\t9\tlow\n"}
    archive = make_zip(tmp_path / "x.zip", members)
    with pytest.raises(DatasetError, match=r"x\.zip::field/a\.txt: Line 1.* ends at 9"):
        load_dataset(archive)
    table = make_zip(
        tmp_path / "y.zip", {"d/t.csv": b"path,start,end,label\nno.wav,1,2,low\n"}
    )
    with pytest.raises(DatasetError, match=r"Line 2.*no\.wav, which does not exist"):
        load_dataset(f"{table}::d/t.csv")
    with pytest.raises(DatasetError, match=r"x\.zip::field/z\.txt"):
        load_dataset(f"{archive}::field/z.txt", layout="annotations")


def test_models_are_trained_and_evaluated_on_them(tmp_path, plain):
    archive = make_zip(tmp_path / "x.zip", MEMBERS)
    model, printed = tmp_path / "m.mfccclf", []
    settings = ["--epochs", 2, "--preset", "scratch", "--set", "hidden_sizes=[4]"]
    for data in (archive, plain):
        succeed("train", data, "-o", model, *settings, "--other-unlabelled")
        printed.append(succeed("evaluate", model, archive, "--format", "json"))
    assert printed[0] == printed[1]
    assert set(read_folder(tmp_path)) == {"x.zip", "m.mfccclf"}


def test_an_archive_is_no_table(tmp_path):
    archive = make_zip(tmp_path / "x.zip", MEMBERS)
    with pytest.raises(DatasetError, match=r"x\.zip is no table. Name the CSV file"):
        load_dataset(archive, layout="csv")
