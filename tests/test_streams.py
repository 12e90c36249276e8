"""Sound from streams: what a file gives, a pipe gives too."""

from __future__ import annotations

import io
import struct
import warnings

import numpy as np
import pytest
import soundfile
from odd_files import ODD_FILES, RATE, au, coded, encode, sound, wav

from mfccclf.errors import AudioFileError, AudioFileWarning
from mfccclf.waveform import RawFormat, iter_blocks, load_waveform
from mfccclf.waveform.containers.forward import ForwardFile, read_exactly


class Pipe(io.RawIOBase):
    """Bytes that come in small pieces and cannot be read again."""

    def __init__(self, data: bytes, step: int = 3001) -> None:
        self._data, self._step = io.BytesIO(data), step

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self._data.read(min(self._step, len(buffer)))
        buffer[: len(data)] = data
        return len(data)


def read(source, **settings):
    return np.concatenate(list(iter_blocks(source, sample_rate=None, **settings)))


@pytest.mark.parametrize("odd", ODD_FILES, ids=lambda odd: odd.name)
@pytest.mark.filterwarnings("ignore::mfccclf.errors.AudioFileWarning")
def test_stream_gives_what_its_file_gives(odd, tmp_path):
    path = tmp_path / odd.name
    odd.build(path)
    if not path.is_file():
        pytest.skip("no regular file")
    try:
        expected = read(path)
    except AudioFileError:
        with pytest.raises(AudioFileError, match="^the stream "):
            read(Pipe(path.read_bytes()))
        return
    got = read(Pipe(path.read_bytes()))
    # A stream's true length is unknown, so a header cannot be held against it.
    assert abs(len(got) - len(expected)) <= 0.02 * len(expected)
    n_both = min(len(got), len(expected))
    np.testing.assert_allclose(got[:n_both], expected[:n_both], atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "subtype", "endian"),
    [
        ("WAV", "PCM_U8", None),
        ("WAV", "PCM_24", None),
        ("WAV", "PCM_32", None),
        ("WAV", "FLOAT", None),
        ("WAV", "DOUBLE", None),
        ("WAV", "ULAW", None),
        ("WAV", "ALAW", None),
        ("WAV", "MS_ADPCM", None),
        ("WAV", "PCM_16", "BIG"),
        ("WAVEX", "PCM_24", None),
        ("RF64", "PCM_16", None),
        ("AU", "PCM_S8", None),
        ("AU", "PCM_24", "LITTLE"),
        ("AU", "DOUBLE", None),
        ("AU", "ALAW", None),
        ("FLAC", "PCM_24", None),
    ],
)
def test_every_encoding_is_read_from_a_stream(kind, subtype, endian, tmp_path):
    wave = sound(8000, 2)
    (tmp_path / "file").write_bytes(
        encode(wave, kind, subtype, rate=8000, endian=endian)
    )
    data = (tmp_path / "file").read_bytes()
    expected = load_waveform(tmp_path / "file", sample_rate=None)
    np.testing.assert_allclose(read(Pipe(data)), expected, atol=1e-6)
    np.testing.assert_allclose(
        load_waveform(Pipe(data), sample_rate=None), expected, atol=1e-6
    )


def test_samples_end_where_the_header_says(tmp_path):
    data = wav() + b"LIST" + struct.pack("<I", 4000) + bytes(range(250)) * 16
    assert len(read(Pipe(data))) == RATE


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFF024])
def test_header_that_leaves_the_length_open_is_read_to_the_end(size):
    assert len(read(Pipe(wav(size=size)))) == RATE
    if size in (0, 0xFFFFFFFF):
        assert len(read(Pipe(au(size=size)))) == RATE


def test_flac_of_unknown_length_is_read_to_the_end():
    data = bytearray(coded("FLAC"))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    assert len(read(Pipe(bytes(data)))) == RATE


def test_stream_cut_short_is_warned_of():
    with pytest.warns(AudioFileWarning, match="the stream is cut short or damaged"):
        read(Pipe(wav()[:-2000]))


def test_damaged_flac_ends_with_an_error_or_a_warning():
    data = bytearray(encode(sound(200_000), "FLAC", rate=200_000))
    data[len(data) // 2 :] = b"\x55" * (len(data) - len(data) // 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error", AudioFileWarning)
        with pytest.raises((AudioFileError, AudioFileWarning), match="the stream"):
            read(Pipe(bytes(data)))


@pytest.mark.parametrize(
    ("encoding", "dtype", "scale", "offset"),
    [
        ("s16le", "<i2", 32767, 0),
        ("s16be", ">i2", 32767, 0),
        ("s32le", "<i4", 2**31 - 128, 0),
        ("s32be", ">i4", 2**31 - 128, 0),
        ("f32le", "<f4", 1, 0),
        ("f32be", ">f4", 1, 0),
        ("f64le", "<f8", 1, 0),
        ("f64be", ">f8", 1, 0),
        ("s8", "i1", 127, 0),
        ("u8", "u1", 127, 128),
    ],
)
def test_samples_without_a_header_are_decoded(encoding, dtype, scale, offset):
    wave = sound(8000, 2)
    data = (wave * scale + offset).astype(dtype).tobytes()
    layout = RawFormat(8000, encoding, 2)
    assert layout.frame_size * 8000 == len(data)
    got = read(Pipe(data, step=37), raw=layout)
    np.testing.assert_allclose(got, wave.mean(axis=1), atol=0.012)


@pytest.mark.parametrize("encoding", ["s24le", "s24be", "mulaw", "alaw"])
def test_coded_samples_without_a_header_are_decoded(encoding):
    layout = RawFormat(8000, encoding)
    buffer = io.BytesIO()
    endian = "BIG" if encoding.endswith("be") else "LITTLE"
    settings = {"format": "RAW", "subtype": layout.subtype, "endian": endian}
    soundfile.write(buffer, sound(8000), 8000, **settings)
    got = read(Pipe(buffer.getvalue()), raw=layout)
    np.testing.assert_allclose(got, sound(8000)[:, 0], atol=0.02)


def test_channel_and_stretch_of_samples_without_a_header(tmp_path):
    wave = sound(8000, 2).astype("<f4")
    path = tmp_path / "capture.pcm"
    path.write_bytes(wave.tobytes() + b"\1\2\3")
    layout = RawFormat(8000, "f32le", 2)
    settings = {"raw": layout, "sample_rate": None, "channel": 1}
    np.testing.assert_array_equal(load_waveform(path, **settings), wave[:, 1])
    stretch = load_waveform(path, offset=0.5, duration=0.25, **settings)
    np.testing.assert_array_equal(stretch, wave[4000:6000, 1])


def test_no_samples_without_a_header_are_an_error():
    with pytest.raises(AudioFileError, match="the stream has no samples"):
        read(Pipe(b"\1"), raw=RawFormat(8000))


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ((10,), ValueError, "'sample_rate' parameter of RawFormat"),
        ((8000.0,), TypeError, "'sample_rate' parameter of RawFormat"),
        ((8000, "s16"), ValueError, "'encoding' .*Did you mean 's16"),
        ((8000, "s16le", 0), ValueError, "'n_channels' parameter of RawFormat"),
    ],
)
def test_impossible_layout_is_refused(arguments, error, match):
    with pytest.raises(error, match=match):
        RawFormat(*arguments)


def test_no_more_than_needed_is_kept_of_a_stream():
    data = np.arange(500_000, dtype="<u4").tobytes()
    file = ForwardFile(Pipe(data, step=50_000))
    assert read_exactly(file, len(data)) == data
    file.seek(len(data) - 1000)
    assert read_exactly(file, 2000) == data[-1000:]
    file.seek(0)
    with pytest.raises(OSError, match="cannot go back that far"):
        file.read(1)
