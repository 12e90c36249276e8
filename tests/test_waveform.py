"""Waveforms of sound files: parity with librosa, stretches, channels, blocks."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
import warnings

import librosa
import numpy as np
import pytest
import soundfile
from odd_files import au, coded, encode, sound, video

from mfccclf.errors import AudioFileError, AudioFileWarning
from mfccclf.waveform import iter_blocks, load_waveform, read_info


@pytest.fixture
def write(tmp_path):
    """A function that writes bytes into a file and returns its path."""

    def write_bytes(data: bytes, name: str = "clip.au"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write_bytes


def librosa_waveform(path, **arguments) -> np.ndarray:
    with warnings.catch_warnings():
        # librosa's loader imports modules that Python 3.13 drops.
        warnings.simplefilter("ignore", DeprecationWarning)
        return librosa.load(path, **arguments)[0]


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("to_rate", [8000, 22050, 44100])
def test_waveform_equals_librosas(write, rate, to_rate):
    path = write(encode(sound(rate, n_channels=2), "AU", rate=rate))
    expected = librosa_waveform(path, sr=to_rate)
    waveform = load_waveform(path, sample_rate=to_rate)
    assert waveform.dtype == np.float32
    np.testing.assert_allclose(waveform, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        *[
            ("AU", code)
            for code in soundfile.available_subtypes("AU")
            if code[0] != "G"
        ],
        *[
            ("WAV", code)
            for code in ("PCM_U8", "PCM_16", "PCM_24", "FLOAT", "MS_ADPCM")
        ],
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("MP3", "MPEG_LAYER_III"),
        ("AIFF", "PCM_16"),
        ("CAF", "ALAC_24"),
    ],
)
def test_every_encoding_equals_librosas(write, kind, subtype):
    path = write(encode(sound(44100, n_channels=2), kind, subtype, rate=44100))
    expected = librosa_waveform(path)
    np.testing.assert_allclose(load_waveform(path), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("n_samples", [1, 2, 5, 17, 100, 12345])
def test_lengths_after_resampling_equal_librosas(write, noise, n_samples):
    path = write(encode(noise(1.0)[:n_samples], "AU", "FLOAT", rate=48000))
    expected = librosa_waveform(path)
    waveform = load_waveform(path, allow_silence=True)
    np.testing.assert_allclose(waveform, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("endian", ["BIG", "LITTLE"])
@pytest.mark.parametrize(
    "code", ["PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]
)
def test_au_samples_equal_libsndfiles(write, code, endian):
    wave = sound(n_channels=3) * [1, -0.3, 2]
    path = write(encode(wave, "AU", code, endian=endian))
    expected, _ = soundfile.read(path, dtype="float32")
    for channel in range(3):
        waveform = load_waveform(path, sample_rate=None, channel=channel)
        np.testing.assert_array_equal(waveform, expected[:, channel])


@pytest.mark.parametrize("code", ["G721_32", "G723_24", "G723_40"])
def test_au_adpcm_keeps_the_sound(write, code):
    waveform = load_waveform(write(coded("AU", code)), sample_rate=None)
    error = waveform[:22050] - sound()[:, 0]
    assert np.std(error) < 0.1 * np.std(sound())


def test_stereo_is_mixed_to_its_mean(write):
    wave = sound(n_channels=2)
    waveform = load_waveform(write(encode(wave, "WAV", "FLOAT")), sample_rate=None)
    np.testing.assert_allclose(waveform, wave.mean(axis=1), atol=1e-6)


def test_level_is_kept(write):
    path = write(encode(0.1 * sound(), "WAV", "FLOAT"))
    loud = load_waveform(write(encode(sound(), "WAV", "FLOAT"), "loud.wav"))
    np.testing.assert_allclose(load_waveform(path), 0.1 * loud, atol=1e-6)


def test_same_file_gives_the_same_waveform(write):
    path = write(coded("MP3"))
    np.testing.assert_array_equal(load_waveform(path), load_waveform(path))


def test_str_path_and_bytes_are_the_same_file(write):
    path = write(au())
    for name in (str(path), path, bytes(path)):
        assert load_waveform(name).shape == (22050,)


def test_file_is_closed_after_reading_and_after_an_error(write):
    path = write(coded("FLAC"))
    load_waveform(path)
    path.unlink()
    path = write(coded("FLAC")[:60])
    with pytest.raises(AudioFileError, match="cannot be read"):
        load_waveform(path)
    path.unlink()


STRETCHED = {
    "linear.au": lambda: encode(sound(n_channels=2), "AU"),
    "mulaw.au": lambda: coded("AU", "ULAW"),
    "adpcm.au": lambda: coded("AU", "G721_32"),
    "clip.wav": lambda: coded("WAV"),
    "clip.flac": lambda: coded("FLAC"),
    "clip.ogg": lambda: coded("OGG"),
}


@pytest.mark.parametrize("name", STRETCHED)
@pytest.mark.parametrize(
    ("offset", "duration"), [(0.0, 0.3), (0.2, 0.3), (0.5, None), (0.0, 9.0)]
)
def test_stretch_is_a_slice_of_the_whole(write, name, offset, duration):
    path = write(STRETCHED[name](), name)
    whole = load_waveform(path, sample_rate=None)
    start = int(offset * 22050)
    stop = None if duration is None else start + int(duration * 22050)
    stretch = load_waveform(path, sample_rate=None, offset=offset, duration=duration)
    np.testing.assert_allclose(stretch, whole[start:stop], rtol=0, atol=2e-6)


def test_stretch_of_mp3_is_a_slice_of_the_whole(write):
    path = write(encode(np.tile(sound(), (5, 1)), "MP3"), "clip.mp3")
    whole = load_waveform(path, sample_rate=None)
    stretch = load_waveform(path, sample_rate=None, offset=2.0, duration=1.0)
    np.testing.assert_allclose(stretch, whole[44100:66150], rtol=0, atol=1e-3)


@pytest.mark.parametrize("to_rate", [8000, 22050])
def test_stretch_is_resampled_alone_like_librosas(write, to_rate):
    path = write(encode(sound(48000, n_channels=2), "AU", rate=48000))
    expected = librosa_waveform(path, sr=to_rate, offset=0.31, duration=0.27)
    stretch = load_waveform(path, sample_rate=to_rate, offset=0.31, duration=0.27)
    np.testing.assert_allclose(stretch, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("make", [au, lambda: coded("AU", "ULAW")])
def test_stretch_reads_only_its_bytes(write, make):
    # Bytes outside the stretch could not be sound: they are not even there.
    whole = make()
    width = (len(whole) - 24) // 22050
    path = write(whole[: 24 + width * 5000])
    assert load_waveform(path, sample_rate=None, duration=0.2).shape == (4410,)


@pytest.mark.parametrize("name", STRETCHED)
def test_offset_past_the_end_names_the_duration(write, name):
    path = write(STRETCHED[name](), name)
    with pytest.raises(AudioFileError, match=r"from 2\.000 s on: it lasts 1\.00\d s"):
        load_waveform(path, offset=2.0)


def test_stretch_of_less_than_a_sample_is_refused(write):
    with pytest.raises(AudioFileError, match="no sample in so short a part at 22050"):
        load_waveform(write(au()), duration=1e-6)


def test_channel_chooses_one(write):
    wave = sound(n_channels=2)
    path = write(encode(wave, "WAV", "FLOAT"))
    for channel in range(2):
        waveform = load_waveform(path, sample_rate=None, channel=channel)
        np.testing.assert_allclose(waveform, wave[:, channel], atol=1e-6)


def test_channel_that_is_not_there_is_refused(write):
    path = write(encode(sound(n_channels=2), "AU"))
    with pytest.raises(AudioFileError, match="no channel 2. Its channels are 0 to 1"):
        load_waveform(path, channel=2)
    with pytest.raises(AudioFileError, match="no channel 1. Its only channel is 0"):
        load_waveform(write(au()), channel=1)


def test_cancelling_channels_give_the_louder_one(write):
    wave = np.concatenate([-0.9 * sound(), sound()], axis=1)
    path = write(encode(wave, "AU"))
    with pytest.warns(AudioFileWarning, match="Channel 1, the loudest"):
        waveform = load_waveform(path, sample_rate=None)
    np.testing.assert_allclose(waveform, wave[:, 1], atol=1e-4)


def test_cancelling_channels_do_not_warn_when_one_is_chosen(write):
    path = write(encode(np.concatenate([sound(), -sound()], axis=1), "AU"))
    assert np.ptp(load_waveform(path, channel=0)) > 0.1


def test_one_silent_channel_is_no_cancelling(write):
    path = write(encode(sound(n_channels=2) * [1, 0], "AU"))
    assert np.ptp(load_waveform(path)) > 0.1


def test_silent_channel_chosen_by_number_is_silent(write):
    path = write(encode(sound(n_channels=2) * [1, 0], "AU"))
    with pytest.raises(AudioFileError, match="is silent"):
        load_waveform(path, channel=1)


@pytest.mark.parametrize("level", [0.0, 0.25])
def test_silence_is_returned_where_allowed(write, level):
    path = write(encode(np.full((4410, 2), level), "WAV", "FLOAT"))
    waveform = load_waveform(path, sample_rate=None, allow_silence=True)
    np.testing.assert_array_equal(waveform, np.full(4410, level, np.float32))


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"sample_rate": 0}, ValueError, "'sample_rate' parameter of load_waveform"),
        ({"sample_rate": 22050.0}, TypeError, "'sample_rate' parameter of load_wavef"),
        ({"offset": -1}, ValueError, "'offset' parameter of load_waveform must be a"),
        ({"offset": np.nan}, ValueError, "'offset' parameter of load_waveform must"),
        ({"duration": 0}, ValueError, "'duration' parameter of load_waveform must be"),
        ({"duration": "1"}, TypeError, "'duration' parameter of load_waveform must be"),
        ({"channel": -1}, ValueError, "'channel' parameter of load_waveform must be a"),
        ({"allow_silence": 1}, TypeError, "'allow_silence' parameter of load_waveform"),
    ],
)
def test_bad_arguments_are_named(write, arguments, error, match):
    with pytest.raises(error, match=match):
        load_waveform(write(au()), **arguments)


def test_information_tells_what_the_file_holds(write):
    path = write(encode(sound(48000, n_channels=2), "AU", "ALAW", rate=48000))
    info = read_info(path)
    assert (info.path, info.container, info.encoding) == (str(path), "AU", "ALAW")
    assert (info.sample_rate, info.n_channels, info.n_samples) == (48000, 2, 48000)
    assert info.duration_s == 1.0


def test_information_comes_from_the_content(write):
    info = read_info(write(coded("FLAC", "PCM_24"), "clip.au"))
    assert (info.container, info.encoding, info.n_samples) == ("FLAC", "PCM_24", 22050)


def test_information_of_an_open_length_is_what_is_there(write):
    assert read_info(write(au(size=0xFFFFFFFF))).n_samples == 22050


VIDEOS = {
    "film.mp4": {"kind": "mp4"},
    "sound.m4a": {"kind": "ipod", "picture": False},
    "film.mkv": {"kind": "matroska"},
    "film.mov": {"kind": "mov", "codec": "pcm_s16le"},
    "sound.webm": {"kind": "webm", "codec": "libopus", "picture": False},
}


@pytest.mark.parametrize("name", VIDEOS)
def test_sound_of_a_video_is_kept(write, name):
    path = write(video(**VIDEOS[name]), name)
    waveform = load_waveform(path, sample_rate=None)
    expected = sound(48000)[:, 0]
    # Lossy coders change the noise; the loud tone in the middle stays.
    middle = slice(12000, 36000)
    correlation = np.corrcoef(waveform[middle], expected[middle])[0, 1]
    assert correlation > 0.98


@pytest.mark.parametrize("name", VIDEOS)
def test_stretch_of_a_video_is_a_slice_of_the_whole(write, name):
    path = write(video(**VIDEOS[name]), name)
    whole = load_waveform(path, sample_rate=None)
    stretch = load_waveform(path, sample_rate=None, offset=0.7, duration=0.1)
    assert stretch.shape == (4800,)
    # Matroska keeps time in milliseconds; AAC's noise differs at each decoding.
    near = [whole[33600 + lag : 38400 + lag] for lag in range(-60, 61)]
    assert max(np.corrcoef(stretch, part)[0, 1] for part in near) > 0.99


def test_offset_past_the_end_of_a_video_is_refused(write):
    path = write(video(kind="mp4"), "film.mp4")
    with pytest.raises(AudioFileError, match=r"from 5\.000 s on: it lasts 1\.000 s"):
        load_waveform(path, offset=5.0)


def test_information_of_a_video_tells_its_sound(write):
    info = read_info(write(video(kind="mp4"), "film.mp4"))
    assert (info.container, info.encoding, info.sample_rate) == ("MP4", "aac", 48000)
    assert info.n_channels == 1
    assert info.duration_s == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("kind", ["AU", "FLAC", "MP3", "OGG"])
@pytest.mark.parametrize("to_rate", [None, 16000])
def test_blocks_joined_are_the_waveform(write, kind, to_rate):
    path = write(encode(np.tile(sound(44100, 2), (15, 1)), kind, rate=44100))
    whole = load_waveform(path, sample_rate=to_rate)
    blocks = list(iter_blocks(path, sample_rate=to_rate, block_duration=0.9))
    size = round(0.9 * (to_rate or 44100))
    assert {len(block) for block in blocks[:-1]} == {size}
    assert all(block.dtype == np.float32 for block in blocks)
    np.testing.assert_allclose(np.concatenate(blocks), whole, rtol=0, atol=1e-4)


def test_blocks_take_one_channel(write):
    path = write(encode(sound(n_channels=2), "WAV", "FLOAT"))
    blocks = iter_blocks(path, sample_rate=None, block_duration=0.3, channel=1)
    np.testing.assert_allclose(np.concatenate(list(blocks)), sound(n_channels=2)[:, 1])


def test_blocks_need_flat_memory(tmp_path):
    peaks = []
    for minutes in (2, 8):
        path = tmp_path / f"{minutes}.au"
        wave = np.tile(sound(), (60 * minutes, 1))
        soundfile.write(path, wave, 22050, subtype="PCM_16")
        tracemalloc.start()
        for _ in iter_blocks(path, sample_rate=8000, block_duration=10):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_blocks_check_their_arguments_at_once(write):
    with pytest.raises(ValueError, match="'block_duration' parameter of iter_blocks"):
        iter_blocks(write(au()), block_duration=0)


def test_blocks_of_a_cut_file_warn_at_the_end(write):
    blocks = iter_blocks(write(au()[:-2000]))
    with pytest.warns(AudioFileWarning, match="promises 22050 samples"):
        assert [len(block) for block in blocks] == [21050]


def test_import_needs_neither_scipy_nor_librosa(write):
    code = (
        "import sys; from mfccclf.waveform import load_waveform; "
        f"load_waveform({str(write(coded('AU', 'ULAW')))!r}); "
        "print([m for m in ('scipy', 'librosa', 'sklearn', 'torch', 'av') "
        "if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
