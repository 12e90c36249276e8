"""The feature cache: what is found again, and what is not."""

from __future__ import annotations

import os
import pickle
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cache_tools import extract, extractor, write_clip
from cli_tools import fail, succeed
from sklearn.base import clone

from mfccclf import FeatureCache
from mfccclf.caching import content, default_folder, size_limit
from mfccclf.caching.store import find_databases
from mfccclf.errors import AudioFileError, AudioFileWarning
from mfccclf.features import (
    FEATURES_VERSION,
    FeatureParameters,
    extract_file,
)
from mfccclf.waveform import batch_loading


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def clips(tmp_path, noise) -> list[str]:
    return [write_clip(tmp_path / f"{seed}.wav", noise, seed) for seed in range(12)]


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
    monkeypatch.setattr("mfccclf.caching.cache.hash_content", None)
    assert extract(clips, folder).shape[0] == len(clips)


def test_young_files_are_hashed_each_time(clips):
    assert not content.FileStamp.of(clips[0]).is_settled()


def test_file_that_changes_while_it_is_extracted_is_not_kept(
    clips, folder, noise, monkeypatch
):
    load_native = batch_loading.load_native

    def replace_and_load(path, reading):
        write_clip(Path(path), noise, seed=99)
        return load_native(path, reading)

    monkeypatch.setattr(batch_loading, "load_native", replace_and_load)
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
    monkeypatch.setattr(
        "mfccclf.features.cached_extraction.feature_code", lambda: {"v": -1}
    )
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


def test_removed_folder_is_created_again(clips, folder, reads):
    extract(clips, folder)
    shutil.rmtree(folder)
    reads.take()
    extract(clips, folder)
    extract(clips, folder)
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


# Means of the columns of 33 features, of a file that is read, mixed and resampled.
GOLDEN_VERSION = 1
GOLDEN = [
    *(-326.9222, 16.073, -12.3558, 33.5408, -6.9253, 11.9191, 0.3),
    *(4.1734, 3.7937, 3.0456, 4.0155, 2.9547, 0.4081, 3230.7522),
    *(0.2084, 0.2095, 0.2145, 0.2158, 0.242, 0.2698),
    *(0.2843, 0.2792, 0.2131, 0.2008, 0.1955, 0.2033),
    *(34.3793, 30.0239, 28.2265, 26.9878, 27.2127, 29.1344, 45.2099),
]


def test_other_numbers_need_another_version(tmp_path):
    """Raise FEATURES_VERSION with GOLDEN: a cache must not mix old and new numbers."""
    time_s = np.arange(48000) / 48000
    chirp = np.sin(2 * np.pi * (200 * time_s + 3000 * time_s**2))
    hum = np.sign(np.sin(2 * np.pi * 97 * time_s)) * np.exp(-3 * time_s)
    path = tmp_path / "golden.wav"
    soundfile.write(path, np.stack([0.3 * chirp, 0.2 * hum], axis=1), 48000, "FLOAT")
    means = extract_file(path, FeatureParameters()).mean(axis=0)
    assert FEATURES_VERSION == GOLDEN_VERSION
    np.testing.assert_allclose(means, GOLDEN, rtol=1e-4, atol=1e-3)
