"""The feature cache: what is found again, what is not, and what harm it stands."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import fail, succeed
from sklearn.base import clone

from mfccclf import CacheWarning, FeatureCache, MFCCExtractor
from mfccclf.caching import content, default_folder, size_limit
from mfccclf.caching.store import find_databases
from mfccclf.errors import AudioFileError, AudioFileWarning
from mfccclf.features import _recipe

SMALL = {"features": 14, "sample_rate": 8000, "n_fft": 256, "hop_length": 128}
FORK = multiprocessing.get_context("fork") if os.name == "posix" else None
needs_fork = pytest.mark.skipif(FORK is None, reason="needs fork")


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def clips(tmp_path, noise) -> list[str]:
    return [write_clip(tmp_path / f"{seed}.wav", noise, seed) for seed in range(12)]


def write_clip(path: Path, noise, seed: int, seconds: float = 0.2) -> str:
    soundfile.write(path, noise(seconds, 8000, seed=seed), 8000)
    return str(path)


@pytest.fixture
def reads(monkeypatch, tmp_path) -> Reads:
    """The clips that are decoded, in this process and in forks of it."""
    log = Reads(tmp_path / "reads.log")
    load_waveform = _recipe.load_waveform

    def load(path, **kwargs):
        log.add(path)
        return load_waveform(path, **kwargs)

    monkeypatch.setattr(_recipe, "load_waveform", load)
    return log


class Reads:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def add(self, clip) -> None:
        with self.path.open("a") as file:
            file.write(f"{Path(clip).name}\n")

    def take(self) -> list[str]:
        """Return the names of the clips read since the last call."""
        names = self.path.read_text().split()
        self.path.write_text("")
        return sorted(names)


def extractor(folder, **parameters) -> MFCCExtractor:
    return MFCCExtractor(**{**SMALL, "cache": folder, **parameters})


def extract(paths, folder=None, **parameters) -> np.ndarray:
    return extractor(folder, **parameters).fit_transform(paths)


def extract_twice(paths, folder, expected) -> None:
    for _ in range(2):
        np.testing.assert_array_equal(extract(paths, folder), expected)


def test_second_extraction_reads_no_clip_and_is_equal(clips, folder, reads):
    first = extract(clips, folder)
    assert len(reads.take()) == len(clips)
    np.testing.assert_array_equal(extract(clips, folder), first)
    assert reads.take() == []
    np.testing.assert_array_equal(extract(clips), first)


def test_other_parameters_are_misses(clips, folder, reads):
    extract(clips, folder)
    for change in (
        {"n_mfcc": 12},
        {"n_frames": 5},
        {"channel": 0},
        {"allow_silence": True},
    ):
        reads.take()
        np.testing.assert_array_equal(
            extract(clips, folder, **change), extract(clips, **change)
        )
        assert len(reads.take()) == 2 * len(clips), change


def test_ways_of_computing_are_no_part_of_the_key(clips, folder, reads):
    extract(clips, folder)
    reads.take()
    extract(clips, folder, n_jobs=2)
    assert reads.take() == []


def test_changed_file_is_computed_again(clips, folder, reads, noise):
    extract(clips, folder)
    reads.take()
    write_clip(Path(clips[3]), noise, seed=99)
    X = extract(clips, folder)
    assert reads.take() == ["3.wav"]
    np.testing.assert_array_equal(X, extract(clips))


def test_change_that_keeps_size_and_time_is_noticed(
    clips, folder, reads, noise, monkeypatch
):
    monkeypatch.setattr(content, "_SETTLED_S", -1.0)  # trust new files, too
    extract(clips, folder)
    extract(clips, folder)
    reads.take()
    before = os.stat(clips[3])
    time.sleep(0.02)  # a tick of the file system's clock
    write_clip(Path(clips[3]), noise, seed=99)
    os.utime(clips[3], ns=(before.st_atime_ns, before.st_mtime_ns))
    assert os.stat(clips[3]).st_size == before.st_size
    extract(clips, folder)
    assert reads.take() == ["3.wav"]


def test_unchanged_file_is_not_read_to_hash_it(clips, folder, monkeypatch):
    monkeypatch.setattr(content, "_SETTLED_S", -1.0)
    extract(clips, folder)
    monkeypatch.setattr("mfccclf.caching.cache.hash_file", None)
    assert extract(clips, folder).shape[0] == len(clips)


def test_young_files_are_hashed_each_time(clips):
    assert not content.FileStamp.of(clips[0]).is_settled()


def test_file_that_changes_while_it_is_extracted_is_not_kept(
    clips, folder, noise, monkeypatch
):
    load_waveform = _recipe.load_waveform

    def replace_and_load(path, **kwargs):
        write_clip(Path(path), noise, seed=99)
        return load_waveform(path, **kwargs)

    monkeypatch.setattr(_recipe, "load_waveform", replace_and_load)
    extract(clips[:1], folder)
    assert FeatureCache(folder).info().n_sequences == 0


def test_copy_under_another_name_is_found(clips, folder, reads, tmp_path):
    extract(clips, folder)
    reads.take()
    copy = shutil.copy(clips[0], tmp_path / "copy.wav")
    np.testing.assert_array_equal(extract([copy], folder), extract([clips[0]], folder))
    assert reads.take() == []


def test_equal_clips_in_one_list_are_computed_once(clips, folder, reads):
    X = extract([clips[0], clips[1], clips[0]], folder)
    assert reads.take() == ["0.wav", "1.wav"]
    np.testing.assert_array_equal(X[0], X[2])


def test_waveforms_pass_by_the_cache(clips, folder, tone):
    wave = tone(0.2, sample_rate=8000)
    X = extractor(folder).fit_transform([wave, wave])
    np.testing.assert_array_equal(X, extractor(None).fit_transform([wave, wave]))
    assert FeatureCache(folder).info().n_sequences == 0


def test_clip_with_a_warning_warns_each_time(tmp_path, folder, noise):
    path = Path(write_clip(tmp_path / "cut.wav", noise, 0))
    path.write_bytes(path.read_bytes()[:-400])
    for _ in range(2):
        with pytest.warns(AudioFileWarning, match="cut.wav"):
            extract([str(path)], folder)
    assert FeatureCache(folder).info().n_sequences == 0


def test_error_is_raised_each_time_and_the_clips_before_it_are_kept(
    clips, folder, tmp_path
):
    extract(clips, folder)
    for _ in range(2):
        with pytest.raises(AudioFileError, match="missing.wav"):
            extract([*clips, str(tmp_path / "missing.wav")], folder)
    assert FeatureCache(folder).info().n_sequences == len(clips)


def test_other_code_version_is_a_miss(clips, folder, reads, monkeypatch):
    extract(clips, folder)
    reads.take()
    monkeypatch.setattr("mfccclf.features._cached.feature_code", lambda: {"v": -1})
    extract(clips, folder)
    assert len(reads.take()) == len(clips)


def test_extractor_with_a_cache_clones_and_pickles(clips, folder):
    first = extractor(folder)
    X = first.fit_transform(clips)
    assert clone(first).get_params() == first.get_params()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(first)).transform(clips), X)


def test_cache_must_be_a_folder_or_a_bool(clips):
    with pytest.raises(TypeError, match="The 'cache' parameter of MFCCExtractor must"):
        extract(clips, folder=3)


def test_true_stands_for_the_default_folder(clips, folder, monkeypatch):
    monkeypatch.setenv("MFCCCLF_CACHE", str(folder))
    extract(clips, True)
    assert FeatureCache().info().n_sequences == len(clips)


def test_default_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("MFCCCLF_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "mfccclf"
    monkeypatch.setenv("MFCCCLF_CACHE", str(tmp_path / "mine"))
    assert default_folder() == tmp_path / "mine"


def test_relative_xdg_folder_is_ignored(monkeypatch):
    monkeypatch.delenv("MFCCCLF_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "caches")
    assert default_folder().is_absolute()


@pytest.mark.parametrize(
    ("text", "size"),
    [("", 4 * 1024**3), ("500MB", 500 * 1024**2), ("1.5 gib", 3 * 1024**3 // 2)],
)
def test_size_limit_follows_the_environment(monkeypatch, text, size):
    monkeypatch.setenv("MFCCCLF_CACHE_SIZE", text)
    assert size_limit() == size


@pytest.mark.parametrize("text", ["much", "1 KB", "-4GB"])
def test_size_limit_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("MFCCCLF_CACHE_SIZE", text)
    with pytest.raises(ValueError, match="MFCCCLF_CACHE_SIZE must be a size"):
        size_limit()


def test_full_cache_gives_up_its_oldest_part(folder):
    cache = FeatureCache(folder, max_bytes=8 * 1024**2)
    sequence = np.ones((500, 100), np.float32)
    keys = [number.to_bytes(20, "big") for number in range(100)]
    for key in keys:
        cache.put({key: sequence})
    info = cache.info()
    assert info.n_bytes <= 8 * 1024**2
    assert len(find_databases(cache.folder)) == 4
    assert keys[0] not in cache.get(keys)
    np.testing.assert_array_equal(cache.get(keys)[keys[-1]], sequence)


def test_clear_removes_the_features_and_nothing_else(clips, folder, reads):
    extract(clips, folder)
    (folder / "mine.txt").write_text("kept")
    cache = FeatureCache(folder)
    cache.clear()
    assert cache.info().n_sequences == 0
    assert (folder / "mine.txt").exists()
    reads.take()
    extract(clips, folder)
    assert len(reads.take()) == len(clips)
    assert cache.info().n_sequences == len(clips)


def test_info_and_clear_make_no_folder(folder):
    FeatureCache(folder).clear()
    assert FeatureCache(folder).info().n_sequences == 0
    assert not folder.exists()


def test_removed_folder_is_made_anew(clips, folder, reads):
    extract(clips, folder)
    shutil.rmtree(folder)
    reads.take()
    extract(clips, folder)
    extract(clips, folder)
    assert len(reads.take()) == len(clips)


def test_file_in_place_of_the_folder_gives_one_warning(clips, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    with pytest.warns(CacheWarning, match="blocked cannot be used") as caught:
        extract_twice(clips, blocked, extract(clips))
    assert len(caught) == 1


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may all")
def test_read_only_folder_gives_one_warning(clips, folder):
    folder.mkdir(mode=0o500)
    with pytest.warns(CacheWarning, match="Permission denied") as caught:
        extract_twice(clips, folder, extract(clips))
    assert len(caught) == 1


def data_file(folder: Path) -> Path:
    return next(reversed(find_databases(folder).values())) / "data.mdb"


def in_child(function, *args) -> int:
    """Run a function in a fork, whose cache is opened anew; return its exit code."""
    child = FORK.Process(target=function, args=args)
    child.start()
    child.join(60)
    return child.exitcode


def check_with_one_warning_at_most(clips, folder, expected) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        extract_twice(clips, folder, expected)
    assert [w.category for w in caught] in ([], [CacheWarning])


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


@needs_fork
@pytest.mark.parametrize("seed", range(20))
def test_damaged_cache_gives_right_values(clips, folder, seed):
    expected = extract(clips)
    assert in_child(extract, clips, folder) == 0
    path = data_file(folder)
    rng = random.Random(seed)
    n_bytes = rng.choice([1, 16, 4096, 20000])
    overwrite(path, rng.randrange(path.stat().st_size), rng.randbytes(n_bytes))
    assert in_child(check_with_one_warning_at_most, clips, folder, expected) == 0
    assert in_child(check_with_one_warning_at_most, clips, folder, expected) == 0


@needs_fork
@pytest.mark.parametrize("size", [0, 100, 4096, 9000, 20000])
def test_truncated_cache_gives_right_values(clips, folder, size):
    expected = extract(clips)
    assert in_child(extract, clips, folder) == 0
    os.truncate(data_file(folder), size)
    assert in_child(check_with_one_warning_at_most, clips, folder, expected) == 0


@needs_fork
def test_damaged_cache_is_made_anew_with_a_warning(clips, folder, reads):
    assert in_child(extract, clips, folder) == 0
    path = data_file(folder)
    overwrite(path, 0, bytes(path.stat().st_size))
    reads.take()
    with pytest.warns(CacheWarning, match="was damaged"):
        extract(clips, folder)
    extract(clips, folder)
    assert len(reads.take()) == len(clips)


@needs_fork
def test_forks_share_the_cache(clips, folder, reads):
    extract(clips[:6], folder)
    assert in_child(extract, clips, folder) == 0
    extract(clips, folder)
    assert len(reads.take()) == len(clips)


@needs_fork
def test_processes_at_once_read_each_clip_once(clips, folder, reads):
    children = [
        FORK.Process(target=extract, args=(random.Random(i).sample(clips, 12), folder))
        for i in range(4)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0] * 4
    assert len(reads.take()) == len(clips)


def test_grid_search_reads_each_clip_once(clips, folder, reads):
    from sklearn.model_selection import GridSearchCV
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    pipeline = make_pipeline(
        extractor(folder), FunctionTransformer(first_frame), KNeighborsClassifier()
    )
    search = GridSearchCV(pipeline, {"kneighborsclassifier__n_neighbors": [1, 2]}, cv=3)
    search.fit(clips, ["a", "b"] * 6)
    assert len(reads.take()) == len(clips)


def first_frame(X):
    return X[:, 0, :]


@needs_fork
@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_full_disk_gives_one_warning_and_right_values(clips, folder):
    expected = extract(clips)
    assert in_child(extract_on_a_full_disk, clips, folder, expected) == 0
    assert in_child(check_with_one_warning_at_most, clips, folder, expected) == 0


def extract_on_a_full_disk(clips, folder, expected) -> None:
    import resource  # not on Windows

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    extract(clips[:2], folder)
    size = data_file(folder).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    with pytest.warns(CacheWarning, match="cannot be written") as caught:
        extract_twice(clips, folder, expected)
    assert len(caught) == 1


@pytest.fixture
def tiny_disk(tmp_path):
    """A function that mounts a file system of few bytes; only root may."""
    mounted = []

    def mount(size: str) -> Path:
        folder = tmp_path / f"disk-{size}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("cannot mount a small disk")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
@pytest.mark.parametrize("size", ["16k", "80k", "100k", "108k"])
def test_disk_of_any_small_size_gives_one_warning(clips, tiny_disk, size):
    disk = tiny_disk(size)
    with pytest.warns(CacheWarning, match="No space left|the disk is full") as caught:
        extract_twice(clips, disk / "cache", extract(clips))
    assert len(caught) == 1


WRITER = """
import sys
import numpy as np
from mfccclf import FeatureCache
cache = FeatureCache(sys.argv[1], max_bytes=16 * 1024**2)
print("ready", flush=True)
number = int(sys.argv[2])
while True:
    items = {n.to_bytes(20, "big"): np.full((9 + n % 50, 14), n, np.float32)
             for n in range(number, number + 64)}
    ours = cache.claim(items)
    cache.put(items)
    cache.release(ours)
    number += 64
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_cache_survives_kill_9(folder):
    rng = random.Random(0)
    for attempt in range(20):
        command = [sys.executable, "-c", WRITER, str(folder), str(attempt * 10**6)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            writer.stdout.readline()
            time.sleep(rng.uniform(0, 0.5))
            writer.kill()
        assert in_child(check_numbers, folder) == 0


def check_numbers(folder) -> None:
    warnings.simplefilter("error")
    cache = FeatureCache(folder, max_bytes=16 * 1024**2)
    keys = [n.to_bytes(20, "big") for n in range(0, 20 * 10**6, 10**4)]
    for key, sequence in cache.get(keys).items():
        assert (sequence == int.from_bytes(key, "big")).all()
    key = hashlib.sha1(os.urandom(8)).digest()
    assert cache.claim([key]) == {key}
    cache.put({key: np.zeros((1, 1), np.float32)})
    assert set(cache.get([key])) == {key}


def test_info_and_clear_on_the_command_line(clips, folder, monkeypatch):
    monkeypatch.setenv("MFCCCLF_CACHE", str(folder))
    extract(clips, folder)
    lines = dict(
        line.split(maxsplit=1) for line in succeed("cache", "info").split("\n")[:-1]
    )
    assert lines["Folder"] == str(folder)
    assert lines["Entries"] == "12"
    assert lines["Limit"] == "4,096.0 MB"
    assert succeed("cache", "clear").startswith("Removed 12 entries (")
    assert "Entries  0" in succeed("cache", "info")


def test_bad_size_limit_is_misuse(monkeypatch):
    monkeypatch.setenv("MFCCCLF_CACHE_SIZE", "much")
    fail("cache", "info", code=2, message="such as 500MB or 4GB. Got 'much' instead.")
