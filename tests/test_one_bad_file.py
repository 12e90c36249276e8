"""One file never ends the batch: whatever its reader throws becomes its one line."""

from __future__ import annotations

import io
import itertools
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile
from odd_files import RATE, coded, encode, sound, video, wav

from mfccclf import AudioFileError, ModelFileError, Predictor, load_waveform
from mfccclf.waveform import RawFormat, read_info
from mfccclf.waveform.containers import opening


@pytest.fixture(scope="module")
def predictor():
    return Predictor("names")


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.wav"
    path.write_bytes(wav())
    return path


def outcomes_of(predictor, bad, good):
    first, failed, last = predictor.predict_each([good, bad, good])
    assert first == last
    assert isinstance(failed, AudioFileError)
    assert str(failed).startswith(str(bad))
    assert "\n" not in str(failed)
    return str(failed)


def test_gsm_cut_behind_its_data_header(predictor, good, tmp_path):
    data = encode(sound(8000), "WAV", "GSM610", rate=8000)
    bad = tmp_path / "cut.wav"
    bad.write_bytes(data[: data.find(b"data") + 8])
    outcomes_of(predictor, bad, good)


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("x"), KeyError("x"), MemoryError()]
)
def test_whatever_a_reader_throws_is_that_files_error(
    error, predictor, good, tmp_path, monkeypatch
):
    def fail(file, path, container):
        if path.endswith("bad.wav"):
            raise error
        return make(file, path, container)

    make = opening._open_regular
    monkeypatch.setattr(opening, "_open_regular", fail)
    bad = tmp_path / "bad.wav"
    bad.write_bytes(wav())
    text = outcomes_of(predictor, bad, good)
    wanted = "more memory" if isinstance(error, MemoryError) else type(error).__name__
    assert wanted in text


def test_no_memory_for_the_scores_is_that_files_error(
    predictor, good, tmp_path, monkeypatch
):
    judge = predictor._scorer.judge

    def judge_short(waveforms):
        if any(len(waveform) > 2 * predictor.sample_rate for waveform in waveforms):
            raise MemoryError
        return judge(waveforms)

    monkeypatch.setattr(type(predictor._scorer), "judge", staticmethod(judge_short))
    bad = tmp_path / "long.wav"
    bad.write_bytes(encode(np.tile(sound(), (4, 1)), "WAV"))
    assert "more memory" in outcomes_of(predictor, bad, good)


@pytest.mark.parametrize("duration", [b"inf", b"nan", b"1e308", b"-1"])
def test_matroska_with_a_length_that_cannot_be_true(duration, tmp_path):
    data = video(kind="matroska", picture=False)
    at = data.find(b"DURATION")
    value = data.find(b"00:00:0", at)
    assert 0 < at < value
    text = (b"0:0:" + duration).ljust(18, b"\0")
    path = tmp_path / "film.mkv"
    path.write_bytes(data[:value] + text + data[value + 18 :])
    assert read_info(path).n_samples is None
    assert len(load_waveform(path)) > 0


def slow_flac(n_samples: int) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.tile([0.0, 0.5], n_samples // 2), 1000, format="FLAC")
    return buffer.getvalue()


def test_small_file_of_a_long_clip_is_refused_before_it_takes_memory(tmp_path):
    path = tmp_path / "long.flac"
    path.write_bytes(slow_flac(2**22))
    tracemalloc.start()
    with pytest.raises(AudioFileError, match=r"long\.flac is longer than 3600 s.*--w"):
        load_waveform(path)
    assert tracemalloc.get_traced_memory()[1] < 2**27
    tracemalloc.stop()


def test_limit_of_a_clip_is_a_parameter(tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes(wav())
    assert len(load_waveform(path, max_duration=1.0)) == RATE
    with pytest.raises(AudioFileError, match="longer than 0.5 s"):
        load_waveform(path, max_duration=0.5)
    assert len(load_waveform(path, max_duration=0.5, duration=0.7)) > 0.5 * RATE
    assert len(load_waveform(path, max_duration=None)) == RATE
    with pytest.raises(ValueError, match="max_duration"):
        load_waveform(path, max_duration=0)


class Endless(io.RawIOBase):
    """A pipe that starts with some bytes and never ends."""

    def __init__(self, head: bytes, most: int) -> None:
        self.n_read, self._head, self._most = 0, head, most

    def readable(self):
        return True

    def readinto(self, buffer):
        assert self.n_read < self._most
        data = bytes(self._head[self.n_read :][: len(buffer)])
        data = data or b"\x11\x22" * (len(buffer) // 2)
        buffer[: len(data)] = data
        self.n_read += len(data)
        return len(data)


HEADS = {
    "wav": wav(size=0)[:44],
    "raw": b"",
    "au": struct.pack(">4s5I", b".snd", 24, 2**32 - 1, 3, RATE, 1),
}


@pytest.mark.parametrize("kind", HEADS)
def test_endless_pipe_is_not_stored_without_end(kind):
    raw = RawFormat(RATE) if kind == "raw" else None
    pipe = Endless(HEADS[kind], most=2**26)
    with pytest.raises(AudioFileError, match="the stream is longer than 2 s"):
        load_waveform(pipe, max_duration=2, raw=raw)


def test_pipe_that_is_no_sound_is_not_stored():
    with pytest.raises(AudioFileError, match="the stream is not a sound file"):
        load_waveform(Endless(b"", most=2**18))


def test_endless_pipe_of_another_kind_is_bounded(monkeypatch):
    monkeypatch.setattr("mfccclf.waveform.containers.clip_stream._MAX_SIZE", 2**20)
    with pytest.raises(AudioFileError, match=r"stream goes on after 1 MB.*--window"):
        load_waveform(Endless(coded("OGG"), most=2**22))


def test_full_disk_is_told_as_such(monkeypatch, tmp_path):
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    monkeypatch.setattr("mfccclf.waveform.containers.forward._SMALL", 16)
    with pytest.raises(AudioFileError, match=r"stream cannot be stored.*No space.*TMP"):
        load_waveform(io.BytesIO(coded("MP3")))


@pytest.mark.parametrize("n_samples", [10, 2000])
def test_tiny_mp3_from_a_stream_as_by_path(n_samples, tmp_path):
    wave = np.random.default_rng(0).normal(0, 0.1, n_samples)
    path = tmp_path / "tiny.mp3"
    soundfile.write(path, wave, 16000)
    expected = load_waveform(path)
    np.testing.assert_array_equal(
        load_waveform(io.BytesIO(path.read_bytes())), expected
    )


NO_CODING = struct.pack("<HHIIHHH", 0x1234, 1, 8000, 4000, 32, 1, 0)
NO_BITS = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 0)


@pytest.mark.parametrize("form", [NO_CODING, NO_BITS])
def test_stream_fails_for_the_reason_of_its_file(form, tmp_path):
    body = bytes(itertools.islice(itertools.cycle(range(251)), 20000))
    chunks = b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(body)) + body
    data = b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks
    path = tmp_path / "clip.wav"
    path.write_bytes(data)
    with pytest.raises(AudioFileError) as by_path:
        load_waveform(path)
    with pytest.raises(AudioFileError) as by_stream:
        load_waveform(io.BytesIO(data))
    assert str(by_stream.value) == str(by_path.value).replace(str(path), "the stream")
    assert "disk" not in str(by_stream.value)


def test_more_than_eight_channels_of_a_film_are_read_right():
    """PyAV reads planes beyond the eighth from anywhere in memory."""
    av = pytest.importorskip("av")
    file = io.BytesIO()
    file.name = "sound.mkv"
    tone = (9000 * np.sin(np.arange(4000) / 5)).astype(np.int16)
    with av.open(file, "w", format="matroska") as container:
        track = container.add_stream("pcm_s16le", rate=8000)
        track.codec_context.layout = "22.2"
        values = np.tile(tone[:, np.newaxis], (1, 24)).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(values, format="s16", layout="22.2")
        frame.sample_rate, frame.pts = 8000, 0
        container.mux(track.encode(frame))
        container.mux(track.encode(None))
    waveform = load_waveform(io.BytesIO(file.getvalue()), sample_rate=None)
    np.testing.assert_allclose(waveform, tone / 32768, atol=1e-4)


def test_no_memory_for_a_graph_is_told_as_such(predictor, good, monkeypatch):
    class Session:
        def get_outputs(self):
            return session.get_outputs()

        def run(self, names, inputs):
            raise RuntimeError(
                "Failed to allocate memory for requested buffer of size 9"
            )

    session = predictor._scorer._session
    monkeypatch.setattr(predictor._scorer, "_session", Session())
    (outcome,) = predictor.predict_each([good])
    assert isinstance(outcome, AudioFileError)
    assert "needs more memory than there is" in str(outcome)
    assert "onnxruntime" not in str(outcome)


def test_no_memory_for_a_model_is_told_as_such(monkeypatch):
    def fail(graph):
        raise RuntimeError("std::bad_alloc")

    monkeypatch.setattr("mfccclf.prediction.session.open_session", fail)
    with pytest.raises(ModelFileError, match="more memory than there is") as caught:
        Predictor("names")
    assert "Update onnxruntime" not in str(caught.value)
