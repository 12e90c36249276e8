"""Codings that libsndfile lacks: PyAV reads them, or is named; they are no damage."""

from __future__ import annotations

import io
import struct
import sys
import tempfile
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from odd_files import coded, encode, sound, wav

from mfccclf import AudioFileError, load_waveform
from mfccclf.waveform import iter_blocks, read_info
from mfccclf.waveform.containers.foreign_coding import foreign_coding

RATE = 8000


@cache
def film(kind: str, codec: str) -> bytes:
    """Return a second of sound as FFmpeg writes it."""
    av = pytest.importorskip("av")
    with tempfile.NamedTemporaryFile(suffix=f".{kind}") as file:
        with av.open(file.name, "w", format=kind) as container:
            track = container.add_stream(codec, rate=RATE, layout="mono")
            wave = np.ascontiguousarray(sound(RATE).T.astype(np.float32))
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE, 0
            resampler = av.AudioResampler(
                format=track.format.name,
                layout="mono",
                rate=RATE,
                frame_size=track.frame_size or 1024,
            )
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                container.mux(track.encode(part))
            container.mux(track.encode(None))
        return Path(file.name).read_bytes()


# By kind and FFmpeg's name of the coding: what it is called in messages.
CODINGS = {
    ("wav", "g726"): "sound in G.726",
    ("wav", "g722"): "sound in G.722",
    ("wav", "adpcm_yamaha"): "sound in Yamaha ADPCM",
    ("wav", "aac"): "sound in AAC",
    ("wav", "flac"): "sound in FLAC",
    ("caf", "alac"): "sound in an encoding that libsndfile does not read",
    ("ogg", "flac"): "sound in an encoding that libsndfile does not read",
}
every_coding = pytest.mark.parametrize("coding", CODINGS, ids=" in ".join)


@every_coding
def test_pyav_reads_it_by_path_pipe_and_window(coding, tmp_path):
    data = film(*coding)
    path = tmp_path / "clip.wav"
    path.write_bytes(data)
    waveform = load_waveform(path, sample_rate=None)
    assert abs(len(waveform) - RATE) <= 2048
    assert np.corrcoef(waveform[2000:6000], aligned(waveform))[0, 1] > 0.8
    stream = load_waveform(io.BytesIO(data), sample_rate=None)
    np.testing.assert_array_equal(stream, waveform)
    blocks = np.concatenate(list(iter_blocks(path, sample_rate=None)))
    np.testing.assert_array_equal(blocks, waveform)
    assert read_info(path).sample_rate == RATE


def aligned(waveform: np.ndarray) -> np.ndarray:
    """Return the original that fits best: coders delay the sound."""
    original = sound(RATE)[:, 0]
    lags = range(-1100, 1101)
    best = max(
        lags, key=lambda lag: waveform[2000:6000] @ original[2000 + lag :][:4000]
    )
    return original[2000 + best :][:4000]


@every_coding
def test_the_extra_is_named_where_pyav_is_missing(coding, tmp_path, monkeypatch):
    data = film(*coding)
    path = tmp_path / "clip.wav"
    path.write_bytes(data)
    monkeypatch.setitem(sys.modules, "av", None)
    for source in (path, io.BytesIO(data)):
        with pytest.raises(AudioFileError) as caught:
            load_waveform(source)
        text = str(caught.value)
        assert f"file with {CODINGS[coding]}, which needs PyAV" in text
        assert 'pip install "mfccclf[video]"' in text
        assert "damaged" not in text


def with_tag(tag: int) -> bytes:
    return wav(code=tag, bits=8, rate=RATE)


def test_a_coding_that_nobody_knows_is_no_damage(tmp_path, monkeypatch):
    path = tmp_path / "clip.wav"
    path.write_bytes(with_tag(0x1234))
    with pytest.raises(AudioFileError, match="in format tag 0x1234 that FFmpeg does"):
        load_waveform(path)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(AudioFileError, match="in format tag 0x1234, which needs PyAV"):
        load_waveform(path)


def caf(kind: bytes) -> bytes:
    return coded("CAF").replace(b"lpcm", kind, 1)


def aifc(kind: bytes) -> bytes:
    return coded("AIFF", "ULAW").replace(b"ulaw", kind, 1)


def ogg(packet: bytes) -> bytes:
    return b"OggS\0\x02" + bytes(20) + bytes([1, len(packet)]) + packet


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("WAV", with_tag(1), None),
        ("WAV", with_tag(0x55), None),
        ("WAV", with_tag(0x161), "WMA"),
        ("WAV", with_tag(0x57), "AMR"),
        ("WAV", coded("WAVEX"), None),
        ("WAV", coded("RF64"), None),
        ("W64", coded("W64"), None),
        ("CAF", caf(b"lpcm"), None),
        ("CAF", caf(b"samr"), "coding 'samr'"),
        ("CAF", caf(b"a\n\x1bc"), r"coding 'a\\n\\x1bc'"),
        ("AIFF", coded("AIFF"), None),
        ("AIFF", aifc(b"ulaw"), None),
        ("AIFF", aifc(b"QDM2"), "coding 'QDM2'"),
        ("Ogg", coded("OGG"), None),
        ("Ogg", ogg(b"Speex   1.2"), "Speex"),
        ("Ogg", ogg(b"nothing"), None),
        ("FLAC", coded("FLAC"), None),
    ],
    # An Ogg file differs each time, but processes compare the names of tests.
    ids=lambda value: "file" if isinstance(value, bytes) else str(value),
)
def test_codings_are_told_by_the_header(kind, content, expected):
    def read(offset: int, size: int) -> bytes:
        return content[offset : offset + size]

    assert foreign_coding(read, kind, len(content)) == expected


@pytest.mark.parametrize("container", ["WAV", "CAF", "AIFF", "Ogg", "W64"])
def test_headers_cut_anywhere_have_no_foreign_coding(container):
    whole = coded("OGG" if container == "Ogg" else container)
    for size in range(100):
        cut = whole[:size]
        assert foreign_coding(lambda o, n, c=cut: c[o : o + n], container, size) is None


# MP3 as the web leaves it

MP3 = encode(sound(16000), "MP3", rate=16000)
IN_FRONT = {
    "padding": bytes(3000),
    "a station's words": b"ICY 200 OK\r\nicy-name: radio\r\n\r\n" * 9,
    "the end of another frame": MP3[500:700],
    "noise": np.random.default_rng(0).bytes(10_000),
}


@pytest.mark.parametrize("front", IN_FRONT.values(), ids=IN_FRONT)
def test_mp3_behind_junk_is_read_from_its_first_frame(front, tmp_path):
    path = tmp_path / "clip.mp3"
    path.write_bytes(MP3)
    expected = load_waveform(path, sample_rate=None)
    path.write_bytes(front + MP3)
    for source in (path, io.BytesIO(front + MP3)):
        waveform = load_waveform(source, sample_rate=None)
        np.testing.assert_allclose(waveform, expected, atol=1e-6)
    live = iter_blocks(io.BytesIO(front + MP3), sample_rate=None)
    np.testing.assert_allclose(np.concatenate(list(live)), expected, atol=1e-6)
    part = load_waveform(path, sample_rate=None, offset=0.5, duration=0.1)
    np.testing.assert_allclose(part, expected[8000:9600], atol=1e-3)


@pytest.mark.parametrize(
    ("front", "match"),
    [
        (b"PK\x03\x04" + bytes(30), "like a ZIP archive"),
        (b"\x89PNG\r\n\x1a\n", "like a PNG picture"),
        (b"%PDF-1.7\n", "like a PDF document"),
        (bytes(70_000), "starts with zeros only"),
    ],
)
def test_mp3_inside_other_files_is_left_there(front, match, tmp_path):
    path = tmp_path / "clip.mp3"
    path.write_bytes(front + MP3)
    with pytest.raises(AudioFileError, match=match):
        load_waveform(path)


@pytest.mark.parametrize("size", [None, 0, 2**32 - 1])
def test_mp3_in_wav_is_not_cut_short(size, tmp_path):
    data = bytearray(film("wav", "mp3"))
    if size is not None:
        at = data.find(b"data") + 4
        data[at : at + 4] = struct.pack("<I", size)
    path = tmp_path / "clip.wav"
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for source in (path, io.BytesIO(data)):
            assert RATE <= len(load_waveform(source, sample_rate=None)) < RATE + 3000
