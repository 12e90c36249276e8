"""Data on a server that speaks S3, run on this machine by moto.

Skipped without the extra ``[remote]`` and ``moto[server]``.
"""

from __future__ import annotations

import numpy as np
import pytest
from archive_tools import make_clip_bytes, make_tar, make_zip
from cli_tools import fail, succeed

from mfccclf import MFCCExtractor, load_dataset, load_waveform

s3fs = pytest.importorskip("s3fs")
server = pytest.importorskip("moto.server")

# What third-party code leaves to the garbage collector, or finds old in other code.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def bucket():
    """A bucket of a server on this machine."""
    own = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    own.start()
    host, port = own.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        system = s3fs.S3FileSystem()
        system.mkdir("clips")
        yield system
    own.stop()


@pytest.fixture(scope="module")
def data(bucket, tmp_path_factory):
    """The same clips as a folder, a zip archive and two shards."""
    folder = tmp_path_factory.mktemp("archives")
    members = {
        f"{label}/{index}.wav": make_clip_bytes(tone + 7 * index)
        for label, tone in (("high", 1500), ("low", 200))
        for index in range(3)
    }
    for name, content in members.items():
        bucket.pipe(f"clips/plain/{name}", content)
    bucket.put(str(make_zip(folder / "all.zip", members)), "clips/all.zip")
    for shard in range(2):
        inside = {}
        for index, (name, content) in enumerate(list(members.items())[shard::2]):
            inside[f"{shard}{index}.wav"] = content
            inside[f"{shard}{index}.cls"] = name.partition("/")[0].encode()
        path = make_tar(folder / f"{shard}.tar", inside)
        bucket.put(str(path), f"clips/shards/{shard}.tar")
    return members


@pytest.mark.parametrize(
    ("address", "layout"),
    [
        ("s3://clips/plain", "folders"),
        ("s3://clips/all.zip", "folders"),
        ("s3://clips/shards", "webdataset"),
        ("s3://clips/shards/{0..1}.tar", "webdataset"),
        ("s3://clips/shards/*.tar", "webdataset"),
    ],
)
def test_a_data_set_on_a_server_is_loaded(data, address, layout):
    dataset = load_dataset(address)
    assert dataset.layout == layout
    assert sorted(dataset.labels) == ["high"] * 3 + ["low"] * 3
    assert all(path.startswith("s3://clips/") for path in dataset.paths)
    assert dataset.fingerprint() == load_dataset(address).fingerprint()
    assert MFCCExtractor().fit_transform(dataset.paths).shape[0] == 6


def test_clips_on_a_server_are_those_that_were_put_there(data, tmp_path):
    (tmp_path / "a.wav").write_bytes(data["low/1.wav"])
    expected = load_waveform(tmp_path / "a.wav")
    for address in ("s3://clips/plain/low/1.wav", "s3://clips/all.zip::low/1.wav"):
        np.testing.assert_array_equal(load_waveform(address), expected)


def test_the_cache_knows_what_has_changed_on_a_server(bucket, data, tmp_path, reads):
    address = "s3://clips/changing/a.wav"
    bucket.pipe("clips/changing/a.wav", data["low/0.wav"])
    extractor = MFCCExtractor(cache=tmp_path / "cache")
    before = extractor.fit_transform([address])
    assert reads.take() == ["a.wav"]
    extractor.transform([address])
    assert reads.take() == []
    bucket.pipe("clips/changing/a.wav", data["high/0.wav"])
    assert not np.array_equal(before, extractor.transform([address]))


def test_commands_read_from_a_server(data, tmp_path):
    succeed("extract", "s3://clips/shards", "-o", tmp_path / "x.npz")
    with np.load(tmp_path / "x.npz") as features:
        assert features["y"].tolist().count("low") == 3
    lines = succeed("predict", "s3://clips/plain/", "s3://clips/all.zip").splitlines()
    assert len(lines) == 12
    none = "s3://clips/none/a.wav"
    fail("predict", none, code=1, message=f"{none} does not exist")
    fail("extract", "s3://no-bucket", "-o", "x.npz", code=1, message="s3://no-bucket")
