"""The feature cache among processes, on bad disks, damaged and killed."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from cache_tools import FORK, extract, extract_twice, in_child, needs_fork, write_clip

from mfccclf import CacheWarning, FeatureCache
from mfccclf.caching.store import find_databases


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def clips(tmp_path, noise) -> list[str]:
    return [write_clip(tmp_path / f"{seed}.wav", noise, seed) for seed in range(12)]


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
@pytest.mark.parametrize(
    "seed",
    [*range(5), *(pytest.param(n, marks=pytest.mark.slow) for n in range(5, 20))],
)
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
def test_damaged_cache_is_replaced_with_a_warning(clips, folder, reads):
    assert in_child(extract, clips, folder) == 0
    path = data_file(folder)
    overwrite(path, 0, bytes(path.stat().st_size))
    reads.take()
    with pytest.warns(CacheWarning, match="was damaged"):
        extract(clips, folder)
    extract(clips, folder)
    assert len(reads.take()) == len(clips)


@needs_fork
def test_damage_of_one_part_leaves_the_others(folder):
    assert in_child(fill, folder) == 0
    databases = list(find_databases(folder).values())
    assert len(databases) == 4
    path = databases[2] / "data.mdb"
    overwrite(path, 0, bytes(path.stat().st_size))
    cache = FeatureCache(folder, max_bytes=8 * 1024**2)
    with pytest.warns(CacheWarning, match="was damaged"):
        left = cache.get(KEYS)
    assert 10 < len(left) < 40
    assert len(cache.get(left)) == len(left)
    assert cache.info().n_sequences >= len(left) - 10


KEYS = [number.to_bytes(20, "big") for number in range(100)]


def fill(folder) -> None:
    cache = FeatureCache(folder, max_bytes=8 * 1024**2)
    for key in KEYS:
        cache.put({key: np.ones((500, 100), np.float32)})


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
