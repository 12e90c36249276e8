"""Files of recorders that crashed: one rule by path, by pipe and by window."""

from __future__ import annotations

import io
import struct
import warnings

import numpy as np
import pytest
import soundfile
from odd_files import encode, sound

from mfccclf import AudioFileError, AudioFileWarning, load_waveform
from mfccclf.waveform import iter_blocks, read_info

RATE = 8000
WAVE = sound(RATE)
UNKNOWN = 0xFFFFFFFF
STALE = "has more samples than the 2400 bytes that its header states"

# Kind, subtype, where the header states the size, its format, and what it counts too.
KINDS = {
    "wav16": ("WAV", "PCM_16", "<I"),
    "wav24": ("WAV", "PCM_24", "<I"),
    "wav_float": ("WAV", "FLOAT", "<I"),
    "wav_mulaw": ("WAV", "ULAW", "<I"),
    "rf64": ("RF64", "PCM_16", "<Q"),
    "rf64_24": ("RF64", "PCM_24", "<Q"),
    "w64": ("W64", "PCM_16", "<Q"),
    "w64_float": ("W64", "FLOAT", "<Q"),
    "au16": ("AU", "PCM_16", ">I"),
    "au24": ("AU", "PCM_24", ">I"),
    "au_alaw": ("AU", "ALAW", ">I"),
    "aiff16": ("AIFF", "PCM_16", ">I"),
    "aiff24": ("AIFF", "PCM_24", ">I"),
    "aifc_mulaw": ("AIFF", "ULAW", ">I"),
    "caf16": ("CAF", "PCM_16", ">q"),
    "caf_float": ("CAF", "FLOAT", ">q"),
}
# Bytes of the chunk in front of the samples, which its size counts.
PREAMBLES = {"AIFF": 8, "CAF": 4}


def with_size(kind: str, size: int | None) -> bytes:
    """Return a file whose header states ``size`` bytes of samples; None: the true."""
    container, subtype, form = KINDS[kind]
    data = bytearray(encode(WAVE, container, subtype, rate=RATE))
    if size is None:
        return bytes(data)
    position = {
        "WAV": data.find(b"data") + 4,
        "CAF": data.find(b"data") + 4,
        "AIFF": data.find(b"SSND") + 4,
        "AU": 8,
        "RF64": 28,
    }.get(container)
    if size != UNKNOWN and size >= 0:
        size += PREAMBLES.get(container, 0)
    if position is None:
        position = data.find(b"data\xf3\xac") + 16
        size += 24
    data[position : position + struct.calcsize(form)] = struct.pack(form, size)
    return bytes(data)


def by_path(data: bytes, tmp_path) -> np.ndarray:
    (tmp_path / "clip").write_bytes(data)
    return load_waveform(tmp_path / "clip", sample_rate=None)


def by_pipe(data: bytes, tmp_path) -> np.ndarray:
    return load_waveform(io.BytesIO(data), sample_rate=None)


def by_window(data: bytes, tmp_path) -> np.ndarray:
    (tmp_path / "clip").write_bytes(data)
    return np.concatenate(list(iter_blocks(tmp_path / "clip", sample_rate=None)))


def by_live_pipe(data: bytes, tmp_path) -> np.ndarray:
    return np.concatenate(list(iter_blocks(io.BytesIO(data), sample_rate=None)))


WAYS = [by_path, by_pipe, by_window, by_live_pipe]
every_way = pytest.mark.parametrize("read", WAYS)
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_way
@every_kind
@pytest.mark.parametrize("size", [0, UNKNOWN])
def test_no_size_means_all_there_is(kind, size, read, tmp_path):
    expected = by_path(with_size(kind, None), tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if KINDS[kind][2] == "<Q" and size:
            size = 2**64 - 25 if kind.startswith("w64") else 2**64 - 1
        if KINDS[kind][2] == ">q" and size:
            size = -1
        waveform = read(with_size(kind, size), tmp_path)
    np.testing.assert_allclose(waveform, expected, atol=1e-7)


@every_way
@every_kind
def test_samples_behind_a_stale_size_are_used_with_one_warning(kind, read, tmp_path):
    expected = by_path(with_size(kind, None), tmp_path)
    with pytest.warns(AudioFileWarning, match=STALE) as caught:
        waveform = read(with_size(kind, 2400), tmp_path)
    assert len(caught) == 1
    np.testing.assert_allclose(waveform, expected, atol=1e-7)


@every_way
@every_kind
def test_too_large_a_size_is_warned_of(kind, read, tmp_path):
    data = with_size(kind, None)
    expected = by_path(data, tmp_path)
    with pytest.warns(AudioFileWarning, match="cut short or damaged") as caught:
        waveform = read(with_size(kind, 2**20), tmp_path)
    assert len(caught) == 1
    np.testing.assert_allclose(waveform, expected, atol=1e-7)


@every_way
@pytest.mark.parametrize("subtype", ["MS_ADPCM", "GSM610"])
def test_coded_samples_of_a_crashed_recorder(subtype, read, tmp_path):
    data = bytearray(encode(WAVE, "WAV", subtype, rate=RATE))
    expected = by_path(bytes(data), tmp_path)
    position = data.find(b"data") + 4
    data[position : position + 4] = bytes(4)
    np.testing.assert_allclose(read(bytes(data), tmp_path), expected, atol=1e-7)


BEHIND = {
    "chunk": b"LIST" + struct.pack("<I", 4000) + bytes(range(250)) * 16,
    "unknown_chunk": b"abcd" + struct.pack("<I", 4000) + bytes(range(250)) * 16,
    "id3v1": b"TAG" + b"x" * 125,
    "padding": bytes(3000),
    "little": b"\x93" * 100,
}


@every_way
@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
def test_what_is_no_sound_behind_the_samples_is_left_out(behind, read, tmp_path):
    data = with_size("wav16", None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        waveform = read(data + behind, tmp_path)
    np.testing.assert_array_equal(waveform, by_path(data, tmp_path))


@every_way
def test_an_odd_number_of_bytes_has_its_pad_byte(read, tmp_path):
    data = encode(WAVE[:701], "WAV", "PCM_U8", rate=RATE)
    data = data[: 44 + 701] + b"\0" + BEHIND["chunk"]
    assert len(read(data, tmp_path)) == 701


@every_way
def test_an_empty_file_with_a_note_stays_empty(read, tmp_path):
    data = with_size("wav16", 0)
    data = data[: data.find(b"data") + 8] + BEHIND["chunk"]
    with pytest.raises(AudioFileError, match="has no samples"):
        read(data, tmp_path)


@every_way
@pytest.mark.parametrize("container", ["AIFF", "CAF"])
def test_chunks_behind_big_endian_samples_are_no_samples(container, read, tmp_path):
    data = encode(WAVE, container, "PCM_16", rate=RATE)
    form = {"AIFF": ">I", "CAF": ">q"}[container]
    behind = b"info" + struct.pack(form, 4000) + bytes(range(250)) * 16
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(read(data + behind, tmp_path)) == RATE


def test_a_part_of_a_crashed_recording(tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes(with_size("wav24", 2400))
    with pytest.warns(AudioFileWarning, match=STALE):
        part = load_waveform(path, sample_rate=None, offset=0.5, duration=0.1)
    expected = by_path(with_size("wav24", None), tmp_path)
    np.testing.assert_array_equal(part, expected[4000:4800])
    assert read_info(path).n_samples == len(expected)


@every_way
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT"])
def test_long_note_before_the_samples(subtype, read, tmp_path):
    data = encode(WAVE, "WAV", subtype, rate=RATE)
    at = data.find(b"data")
    note = b"LIST" + struct.pack("<I", 400_000) + b"INFO" + bytes(399_996)
    waveform = read(data[:at] + note + data[at:], tmp_path)
    expected, _ = soundfile.read(io.BytesIO(data), dtype="float32")
    np.testing.assert_allclose(waveform, expected, atol=1e-7)
