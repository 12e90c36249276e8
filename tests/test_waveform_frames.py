"""Frames of waveforms: their numbers, their ends, and their manners."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import soundfile
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from mfccclf import (
    AudioFileError,
    PooledWaveformFrames,
    Predictor,
    WaveformFrames,
    load_model,
    make_pipeline,
    save_model,
    sequence_lengths,
)
from mfccclf._parameters import declared_defaults
from mfccclf.features import FrameParameters
from mfccclf.features.front_end_parameters import FrontEndRuntime
from mfccclf.waveform import Reading

Make = Callable[..., Any]
BOTH = pytest.mark.parametrize("cls", [WaveformFrames, PooledWaveformFrames])


@pytest.fixture
def samples() -> np.ndarray:
    """Two seconds of 16-bit samples, both extremes among them."""
    samples = np.random.default_rng(0).integers(-32768, 32768, 32000, dtype=np.int16)
    samples[:2] = -32768, 32767
    return samples


def test_frames_are_the_first_second_of_16_bit_samples_over_32767(samples, tmp_path):
    path = tmp_path / "note.wav"
    soundfile.write(path, samples, 16000)
    X = WaveformFrames().fit_transform([path])
    expected = (samples[:16000] / 32767).reshape(1, 100, 160)
    assert X.dtype == np.float32
    np.testing.assert_allclose(X, expected, rtol=1e-7)
    assert X[0, 0, 1] == 1.0


def test_pooled_frames_are_means_of_eight_samples(samples, tmp_path):
    path = tmp_path / "note.wav"
    soundfile.write(path, samples, 16000)
    X = PooledWaveformFrames().fit_transform([path])
    means = (samples[:16000] / 32768).reshape(2000, 8).mean(axis=1)
    np.testing.assert_allclose(X, means.reshape(1, 100, 20), atol=1e-6)


def test_pooling_is_all_that_parts_the_two_classes(samples):
    waveform = samples.astype(np.float32) / 32768
    same = WaveformFrames(pooling=8, full_scale=32768).transform([waveform])
    np.testing.assert_array_equal(PooledWaveformFrames().transform([waveform]), same)


@BOTH
def test_a_shorter_clip_has_nan_past_its_end_and_zeros_in_its_last_frame(cls):
    waveform = np.full(170, 0.5, np.float32)
    X = cls(full_scale=32768).transform([waveform, np.ones(1, np.float32)])
    assert X.shape[1] == 100
    assert sequence_lengths(X).tolist() == [2, 1]
    n_full = 10 if cls is WaveformFrames else 1  # the second mean is of 2 and 6 samples
    assert (X[0, 1, :n_full] == 0.5).all()
    assert (X[0, 1, n_full + 1 :] == 0).all()


def test_without_a_duration_whole_clips_are_kept(samples):
    waveform = samples.astype(np.float32) / 32768
    X = WaveformFrames(duration=None).transform([waveform, waveform[:16000]])
    assert X.shape == (2, 200, 160)
    assert sequence_lengths(X).tolist() == [200, 100]


def test_files_of_other_rates_are_resampled(tone_file: Make):
    paths = [tone_file(f"{rate}.wav", sample_rate=rate) for rate in (8000, 16000)]
    X = WaveformFrames().transform(paths)
    middle = slice(20, 80)
    np.testing.assert_allclose(X[0, middle], X[1, middle], atol=2e-3)


def test_processes_and_cache_give_the_same(tone_file: Make, tmp_path):
    paths = [tone_file(f"{i}.wav", frequency=200.0 + i) for i in range(3)]
    expected = WaveformFrames().transform(paths)
    for other in ({"n_jobs": 2}, {"cache": tmp_path / "cache"}):
        np.testing.assert_array_equal(
            WaveformFrames(**other).transform(paths), expected
        )


@BOTH
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("sample_rate", 0, r"'sample_rate' .* must be an int >= 1\. Got 0"),
        ("duration", -1.0, r"'duration' .* must be a float > 0"),
        ("duration", 0.001, r"'duration' .* must be at least 0\.01 s, one frame"),
        ("pooling", 7, r"'pooling' .* must be a divisor of frame_length=160"),
        ("full_scale", 0, r"'full_scale' .* must be an int >= 1"),
        ("channel", -1, r"'channel' .* must be an int >= 0"),
    ],
)
def test_bad_parameters_are_named_with_their_owner(cls, name, value, message):
    with pytest.raises(ValueError, match=f"{message}.*") as caught:
        cls(**{name: value}).fit([np.zeros(10, np.float32)])
    assert cls.__name__ in str(caught.value)


@pytest.mark.parametrize(
    ("waveform", "message"),
    [
        (np.zeros(0, np.float32), "Clip 1 has no samples"),
        (np.zeros(9, np.int16), "Clip 1 is an array of int16"),
        (np.array([0.0, np.nan]), "Clip 1 has the value nan at sample 1"),
        (np.zeros((2, 9), np.float32), r"Clip 1 has shape \(2, 9\)"),
    ],
)
def test_bad_waveforms_are_named(waveform, message):
    with pytest.raises(ValueError, match=message):
        WaveformFrames().transform([np.ones(9, np.float32), waveform])


def test_bad_files_and_single_clips_are_refused(tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(AudioFileError, match=r"text\.wav"):
        WaveformFrames().transform([tmp_path / "text.wav"])
    with pytest.raises(ValueError, match="Write \\[path\\]"):
        WaveformFrames().transform("note.wav")


@BOTH
def test_they_are_good_scikit_learn_transformers(cls):
    transformer = cls(duration=0.5, n_jobs=1)
    check_is_fitted(transformer)
    same = clone(transformer)
    assert same.get_params() == transformer.get_params()
    waveform = [np.linspace(-1, 1, 9000, dtype=np.float32)]
    expected = transformer.fit_transform(waveform)
    copy = pickle.loads(pickle.dumps(transformer))
    np.testing.assert_array_equal(copy.transform(waveform), expected)
    assert transformer.n_features_out_ == expected.shape[2]
    names = transformer.get_feature_names_out()
    assert len(names) == expected.shape[2]
    assert names[0] == "sample_0"


@pytest.mark.parametrize(
    ("cls", "differences"),
    [(WaveformFrames, {}), (PooledWaveformFrames, {"pooling": 8, "full_scale": 32768})],
)
def test_the_signature_is_what_the_parameters_declare(cls, differences):
    signature = inspect.signature(cls).parameters
    declared = declared_defaults(FrameParameters, Reading, FrontEndRuntime)
    found = {name: parameter.default for name, parameter in signature.items()}
    assert list(found.items()) == list({**declared, **differences}.items())


def test_parameters_are_those_of_frame_parameters():
    assert WaveformFrames().feature_parameters() == FrameParameters()
    parameters = FrameParameters(duration=None, pooling=4)
    assert FrameParameters.from_dict(parameters.to_dict()) == parameters


@pytest.mark.parametrize("preset", ["notes-lstm", "notes-pooled-blstm"])
def test_a_saved_pipeline_predicts_without_torch_what_it_did(
    preset, tone_file: Make, tmp_path
):
    paths = [tone_file(f"{i}.wav", frequency=200.0 + 300 * i) for i in range(4)]
    paths.append(tone_file("short.wav", seconds=0.3))
    pipeline = make_pipeline(preset, hidden_sizes=(5,), max_epochs=1, random_state=0)
    if preset == "notes-pooled-blstm":
        pipeline.set_params(lstm__dropout=0.2)
    pipeline.fit(paths, list("abcab"))
    path = save_model(pipeline, tmp_path / "notes.mfccclf")
    expected = pipeline.predict_proba(paths)
    np.testing.assert_allclose(
        Predictor(path).predict_proba(paths), expected, atol=1e-5
    )
    np.testing.assert_allclose(load_model(path).predict_proba(paths), expected)
