"""Where a clip's bytes come from: members of archives, and what they may not be."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
from pathlib import Path

import joblib
import numpy as np
import pytest
from archive_tools import make_clip_bytes, make_tar, make_zip, pack

from mfccclf import MFCCExtractor, load_waveform, read_info
from mfccclf.errors import AudioFileError, StorageError
from mfccclf.storage.addresses import is_archive, is_remote, is_stored, split_address
from mfccclf.storage.identity import clip_size, hash_clip
from mfccclf.storage.opening import open_archive, open_stored
from mfccclf.storage.patterns import expand_pattern, is_pattern
from mfccclf.storage.stored_path import StoredPath, path_below
from mfccclf.waveform import iter_blocks

KINDS = ("x.zip", "x.tar", "x.tar.gz", "x.tgz", "x.tar.bz2", "x.tar.xz")
FORMATS = ("WAV", "FLAC", "AU", "OGG", "MP3", "AIFF")


@pytest.fixture(scope="module")
def sounds() -> dict[str, bytes]:
    """A clip of each of some formats, by a member's name."""
    return {f"d/a.{one.lower()}": make_clip_bytes(format=one) for one in FORMATS}


@pytest.mark.parametrize("kind", KINDS)
def test_members_are_read_as_their_files(tmp_path, sounds, kind):
    archive = pack(tmp_path / kind, sounds)
    for name, content in reversed(sounds.items()):
        file = tmp_path / Path(name).name
        file.write_bytes(content)
        address = f"{archive}::{name}"
        np.testing.assert_array_equal(load_waveform(address), load_waveform(file))
        np.testing.assert_array_equal(
            np.concatenate(list(iter_blocks(address))), load_waveform(file)
        )
        info = read_info(address)
        assert (info.path, info.n_samples) == (address, read_info(file).n_samples)
        assert hash_clip(address) == hash_clip(str(file))
        assert clip_size(address) == len(content)


def test_a_file_of_that_very_name_comes_first(tmp_path, monkeypatch):
    make_zip(tmp_path / "x.zip", {"a.wav": make_clip_bytes(300)})
    (tmp_path / "x.zip::a.wav").write_bytes(make_clip_bytes(900))
    (tmp_path / "b.wav").write_bytes(make_clip_bytes(900))
    monkeypatch.chdir(tmp_path)
    assert not is_stored("x.zip::a.wav")
    np.testing.assert_array_equal(load_waveform("x.zip::a.wav"), load_waveform("b.wav"))


@pytest.mark.parametrize(
    ("text", "home", "member"),
    [
        ("a/x.zip::b/c.wav", "a/x.zip", "b/c.wav"),
        ("X.TAR.GZ::c.wav", "X.TAR.GZ", "c.wav"),
        ("s3://b/x.tar::c::d.wav", "s3://b/x.tar", "c::d.wav"),
        ("s3://b/c.wav", "s3://b/c.wav", None),
        ("simplecache::s3://b/x.tar::c.wav", "simplecache::s3://b/x.tar", "c.wav"),
    ],
)
def test_addresses_have_a_home_and_perhaps_a_member(text, home, member):
    assert is_stored(text)
    assert split_address(text) == (home, member)


def test_what_is_no_address():
    assert not any(map(is_stored, ("a.wav", "a/b::c.wav", "x.zip", "C:\\a.wav")))
    assert not is_remote("x.zip::a://b.wav")
    assert is_archive("a.TGZ")
    assert not is_archive("a.wav")


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_what_is_not_there_is_named(tmp_path, make):
    archive = make(tmp_path / f"x.{make.__name__[5:]}", {"a.wav": make_clip_bytes()})
    with pytest.raises(AudioFileError, match=r"::b\.wav does not exist: the archive"):
        load_waveform(f"{archive}::b.wav")
    with pytest.raises(StorageError, match=r"none\.zip does not exist"):
        load_waveform(str(tmp_path / "none.zip::a.wav"))
    archive.write_bytes(archive.read_bytes()[:100])
    with pytest.raises(StorageError, match=r"cannot be read as a .* archive"):
        open_stored(f"{archive}::a.wav")


def test_a_damaged_member_is_one_line(tmp_path):
    archive = make_zip(tmp_path / "x.zip", {"a.wav": make_clip_bytes()})
    content = bytearray(archive.read_bytes())
    content[60:90] = bytes(30)
    archive.write_bytes(content)
    with pytest.raises(AudioFileError, match=r"x\.zip::a\.wav cannot be read"):
        load_waveform(f"{archive}::a.wav")


def test_a_tar_that_is_cut_short_names_its_member(tmp_path):
    clip = make_clip_bytes()
    archive = make_tar(tmp_path / "x.tar", {"a.wav": clip, "b.wav": clip})
    archive.write_bytes(archive.read_bytes()[: len(clip) + 4096])
    assert len(load_waveform(f"{archive}::a.wav"))
    with pytest.raises(StorageError, match=r"::b\.wav is cut short"):
        load_waveform(f"{archive}::b.wav")


@pytest.mark.parametrize("kind", ["x.zip", "x.tar"])
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("/etc/a.wav", "absolute path"),
        ("../a.wav", "outside the archive"),
        ("d/../../a.wav", "outside the archive"),
        ("..\\a.wav", "outside the archive"),
        ("C:\\a.wav", "absolute path"),
        ("a\x1b[2J.wav", "cannot be printed"),
    ],
)
def test_unsafe_names_are_refused(tmp_path, kind, name, told):
    archive = open_archive(str(pack(tmp_path / kind, {name: make_clip_bytes()})))
    assert not archive.sizes
    assert all(told in fault for fault in archive.faults.values())
    assert len(archive.faults) == 1


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["x.zip", "x.tar"])
def test_a_name_that_occurs_twice_is_refused(tmp_path, kind):
    path = pack(tmp_path / kind, {"a.wav": make_clip_bytes(), "./a.wav": b"other"})
    with pytest.raises(StorageError, match=r"::a\.wav is in the archive twice"):
        load_waveform(f"{path}::a.wav")


def test_an_encrypted_member_is_refused(tmp_path):
    archive = make_zip(tmp_path / "x.zip", {"a.wav": make_clip_bytes()})
    content = bytearray(archive.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[central + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(StorageError, match=r"::a\.wav is encrypted\. Unpack"):
        load_waveform(f"{archive}::a.wav")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path, kind):
    info = tarfile.TarInfo("a.wav")
    info.type, info.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.addfile(info)
    with pytest.raises(StorageError, match=r"::a\.wav is (a link|no regular file)"):
        load_waveform(tmp_path / "x.tar::a.wav")


def test_names_in_a_zip_may_be_utf8_without_saying_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name, old = "größe 🎵/é.wav".encode(), "größe.wav".encode("cp437")
    members = {"x" * len(name): make_clip_bytes(300), "y" * len(old): make_clip_bytes()}
    content = make_zip(tmp_path / "x.zip", members).read_bytes()
    content = content.replace(b"x" * len(name), name).replace(b"y" * len(old), old)
    (tmp_path / "x.zip").write_bytes(content)
    assert len(load_waveform("x.zip::größe 🎵/é.wav", sample_rate=None)) == 4000
    assert len(load_waveform("x.zip::größe.wav", sample_rate=None)) == 4000


def test_a_zip_bomb_is_told_by_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr("mfccclf.storage.members._EXPANDED", 2**20)
    path = make_zip(tmp_path / "x.zip", {"a.wav": bytes(2**21)})
    with pytest.raises(StorageError, match=r"::a\.wav grows \d+-fold .* zip bombs"):
        load_waveform(f"{path}::a.wav")


def test_members_that_share_bytes_are_refused(tmp_path):
    members = {"a.wav": make_clip_bytes(), "b.wav": make_clip_bytes(500)}
    path = make_zip(tmp_path / "x.zip", members)
    content = bytearray(path.read_bytes())
    central = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", central + 4)
    struct.pack_into("<I", content, second + 42, 10)  # into the first one
    path.write_bytes(content)
    with pytest.raises(StorageError, match="shares its bytes with another member"):
        load_waveform(f"{path}::a.wav")


def test_a_compressed_tar_that_grows_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("mfccclf.storage.tar_archive._EXPANDED", 2**20)
    path = make_tar(tmp_path / "x.tgz", {"a.wav": bytes(2**24)})
    with pytest.raises(StorageError, match=r"x\.tgz grows more than 250-fold"):
        load_waveform(f"{path}::a.wav")


def test_an_archive_that_changes_is_opened_anew(tmp_path):
    path = make_zip(tmp_path / "x.zip", {"a.wav": make_clip_bytes(300)})
    before = load_waveform(f"{path}::a.wav")
    make_zip(path, {"a.wav": make_clip_bytes(1000), "b.wav": b""})
    assert not np.array_equal(before, load_waveform(f"{path}::a.wav"))


def test_a_member_stays_readable_when_its_archive_is_closed_for_others(tmp_path):
    stream = open_stored(f"{make_tar(tmp_path / 'x.tar', {'a.wav': b'abc'})}::a.wav")
    for number in range(9):
        open_archive(str(make_zip(tmp_path / f"{number}.zip", {"a.wav": b""})))
    assert stream.read() == b"abc"


def test_joblib_workers_read_members(tmp_path):
    names = [f"{i}.wav" for i in range(70)]
    path = make_tar(tmp_path / "x.tar", dict.fromkeys(names, make_clip_bytes()))
    clips = [f"{path}::{name}" for name in names]
    extractor = MFCCExtractor()
    with joblib.parallel_config("threading", n_jobs=2):
        together = extractor.fit_transform(clips)
    np.testing.assert_array_equal(together, extractor.fit_transform(clips))
    assert pickle.loads(pickle.dumps(clips)) == clips


def test_the_cache_goes_by_the_content_of_a_member(tmp_path, reads):
    content = make_clip_bytes()
    path = make_zip(tmp_path / "x.zip", {"a.wav": content})
    (tmp_path / "b.wav").write_bytes(content)
    extractor = MFCCExtractor(cache=tmp_path / "cache")
    first = extractor.fit_transform([f"{path}::a.wav"])
    assert reads.take() == ["x.zip::a.wav"]
    again = extractor.transform([f"{path}::a.wav", str(tmp_path / "b.wav")])
    assert not reads.take()
    np.testing.assert_array_equal(again, np.concatenate([first, first]))


def test_patterns_count_list_and_match(tmp_path):
    assert expand_pattern("s-{08..10}") == ["s-08", "s-09", "s-10"]
    assert expand_pattern("{a,b}-{1..2}") == ["a-1", "a-2", "b-1", "b-2"]
    (tmp_path / "a.tar").touch()
    assert expand_pattern(f"{tmp_path}/*.tar") == [f"{tmp_path}/a.tar"]
    with pytest.raises(StorageError, match="Nothing matches"):
        expand_pattern(f"{tmp_path}/*.zip")
    with pytest.raises(StorageError, match="over 1000000 files"):
        expand_pattern("{0..9999999}.tar")
    assert not is_pattern("https://host/a.wav?key=1")


def test_stored_paths_are_used_as_paths_are(tmp_path):
    path = make_zip(tmp_path / "x.zip", {"d/t.csv": "é\n".encode()})
    table = StoredPath.of(f"{path}::d/t.csv")
    assert (table.name, table.stem, table.suffix) == ("t.csv", "t", ".csv")
    assert str(table.parent / "e" / "a.wav") == f"{path}::d/e/a.wav"
    assert table.read_text() == "é\n"
    assert table.is_file()
    assert not (table.parent / "u.csv").exists()
    assert str(StoredPath.of("s3://b/c/t.csv").parent) == "s3://b/c"
    assert str(path_below(f"{path}::d/t.csv", str(path))) == "d/t.csv"
    assert path_below("a/b.wav", "a") is None


def test_an_odd_zip_is_one_line(tmp_path):
    path = make_zip(tmp_path / "x.zip", {"a.wav": make_clip_bytes()})
    content = bytearray(path.read_bytes())
    central = content.index(b"PK\x01\x02")
    struct.pack_into("<H", content, 8, 99)
    struct.pack_into("<H", content, central + 10, 99)
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"::a\.wav cannot be read: .*compression"):
        load_waveform(f"{path}::a.wav")


@pytest.mark.parametrize("format", FORMATS)
def test_clips_too_long_for_memory_are_read_from_disk(tmp_path, format, monkeypatch):
    monkeypatch.setattr("mfccclf.waveform.containers.forward._SMALL", 100)
    content = make_clip_bytes(format=format)
    (tmp_path / "a").write_bytes(content)
    np.testing.assert_array_equal(
        load_waveform(io.BytesIO(content)), load_waveform(tmp_path / "a")
    )
