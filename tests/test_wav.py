"""WAV files of 16-bit samples: libsndfile's numbers, whatever else is in the file."""

from __future__ import annotations

import struct
import warnings

import numpy as np
import pytest
import soundfile
from odd_files import sound

from mfccclf import AudioFileError, AudioFileWarning, load_waveform
from mfccclf.waveform import read_info
from mfccclf.waveform.containers.opening import open_source
from mfccclf.waveform.containers.plain_samples import PlainSource

RATE = 8000


def samples(n_channels: int) -> bytes:
    return (sound(RATE, n_channels)[:700] * 2**15).astype("<i2").tobytes()


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    size = len(body) if size is None else size
    return name + struct.pack("<I", size) + body + b"\0" * (len(body) % 2)


def layout(n_channels: int = 1, *, tag=1, bits=16, frame_size=None, rate=RATE) -> bytes:
    frame_size = 2 * n_channels if frame_size is None else frame_size
    fields = (tag, n_channels, rate, rate * frame_size, frame_size, bits)
    return chunk(b"fmt ", struct.pack("<HHIIHH", *fields))


def wav(*chunks: bytes, magic: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack("<I", len(body)) + body


NOTE = chunk(b"LIST", b"INFOIART\5\0\0\0Linda\0")
PLAIN = {
    "one_channel": wav(layout(), chunk(b"data", samples(1))),
    "three_channels": wav(layout(3), chunk(b"data", samples(3))),
    "notes_all_over": wav(NOTE, layout(), NOTE, chunk(b"data", samples(1)), NOTE),
    "odd_note": wav(layout(), chunk(b"note", b"odd"), chunk(b"data", samples(1))),
    "half_a_sample_more": wav(layout(2), chunk(b"data", samples(2) + b"\1\2")),
}
OTHER = {
    "8_bits": wav(layout(bits=8, frame_size=1), chunk(b"data", samples(1))),
    "wrong_frame_size": wav(layout(frame_size=3), chunk(b"data", samples(1))),
    "cut_short": wav(layout(), chunk(b"data", samples(1), size=9000)),
    "streamed": wav(layout(), chunk(b"data", samples(1), size=2**32 - 1)),
    "mu_law": wav(layout(tag=7, bits=8, frame_size=1), chunk(b"data", samples(1))),
}


@pytest.mark.parametrize("name", [*PLAIN, *OTHER])
def test_samples_equal_libsndfiles(name, tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes((PLAIN | OTHER)[name])
    expected, rate = soundfile.read(path, dtype="float32", always_2d=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AudioFileWarning)
        waveform = load_waveform(path, sample_rate=None)
        stretch = load_waveform(path, sample_rate=None, offset=0.01, duration=0.02)
    np.testing.assert_allclose(waveform, expected.mean(axis=1), rtol=0, atol=1e-7)
    np.testing.assert_array_equal(stretch, waveform[80:240])
    info = read_info(path)
    assert (info.container, info.sample_rate) == ("WAV", rate)
    assert (info.n_channels, info.n_samples) == expected.shape[::-1]


@pytest.mark.parametrize("name", [*PLAIN, *OTHER])
def test_only_plain_files_are_read_without_a_decoder(name, tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes((PLAIN | OTHER)[name])
    with open_source(str(path)) as source:
        assert isinstance(source, PlainSource) == (name in PLAIN)


def test_a_second_data_chunk_is_refused_as_libsndfile_does(tmp_path):
    path = tmp_path / "clip.wav"
    data = chunk(b"data", samples(1))
    path.write_bytes(wav(layout(), data, data))
    with pytest.raises(AudioFileError, match=r"clip\.wav"):
        load_waveform(path)
