"""How sound is read, as one value, and files that are read ahead with it."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from mfccclf import AudioFileError, AudioFileWarning, MFCCExtractor, Predictor
from mfccclf.waveform import RawFormat, Reading
from mfccclf.waveform.batch_loading import load_each

RATE = 8000


@pytest.fixture
def cut_file(noise, tmp_path):
    """A file with less sound than its header promises, which causes a warning."""
    path = tmp_path / "cut.wav"
    soundfile.write(path, noise(2.0, RATE), RATE)
    path.write_bytes(path.read_bytes()[: -RATE // 2])
    return path


@pytest.fixture
def whole_file(noise, tmp_path):
    path = tmp_path / "whole.wav"
    soundfile.write(path, noise(2.0, RATE, seed=1), RATE)
    return path


@pytest.mark.parametrize(
    ("reading", "error", "message"),
    [
        (Reading(channel=-1), ValueError, "'channel' parameter of Front .* Got -1"),
        (Reading(channel=0.5), TypeError, "'channel' parameter of Front .* Got 0.5"),
        (Reading(allow_silence=1), TypeError, "'allow_silence' .* must be a bool"),
    ],
)
def test_a_wrong_setting_names_its_owner(reading, error, message):
    with pytest.raises(error, match=message):
        reading.checked(owner="Front")


def test_checked_settings_are_plain_and_keep_the_raw_format():
    raw = RawFormat(RATE)
    checked = Reading(np.int64(1), np.bool_(True), raw).checked(owner="Front")
    assert checked == Reading(1, True, raw)
    assert type(checked.channel) is int
    assert type(checked.allow_silence) is bool


def test_settings_come_from_a_front_end_or_from_its_description():
    front_end = SimpleNamespace(channel=1, allow_silence=True)
    assert Reading.of(front_end) == Reading(1, True)
    assert Reading.from_config(vars(front_end), owner="Front") == Reading(1, True)
    assert Reading.from_config({}, owner="Front") == Reading()


def test_a_raw_format_is_added_only_where_there_is_one():
    raw = RawFormat(RATE)
    assert Reading(1).with_raw(raw) == Reading(1, raw=raw)
    assert Reading(1).with_raw(None) == Reading(1)


def test_files_read_ahead_keep_their_warnings_to_themselves(cut_file, whole_file):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = list(
            load_each([cut_file, whole_file, "none.wav"], Reading(), sample_rate=RATE)
        )
    cut, whole, missing = loaded
    assert [str(w) for w in cut.warnings] == [
        f"{cut_file} is cut short or damaged: its header promises 16000 samples per "
        "channel, but only 14000 can be read. Those are used."
    ]
    assert whole.warnings == []
    assert len(whole.outcome) == 2 * RATE
    assert isinstance(missing.outcome, AudioFileError)
    assert missing.source == "none.wav"


@pytest.mark.parametrize("max_ahead", [1, 2, 64])
def test_no_more_files_are_read_ahead_than_may_be(whole_file, max_ahead):
    read = []

    def paths():
        for _ in range(4):
            read.append(whole_file)
            yield whole_file

    loaded = load_each(paths(), Reading(), sample_rate=RATE, max_ahead=max_ahead)
    next(loaded)
    assert len(read) == min(max_ahead, 4)


@pytest.mark.parametrize("container", [list, iter])
def test_prediction_warns_of_a_file_once(container, cut_file, whole_file):
    with pytest.warns(AudioFileWarning) as caught:
        list(Predictor("names").predict_each(container([whole_file, cut_file])))
    assert len(caught) == 1


def test_a_front_end_warns_of_a_file_once(cut_file, whole_file):
    with pytest.warns(AudioFileWarning) as caught:
        MFCCExtractor().fit_transform([whole_file, cut_file])
    assert len(caught) == 1
