"""Feature parameters, and sequences of single waveforms."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mfccclf import AudioFileError, FeatureParameters, extract_sequence
from mfccclf.features import extract_file
from mfccclf.features.extraction import compute_sequences

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("settings", "n_features"),
    [
        ({}, 33),
        ({"features": 14}, 14),
        ({"features": ["mfcc"], "n_mfcc": 20}, 20),
        ({"features": "mel", "n_mels": 40}, 40),
        ({"features": ["mfcc", "zero"]}, 14),
        ({"features": 33, "sample_rate": 8000}, 33),
        ({"features": ["contrast", "chroma"], "n_bands": 4, "n_chroma": 24}, 29),
        ({"features": 14, "delta": 1}, 28),
        ({"features": 14, "delta": 2}, 42),
    ],
)
def test_columns_are_known_from_the_parameters(
    settings: dict[str, Any], n_features: int, noise: Make
) -> None:
    parameters = FeatureParameters(**settings)
    sequence = extract_sequence(noise(sample_rate=22050), parameters)
    assert parameters.n_features == n_features
    assert len(set(parameters.feature_names)) == n_features
    assert sequence.shape == (44, n_features)
    assert sequence.dtype == np.float32
    assert np.isfinite(sequence).all()


def test_columns_come_in_the_order_of_the_blocks(noise: Make) -> None:
    wave = noise()
    blocks = ("contrast", "zero", "mfcc")
    together = extract_sequence(wave, FeatureParameters(features=blocks))
    alone = [
        extract_sequence(wave, FeatureParameters(features=[block])) for block in blocks
    ]
    np.testing.assert_array_equal(together, np.concatenate(alone, axis=1))
    assert FeatureParameters(features=blocks).feature_names[6:9] == [
        "contrast_6",
        "zero",
        "mfcc_0",
    ]


def test_the_zero_block_may_repeat(noise: Make) -> None:
    parameters = FeatureParameters(features=["zero", "centroid", "zero", "zero"])
    assert parameters.feature_names == ["zero", "centroid", "zero_1", "zero_2"]
    sequence = extract_sequence(noise(), parameters)
    assert (sequence[:, [0, 2, 3]] == 0).all()


def test_derivatives_follow_the_columns() -> None:
    names = FeatureParameters(features=["mfcc"], n_mfcc=1, delta=2).feature_names
    assert names == ["mfcc_0", "delta_mfcc_0", "delta2_mfcc_0"]


def test_frames_follow_hop_length(tone: Make) -> None:
    parameters = FeatureParameters(
        features=["mfcc"], sample_rate=8000, n_fft=256, hop_length=80, n_mels=40
    )
    sequence = extract_sequence(tone(seconds=1.0, sample_rate=8000), parameters)
    assert sequence.shape == (101, 13)


def test_frames_past_n_frames_are_cut_and_the_others_equal(noise: Make) -> None:
    wave = noise(seconds=2.0)
    whole = extract_sequence(wave, FeatureParameters(n_frames=None, delta=2))
    cut = extract_sequence(wave, FeatureParameters(n_frames=20, delta=2))
    assert whole.shape == (87, 99)
    np.testing.assert_allclose(cut, whole[:20], rtol=1e-5, atol=1e-5)


def test_centroid_of_a_tone_is_its_frequency(tone: Make) -> None:
    parameters = FeatureParameters(features=["centroid"])
    sequence = extract_sequence(tone(frequency=3000.0), parameters)
    np.testing.assert_allclose(sequence[5:-5], 3000.0, rtol=0.001)


def test_chroma_of_a_tone_peaks_at_its_pitch_class(tone: Make) -> None:
    parameters = FeatureParameters(features=["chroma"])
    sequence = extract_sequence(tone(frequency=440.0), parameters)
    assert (sequence[2:-2].argmax(axis=1) == 9).all()


def test_mfcc_depend_on_level_in_the_first_coefficient_alone(noise: Make) -> None:
    wave = noise()
    parameters = FeatureParameters(features=["mfcc"])
    loud, soft = (extract_sequence(wave * g, parameters) for g in (1.0, 0.1))
    np.testing.assert_allclose(loud[:, 1:], soft[:, 1:], atol=1e-3)
    np.testing.assert_allclose(loud[:, 0] - soft[:, 0], 20 * np.sqrt(128), rtol=1e-4)


def test_silence_gives_finite_features() -> None:
    parameters = FeatureParameters(
        features=["mfcc", "centroid", "chroma", "contrast", "mel"], delta=2
    )
    sequence = extract_sequence(np.zeros(22050, np.float32), parameters)
    assert np.isfinite(sequence).all()


def test_float64_waveforms_are_accepted_and_not_changed(tone: Make) -> None:
    wave = tone().astype(np.float64)
    before = wave.copy()
    from_double = extract_sequence(wave, FeatureParameters())
    from_single = extract_sequence(wave.astype(np.float32), FeatureParameters())
    np.testing.assert_array_equal(from_double, from_single)
    np.testing.assert_array_equal(wave, before)


def test_the_shortest_clip_has_n_fft_samples(noise: Make) -> None:
    wave = noise()[:2048]
    for center, n_frames in ((True, 5), (False, 1)):
        parameters = FeatureParameters(center=center, delta=2)
        assert extract_sequence(wave, parameters).shape == (n_frames, 99)


def test_a_clip_shorter_than_a_frame_is_refused(tone: Make) -> None:
    expected = "The waveform has 180 samples at 22050 Hz, fewer than n_fft=2048. Pad it"
    with pytest.raises(ValueError, match=expected):
        extract_sequence(tone()[:180], FeatureParameters())


def test_a_file_shorter_than_a_frame_is_named(tone_file: Make) -> None:
    path = tone_file("short.wav", seconds=0.05)
    with pytest.raises(AudioFileError, match=r"short\.wav has 1102 samples"):
        extract_file(path, FeatureParameters())


def test_a_file_is_resampled(tmp_path: Path, tone: Make) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(seconds=2.0, sample_rate=48000), 48000)
    sequence = extract_file(path, FeatureParameters(features=["centroid"]))
    assert sequence.shape == (87, 1)
    np.testing.assert_allclose(sequence[5:-5], 440.0, rtol=0.01)


@pytest.mark.parametrize(
    ("wave", "message"),
    [
        (np.zeros((2, 4000), np.float32), r"has shape \(2, 4000\), not \(n_samples,\)"),
        (np.zeros(4000, np.int16), "is an array of int16, not of floats"),
        (np.full(4000, 1e20), "reaches 1e.20, which cannot be an amplitude"),
        (
            np.r_[np.zeros(3000), np.nan, np.zeros(9)],
            "has the value nan at sample 3000",
        ),
        (np.r_[np.zeros(3000), -np.inf], "has the value -inf at sample 3000"),
    ],
    ids=["stereo", "integers", "absurd", "nan", "infinite"],
)
def test_what_is_no_waveform_is_refused(wave: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        extract_sequence(wave, FeatureParameters())


def test_interpolated_derivatives_need_enough_frames(noise: Make) -> None:
    parameters = FeatureParameters(delta=1, delta_mode="interp")
    with pytest.raises(ValueError, match="has 5 frames, fewer than delta_width=9"):
        extract_sequence(noise()[:2048], parameters)


@pytest.mark.parametrize("rate", [4000, 8000, 11025, 12800])
def test_contrast_fits_under_half_of_a_low_rate(rate: int) -> None:
    parameters = FeatureParameters(sample_rate=rate).validate()
    assert parameters.effective_contrast_fmin * 2**6 == rate / 2
    assert parameters.n_features == 33


@pytest.mark.parametrize("rate", [12801, 16000, 22050, 48000])
def test_contrast_begins_at_200_hz_where_it_fits(rate: int) -> None:
    assert FeatureParameters(sample_rate=rate).effective_contrast_fmin == 200.0


def test_dict_goes_through_json() -> None:
    parameters = FeatureParameters(
        features=["mfcc", "mel"], n_mfcc=np.int64(7), mel_norm=np.inf, top_db=None
    )
    text = json.dumps(parameters.to_dict(), allow_nan=False)
    restored = FeatureParameters.from_dict(json.loads(text))
    assert restored == parameters
    assert hash(restored) == hash(parameters)
    assert restored.chroma_norm == np.inf


def test_dict_may_leave_defaults_out() -> None:
    assert FeatureParameters.from_dict({}) == FeatureParameters()


def test_unknown_key_is_refused_with_a_near_match() -> None:
    with pytest.raises(
        ValueError, match=r"no parameter 'n_mfc'\. Did you mean 'n_mfcc'"
    ):
        FeatureParameters.from_dict({"n_mfc": 3})


def test_parameters_survive_pickling() -> None:
    parameters = FeatureParameters(features=["mel"], delta=1)
    assert pickle.loads(pickle.dumps(parameters)) == parameters


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_mfcc": 0}, "'n_mfcc' parameter of FeatureParameters must be an int >= 1"),
        ({"n_mfcc": 200}, "'n_mfcc' .* an int <= n_mels=128. Got 200"),
        ({"features": 15}, "'features' .* 14, 33 or a list of blocks of 'mfcc'"),
        ({"features": True}, "'features' .* Got True"),
        ({"features": []}, "'features' .* Got"),
        ({"features": ["mfcc", "croma"]}, "Did you mean 'chroma'"),
        ({"features": ["mfcc", "mfcc"]}, "Name each block but 'zero' once"),
        ({"features": "mfc"}, "Did you mean 'mfcc'"),
        ({"sample_rate": 0}, "'sample_rate' .* an int >= 1"),
        ({"n_frames": 0}, "'n_frames' .* an int >= 1"),
        ({"hop_length": 0}, "'hop_length' .* an int >= 1"),
        ({"win_length": 4096}, "'win_length' .* an int <= n_fft=2048"),
        ({"window": "kaiser"}, "'window' .* backend='librosa' takes every window"),
        ({"pad_mode": "wrap"}, "'pad_mode' .* one of 'constant'"),
        ({"power": 0.0}, "'power' .* a float > 0"),
        ({"dct_type": 4}, "'dct_type' .* one of 1, 2, 3"),
        ({"dct_type": 1, "n_mels": 1, "n_mfcc": 1}, "'n_mels' .* for dct_type=1"),
        ({"lifter": -1}, "'lifter' .* a float >= 0"),
        ({"fmin": 9000.0, "fmax": 8000.0}, "'fmin' .* a float < fmax=8000"),
        ({"fmax": 12000.0}, "'fmax' .* half the sample rate, 11025 Hz"),
        (
            {"mel_norm": "slany"},
            "'mel_norm' .* 'slaney', None, a float from 0.1 to 16, or inf",
        ),
        ({"mel_norm": 0}, "'mel_norm' .* a float from 0.1"),
        (
            {"chroma_norm": "slaney"},
            "'chroma_norm' .* None, a float from 0.1 to 16, or inf",
        ),
        ({"ref": "min"}, "'ref' .* a float > 0 or 'max'"),
        ({"amin": 0.0}, "'amin' .* a float > 0"),
        ({"top_db": -1.0}, "'top_db' .* a float >= 0"),
        ({"quantile": 1.0}, "'quantile' .* a float > 0 and < 1"),
        ({"contrast_fmin": 400.0}, r"'contrast_fmin' .* octave 6 must be under half"),
        ({"n_fft": 64, "hop_length": 16}, "'n_fft' .* holds no frequency bin"),
        ({"delta": 3}, "'delta' .* one of 0, 1, 2"),
        ({"delta_width": 8}, "'delta_width' .* an odd int >= 3"),
        ({"delta_mode": "edge"}, "'delta_mode' .* one of 'nearest'"),
    ],
)
def test_values_out_of_range_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        FeatureParameters(**settings).validate()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_mfcc": 13.0}, "'n_mfcc' .* an int >= 1. Got 13.0"),
        ({"sample_rate": "8000"}, "'sample_rate' .* an int"),
        ({"center": 1}, "'center' .* a bool"),
        ({"top_db": "80"}, "'top_db' .* a float"),
    ],
)
def test_values_of_another_type_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        FeatureParameters(**settings).validate()


def test_unused_contrast_is_not_checked() -> None:
    FeatureParameters(features=14, n_fft=64, contrast_fmin=9000.0).validate()


def test_features_import_nothing_heavy() -> None:
    code = (
        "import sys, numpy as np\n"
        "from mfccclf.features import FeatureParameters, extract_sequence\n"
        "extract_sequence(np.ones(4000), FeatureParameters(delta=2))\n"
        "heavy = {'sklearn', 'scipy', 'librosa', 'torch', 'joblib', 'pandas'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"ref": "max", "delta": 2},
        {"features": ["mel", "chroma", "contrast"], "n_frames": None},
        {"n_frames": 20, "top_db": None, "tuning": 0.2},
        {"linear": True, "power": 1.0, "n_fft": 1001, "hop_length": 300},
        {"trim_top_db": 30},
    ],
)
def test_clips_together_get_the_numbers_of_each_alone(settings):
    rng = np.random.default_rng(0)
    waveforms = [rng.standard_normal(n) * 0.1 for n in rng.integers(2048, 30000, 30)]
    waveforms[5:5] = [np.zeros(4000), 0.1 * rng.standard_normal(90000)]
    parameters = FeatureParameters(**settings)
    together = compute_sequences(waveforms, parameters)
    for waveform, sequence in zip(waveforms, together, strict=True):
        alone = extract_sequence(waveform, parameters)
        np.testing.assert_array_equal(sequence, alone)
