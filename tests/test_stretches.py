"""Stretches of recordings, read, cached and told apart like clips of their own."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from mfccclf import FeatureCache, MFCCExtractor
from mfccclf.datasets import Dataset, load_dataset
from mfccclf.errors import AudioFileError, DatasetError
from mfccclf.waveform import iter_blocks, load_waveform, read_info
from mfccclf.waveform.stretches import Stretch, find_stretch, recording_of

RATE = 8000


@pytest.fixture
def song(tmp_path, noise):
    path = tmp_path / "song.wav"
    soundfile.write(path, noise(seconds=4.0, sample_rate=RATE), RATE)
    return path


@pytest.mark.parametrize("start", [0.0, 0.29, 1.1, 2.000125])
def test_a_stretch_holds_the_samples_that_a_cut_file_would(song, tmp_path, start):
    whole, _ = soundfile.read(song, dtype="int16")
    first = round(start * RATE)
    cut = tmp_path / "cut.wav"
    soundfile.write(cut, whole[first : first + RATE], RATE)
    stretch = Stretch(str(song), start, start + 1)
    for rate in (None, 16000):
        np.testing.assert_array_equal(
            load_waveform(str(stretch), sample_rate=rate),
            load_waveform(cut, sample_rate=rate),
        )


def test_a_stretch_is_a_text_that_survives_arrays(song):
    text = str(Stretch(str(song), 1.5, 3.0))
    assert text == f"{song}#t=1.5,3"
    column = np.array([text, str(song)])
    waveforms = [load_waveform(path, sample_rate=None) for path in column]
    assert [len(one) for one in waveforms] == [1.5 * RATE, 4 * RATE]
    assert [recording_of(path) for path in column] == [str(song)] * 2


def test_times_are_those_of_the_text():
    stretch = Stretch("a.wav", 0.1234567, 1e-7)
    assert str(stretch) == "a.wav#t=0.123457,0"
    assert find_stretch("a.wav#t=0.123457,12") == Stretch("a.wav", 0.123457, 12.0)


@pytest.mark.parametrize("name", ["a.wav", "a#t=1,2.wav", "#t=1,2", "a#t=-1,2", "a#t="])
def test_other_names_are_whole_recordings(name):
    assert find_stretch(name) is None
    assert recording_of(name) == name


def test_offset_and_blocks_count_from_the_start_of_the_stretch(song):
    text = f"{song}#t=1,3"
    whole = load_waveform(song, sample_rate=None)
    part = load_waveform(text, sample_rate=None, offset=0.5, duration=1.0)
    np.testing.assert_array_equal(part, whole[int(1.5 * RATE) : int(2.5 * RATE)])
    blocks = list(iter_blocks(text, sample_rate=None, block_duration=1.5))
    np.testing.assert_array_equal(np.concatenate(blocks), whole[RATE : 3 * RATE])
    assert read_info(text).duration_s == 2.0


def test_a_stretch_ends_with_the_recording(song):
    assert len(load_waveform(f"{song}#t=3.5,9", sample_rate=None)) == RATE / 2


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ("4,5", r"song.wav#t=4,5 starts behind the recording's end at 4.000 s"),
        ("2,1", r"song.wav#t=2,1 ends before it starts. Correct its times"),
        ("1,1.00001", "has no sample at 8000 Hz"),
    ],
)
def test_a_stretch_without_samples_is_named(song, times, message):
    with pytest.raises(AudioFileError, match=message):
        load_waveform(f"{song}#t={times}")


def test_a_missing_recording_is_named_without_times(tmp_path):
    with pytest.raises(AudioFileError, match=r"none\.wav does not exist"):
        load_waveform(f"{tmp_path}/none.wav#t=0,1")


def test_the_cache_tells_stretches_apart_by_content_and_times(song, tmp_path):
    paths = [f"{song}#t=0,1", f"{song}#t=1,2", str(song)]
    cached = MFCCExtractor(sample_rate=RATE, cache=tmp_path / "cache")
    plain = MFCCExtractor(sample_rate=RATE)
    for _ in range(2):
        np.testing.assert_array_equal(cached.transform(paths), plain.transform(paths))
    assert FeatureCache(tmp_path / "cache").info().n_sequences == 3
    copy = tmp_path / "copy.wav"
    copy.write_bytes(song.read_bytes())
    cached.transform([f"{copy}#t=1,2"])
    assert FeatureCache(tmp_path / "cache").info().n_sequences == 3


def test_a_fingerprint_counts_the_times(song):
    def fingerprint(*times):
        paths = [f"{song}#t={each}" for each in times]
        labels = ["a"] * len(paths)
        return Dataset(
            paths, labels, None, None, "csv", "x", str(song.parent)
        ).fingerprint()

    assert fingerprint("0,1", "1,2") == fingerprint("1,2", "0,1")
    assert fingerprint("0,1", "1,2") != fingerprint("0,1", "1,3")


def test_a_table_may_name_stretches(song):
    table = song.parent / "table.csv"
    table.write_text('path,label\n"song.wav#t=0,1",a\n"song.wav#t=1,2",b\n')
    dataset = load_dataset(table)
    assert dataset.paths == [f"{song}#t=0,1", f"{song}#t=1,2"]


def test_faults_of_a_recording_are_named_once(song):
    table = song.parent / "table.csv"
    rows = [f'"none.wav#t={i},{i + 1}",a' for i in range(3)]
    table.write_text("\n".join(["path,label", *rows, '"song.wav#t=8,9",b']))
    with pytest.raises(DatasetError) as caught:
        load_dataset(table)
    text = str(caught.value)
    assert text.count("none.wav does not exist") == 1
    assert "starts behind the recording's end" in text
    assert "2 problems" in text


def test_one_stretch_in_two_splits_is_found_whatever_its_name(song):
    copy = song.with_name("copy.wav")
    copy.write_bytes(song.read_bytes())
    table = song.parent / "table.csv"
    table.write_text(
        "path,label,split\n"
        '"song.wav#t=0,1",a,train\n"song.wav#t=1,2",b,train\n"copy.wav#t=2,3",a,test\n'
    )
    load_dataset(table)
    table.write_text(table.read_text().replace("t=2,3", "t=0,1"))
    with pytest.raises(DatasetError, match="same recording is in two splits"):
        load_dataset(table)
