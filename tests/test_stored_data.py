"""Data sets in archives, in shards and at addresses, from loading to predictions."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import joblib
import numpy as np
import pytest
from archive_tools import make_clip_bytes, make_tar, make_zip, pack
from cli_tools import FAST, fail, read_folder, run, succeed

from mfccclf import FeatureCache, MFCCExtractor, load_dataset
from mfccclf.datasets.extracted import load_extracted
from mfccclf.datasets.stored_data import split_of_shard
from mfccclf.errors import DatasetError
from mfccclf.features import transformer
from mfccclf.storage.shards import cut_rounds, cut_tasks
from mfccclf.workflows import extract_to_disk

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def memory():
    """A folder in fsspec's memory, and its address."""
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/", recursive=True)


def upload(system, folder: Path, path: str) -> str:
    for name, content in read_folder(folder).items():
        system.pipe(f"/{path}/{name}", content)
    return f"memory://{path}"


def make_shards(folder: Path, names=("train-000", "train-001", "test-000")) -> Path:
    """Make shards of two clips of each label, as WebDataset has them."""
    folder.mkdir()
    for number, name in enumerate(names):
        members = {}
        for index in range(4):
            key = f"{number}{index:04}"
            label = ("low", "high")[index % 2]
            tone = (200, 2000)[index % 2] + 10 * number + index
            members |= {
                f"{key}.wav": make_clip_bytes(tone),
                f"{key}.cls": label.encode(),
            }
        make_tar(folder / f"{name}.tar", members)
    return folder


@pytest.mark.parametrize("kind", ["x.zip", "x.tar", "x.tar.gz"])
def test_an_archive_is_the_folder_that_was_packed(recordings, tmp_path, kind):
    members = {f"top/{name}": data for name, data in read_folder(recordings).items()}
    members |= {"__MACOSX/top/._0.wav": b"junk", ".hidden": b"", "top/README.md": b""}
    archive = pack(tmp_path / kind, members)
    packed, plain = load_dataset(archive), load_dataset(recordings)
    assert packed.labels == plain.labels
    assert packed.layout == "folders"
    assert packed.paths[0] == f"{archive}::top/high/0.wav"
    assert packed.fingerprint() == plain.fingerprint()
    assert packed.name == kind


def test_official_layouts_are_read_in_archives(tmp_path):
    rows = "filename,fold,target,category\n1-1-A-0.wav,1,0,dog\n2-2-A-1.wav,2,1,rain\n"
    members = {
        "ESC-50-master/audio/1-1-A-0.wav": make_clip_bytes(),
        "ESC-50-master/audio/2-2-A-1.wav": make_clip_bytes(500),
        "ESC-50-master/meta/esc50.csv": rows.encode(),
    }
    dataset = load_dataset(make_zip(tmp_path / "ESC-50.zip", members))
    assert (dataset.layout, dataset.labels) == ("esc50", ["dog", "rain"])
    assert dataset.groups == ["1", "2"]


def test_a_table_may_lie_in_an_archive_and_name_addresses(tmp_path, memory):
    memory.pipe("/far/b.wav", make_clip_bytes(500))
    table = b"path,label\na.wav,low\nmemory://far/b.wav,high\n"
    members = {"d/a.wav": make_clip_bytes(), "d/t.csv": table}
    archive = make_zip(tmp_path / "x.zip", members)
    dataset = load_dataset(f"{archive}::d/t.csv")
    assert dataset.paths == [f"{archive}::d/a.wav", "memory://far/b.wav"]
    near = tmp_path / "near.csv"
    near.write_text("path,label\nx.zip::d/a.wav,low\nmemory://far/b.wav,high\n")
    assert load_dataset(near).paths == dataset.paths


def test_shards_are_one_data_set(tmp_path):
    folder = make_shards(tmp_path / "shards")
    for named in (
        folder,
        f"{folder}/*.tar",
        f"{folder}/{{train-000,train-001,test-000}}.tar",
    ):
        dataset = load_dataset(named)
        assert dataset.layout == "webdataset"
        assert sorted(set(dataset.splits)) == ["test", "train"]
        assert dataset.splits.count("train") == 8
        assert dataset.root == str(folder)
    part = load_dataset(f"{folder}/train-{{000..001}}.tar")
    assert part.splits is None
    assert part.paths[0] == f"{folder}/train-000.tar::00000.wav"
    assert load_dataset(folder / "test-000.tar").labels == ["low", "high"] * 2


def test_the_name_of_a_shard_tells_its_split():
    assert split_of_shard("a/valid_00.tar") == "validation"
    assert split_of_shard("s3://b/test/0001.tar") == "test"
    assert split_of_shard("a/shard-01.tar") is None


@pytest.mark.parametrize(
    ("ending", "content", "label", "group"),
    [
        (".cls", b"7\n", "7", None),
        (".txt", b"rain", "rain", None),
        (".json", b'{"label": "dog", "speaker": 3}', "dog", "3"),
        (".json", b'{"labels": ["dog", "rain"]}', "dog;rain", None),
    ],
)
def test_labels_lie_beside_the_clips(tmp_path, ending, content, label, group):
    members = {"a.b.wav": make_clip_bytes(), f"a.{ending[1:]}": content}
    if ending == ".txt":
        members = {"a.wav": make_clip_bytes(), "a.txt": content}
    dataset = load_dataset(make_tar(tmp_path / "x.tar", members), layout="webdataset")
    assert (dataset.labels, dataset.groups) == ([label], [group] if group else None)


def test_a_clip_without_label_is_named(tmp_path):
    members = {"a.wav": make_clip_bytes(), "a.cls": b"x", "b.wav": make_clip_bytes(500)}
    archive = make_tar(tmp_path / "x.tar", members)
    with pytest.raises(DatasetError, match=r"x\.tar::b\.wav has no b\.cls, \.json or"):
        load_dataset(archive, layout="webdataset")
    make_tar(archive, members | {"b.cls": b" "})
    with pytest.raises(DatasetError, match=r"x\.tar::b\.cls names no label"):
        load_dataset(archive)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_bad_members_are_listed_with_their_archive(tmp_path):
    clip = make_clip_bytes()
    members = {"low/a.wav": clip, "../b.wav": clip, "/c.wav": clip, "high/d.wav": b"no"}
    archive = make_zip(tmp_path / "x.zip", members | {"./low/a.wav": clip})
    with pytest.raises(DatasetError) as failure:
        load_dataset(archive, layout="folders")
    lines = str(failure.value).splitlines()
    assert lines[0] == f"{archive} has 4 problems:"
    assert {line.split("::")[1].split(" ")[0] for line in lines[1:]} == {
        *("low/a.wav", "../b.wav", "c.wav", "high/d.wav")
    }


def test_what_is_left_out_of_archives_is_told(tmp_path):
    members = {"low/a.wav": make_clip_bytes(), "low/a.xyz": b"", "high/README": b""}
    with pytest.raises(DatasetError, match=r"No sound file was found in high"):
        load_dataset(make_zip(tmp_path / "x.zip", members))
    members["high/b.wav"] = make_clip_bytes(500)
    with pytest.warns(UserWarning, match=r"1 file is left out.*low/a\.xyz"):
        load_dataset(make_zip(tmp_path / "x.zip", members))


def test_a_folder_at_an_address_without_clips_is_told(memory, recordings):
    address = upload(memory, recordings, "bucket/clips")
    memory.pipe("/bucket/clips/middle/README", b"")
    with pytest.raises(DatasetError, match="No sound file was found in middle"):
        load_dataset(address)


def test_addresses_of_fsspec_are_read_like_folders(recordings, tmp_path, memory):
    plain = load_dataset(recordings)
    address = upload(memory, recordings, "bucket/clips")
    far = load_dataset(address)
    assert far.paths[0] == f"{address}/high/0.wav"
    assert (far.labels, far.root) == (plain.labels, address)
    assert far.fingerprint() == load_dataset(address).fingerprint()
    shards = upload(memory, make_shards(tmp_path / "shards"), "bucket/shards")
    for named in (shards, f"{shards}/*.tar"):
        assert load_dataset(named).splits.count("test") == 4
    memory.pipe("/bucket/clips/high/0.wav", make_clip_bytes())
    assert far.fingerprint() != plain.fingerprint()


def test_what_is_wrong_at_an_address_is_one_line(recordings, memory):
    address = upload(memory, recordings, "bucket/clips")
    for data, told in (
        ("memory://bucket/none", "memory://bucket/none does not exist"),
        ("memory://bucket/none.zip", "memory://bucket/none.zip does not exist"),
        (f"{address}/high/0.wav", "is a file. Name a folder, an archive"),
        ("nothing://bucket", "Protocol not known: nothing"),
    ):
        fail("extract", data, "-o", "x.npz", code=1, message=told)
    memory.pipe("/bucket/clips/low/7.wav", b"no sound at all")
    result = run("extract", address, "-o", "x.npz")
    assert result.exit_code == 1
    assert f"{address}/low/7.wav is not a sound file" in result.stderr
    assert not Path("x.npz").exists()


def test_fsspec_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    fail("predict", "s3://b/a.wav", code=1, message='pip install "mfccclf[remote]"')


def test_an_interrupted_extraction_goes_on_where_it_stopped(
    tmp_path, reads, monkeypatch
):
    shards = make_shards(tmp_path / "shards")
    output = tmp_path / "x.npz"
    # In rounds of two clips, the third of which is interrupted.
    monkeypatch.setattr("mfccclf.features.cached_extraction._CLIPS_PER_ROUND", 2)
    rounds = iter([False, False, True])
    extract = transformer.extract_batch

    def stop(*arguments):
        if next(rounds, False):
            raise KeyboardInterrupt
        return extract(*arguments)

    monkeypatch.setattr(transformer, "extract_batch", stop)
    command = ["extract", shards, "-o", output, "--set", f"cache={tmp_path / 'cache'}"]
    assert run(*command).exit_code == 130
    assert not output.exists()
    assert len(reads.take()) == 4
    succeed(*command)
    assert len(reads.take()) == 8


def test_a_process_reads_a_shard_alone(tmp_path, monkeypatch):
    shards = make_shards(tmp_path / "shards")
    monkeypatch.setattr(transformer, "_CLIPS_PER_TASK", 2)
    tasks, extract = [], transformer.extract_batch

    def note(clips, *arguments):
        tasks.append({clip.source.partition("::")[0] for clip in clips})
        return extract(clips, *arguments)

    monkeypatch.setattr(transformer, "extract_batch", note)
    clips = load_dataset(shards)
    extractor = MFCCExtractor(n_frames=None)
    alone = extract_to_disk(extractor, clips, tmp_path / "alone.mfccdata")
    assert len(tasks) == 6
    for cache in (None, tmp_path / "cache"):
        tasks.clear()
        extractor.set_params(cache=cache)
        with joblib.parallel_config("threading", n_jobs=2):
            shared = extract_to_disk(extractor, clips, tmp_path / "shared.mfccdata")
        # Two shards at once, then the last one, of which each process takes a half.
        assert all(len(archives) == 1 for archives in tasks)
        assert [len(tasks), len({*chain(*tasks)})] == [4, 3]
        x, y = (load_extracted(one.path).X for one in (alone, shared))
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize(
    ("n_processes", "tasks", "rounds"),
    [
        (1, 500, 500),
        (2, [1000, 1024, 176, 300], [2024, 476]),
        (3, [1000, 1024, 176, 300], [2200, 300]),
        (5, 500, 500),
    ],
)
def test_shards_are_tasks_where_there_is_one_for_each(n_processes, tasks, rounds):
    sizes = {"a.tar": 1000, "b.tar": 1200, "c.tar": 300}
    clips = [f"{tar}::{k}.wav" for tar, n in sizes.items() for k in range(n)]
    for cut, expected in ((cut_tasks, tasks), (cut_rounds, rounds)):
        parts = cut(clips, size=500, n_processes=n_processes)
        assert [k for part in parts for k in range(len(clips))[part]] == list(
            range(len(clips))
        )
        wanted = [500] * 5 if expected == 500 else expected
        assert [part.stop - part.start for part in parts] == wanted
    mixed = [*clips, "here.wav", np.zeros(9)]
    assert cut_tasks(mixed, size=5000, n_processes=2) == [slice(0, 2502)]


@pytest.mark.slow
def test_a_cluster_goes_on_with_the_shards_that_are_left(tmp_path):
    pytest.importorskip("distributed")
    clips = load_dataset(make_shards(tmp_path / "shards"))
    cache = FeatureCache(tmp_path / "cache")
    extractor = MFCCExtractor(n_frames=None, cache=cache.folder, n_jobs=2)
    output = tmp_path / "x.mfccdata"

    def stop(done, total):
        assert (done, total) == (8, 12)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_to_disk(extractor, clips, output, scheduler="local", on_progress=stop)
    assert not output.exists()
    assert cache.info().n_sequences == 8
    extract_to_disk(extractor, clips, output, scheduler="local")
    assert cache.info().n_sequences == 12
    expected = extract_to_disk(MFCCExtractor(n_frames=None), clips, tmp_path / "y.npz")
    np.testing.assert_array_equal(
        *(load_extracted(path).X for path in (output, expected.path))
    )


@pytest.mark.slow
def test_workers_of_a_cluster_read_shards(tmp_path):
    pytest.importorskip("distributed")
    shards = make_shards(tmp_path / "shards")
    for name, where in (("a", []), ("b", ["--scheduler", "local", "--jobs", "2"])):
        succeed("extract", shards, "-o", tmp_path / f"{name}.npz", *where)
    with np.load(tmp_path / "a.npz") as one, np.load(tmp_path / "b.npz") as other:
        np.testing.assert_array_equal(one["X"], other["X"])


@pytest.mark.slow
def test_models_are_trained_on_shards_and_evaluated(tmp_path, memory):
    shards = make_shards(tmp_path / "shards")
    far = upload(memory, shards, "bucket/shards")
    model = tmp_path / "m.mfccclf"
    succeed("train", f"{far}/train-{{000..001}}.tar", "-o", model, *FAST)
    told = succeed("evaluate", model, far, "--split", "test", "--format", "json")
    assert json.loads(told)["n_clips"] == 4
    clip = f"{far}/test-000.tar::20000.wav"
    assert "low" in succeed("predict", clip, "--model", model)


def test_extract_and_predict_take_shards_here_and_at_addresses(tmp_path, memory):
    shards = make_shards(tmp_path / "shards")
    far = upload(memory, shards, "bucket/shards")
    for data in (shards / "test-000.tar", f"{far}/test-000.tar"):
        lines = succeed("predict", data).splitlines()
        assert [line.partition(": ")[0] for line in lines] == [
            f"{data}::2000{index}.wav" for index in range(4)
        ]
    near, away = tmp_path / "near.npz", tmp_path / "far.npz"
    succeed("extract", shards, "-o", near)
    succeed("extract", far, "-o", away)
    with np.load(near) as one, np.load(away) as other:
        np.testing.assert_array_equal(one["X"], other["X"])
        assert one["y"].tolist() == other["y"].tolist()


@pytest.mark.slow
def test_a_search_and_other_clips_take_archives(tmp_path, recordings):
    data = make_zip(tmp_path / "x.zip", read_folder(recordings))
    noise = {f"n/{i}.wav": make_clip_bytes(60 + i) for i in range(4)}
    other = make_tar(tmp_path / "other.tar", noise)
    model = tmp_path / "m.mfccclf"
    succeed("train", data, "--other", other, "-o", model, *FAST)
    grid = ["--param", "hidden_sizes=[4];[8]", "--cv", "2", *FAST[:2]]
    succeed("grid-search", data, *grid, "-o", model)
