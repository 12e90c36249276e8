"""Front ends as ONNX graphs give the features that prediction computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_tools import Waveform, make_sound, run_on_waveform
from numpy.testing import assert_allclose

from mfccclf import FeatureParameters
from mfccclf.errors import ExportError
from mfccclf.features.extraction import FeatureExtraction
from mfccclf.features.frames import FrameParameters
from mfccclf.features.graphs.extraction import add_feature_extraction
from mfccclf.features.graphs.fourier import add_fourier_transform
from mfccclf.features.graphs.places import add_end_padding, add_frames
from mfccclf.features.graphs.waveform_frames import add_waveform_frames
from mfccclf.features.trimming import add_trimming, trim_silence

SMALL = {"sample_rate": 16000, "n_frames": None, "n_fft": 512, "hop_length": 200}


def assert_same_features(waveform: Waveform, **parameters: Any) -> None:
    given = FeatureParameters(**{**SMALL, "n_mels": 40, **parameters}).validate()
    extraction = FeatureExtraction(given)
    found = run_on_waveform(
        lambda builder, name: add_feature_extraction(builder, extraction, name),
        waveform,
    )
    (expected,) = extraction.compute_each([waveform])
    assert found.dtype == np.float32
    assert_allclose(found, expected, rtol=2e-5, atol=2e-4)


@pytest.mark.parametrize(
    "features",
    [["mel"], ["mfcc"], ["centroid"], ["contrast"], ["mfcc", "zero", "mel", "zero"]],
    ids="-".join,
)
@pytest.mark.parametrize("n_samples", [512, 700, 9001])
def test_every_block_gives_the_features_of_prediction(features, n_samples):
    assert_same_features(make_sound(n_samples), features=features)


@pytest.mark.parametrize(
    "parameters",
    [
        {"power": 1.0},
        {"ref": "max"},
        {"ref": 0.25, "top_db": 30.0},
        {"top_db": None, "amin": 1e-6},
        {"mel_norm": None, "htk": True},
        {"dct_type": 1, "norm": None, "lifter": 22.0},
        {"features": ["contrast"], "linear": True},
        {"features": ["contrast"], "quantile": 0.2, "n_bands": 4},
        {"win_length": 401, "window": "hamming"},
        {"n_fft": 500, "hop_length": 160},
        {"n_fft": 257, "n_mels": 20},
        {"center": False},
    ],
    ids=str,
)
def test_every_parameter_gives_the_features_of_prediction(parameters):
    assert_same_features(make_sound(6000), **{"features": ["mfcc"], **parameters})


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"tuning": 0.3, "chroma_norm": 2.0},
        {"n_chroma": 24, "chroma_norm": None, "octwidth": None},
        {"base_c": False, "ctroct": 4.0, "chroma_norm": 1.0},
        {"sample_rate": 8000, "n_fft": 1024},
        {"sample_rate": 200, "n_fft": 16},
    ],
    ids=str,
)
def test_chroma_follows_the_clips_tuning_as_in_prediction(parameters):
    for cents in (-40, 0, 13):
        time = np.arange(8000) / 16000
        hertz = 440 * 2 ** (cents / 1200)
        chord = sum(np.sin(2 * np.pi * hertz * ratio * time) for ratio in (1, 1.26, 3))
        waveform = (0.1 * chord).astype(np.float32) + 0.1 * make_sound(8000)
        assert_same_features(waveform, features=["chroma"], n_mels=1, **parameters)


@pytest.mark.parametrize("waveform", [np.zeros(3000), np.full(3000, 0.1)], ids=len)
def test_chroma_of_a_clip_without_pitch_is_that_of_prediction(waveform):
    assert_same_features(waveform.astype(np.float32), features=["chroma"])


@pytest.mark.parametrize(
    "mode", ["constant", "edge", "linear_ramp", "reflect", "symmetric"]
)
def test_every_padding_gives_the_features_of_prediction(mode):
    waveform = make_sound(1500) + np.float32(0.2)
    assert_same_features(waveform, features=["mel"], pad_mode=mode)


@pytest.mark.parametrize("mode", ["nearest", "interp", "mirror", "constant", "wrap"])
@pytest.mark.parametrize("delta", [1, 2])
def test_every_derivative_gives_the_features_of_prediction(mode, delta):
    parameters = {"delta": delta, "delta_mode": mode, "n_mfcc": 4}
    assert_same_features(make_sound(5000), features=["mfcc"], **parameters)


@pytest.mark.parametrize("mode", ["nearest", "mirror", "constant", "wrap"])
def test_derivatives_of_few_frames_are_those_of_prediction(mode):
    parameters = {"delta": 2, "delta_mode": mode, "n_mfcc": 4}
    assert_same_features(make_sound(512), features=["mfcc"], **parameters)


@pytest.mark.parametrize("top_db", [10.0, 40.0])
def test_silence_is_left_out_as_in_prediction(top_db):
    quiet = np.zeros(3000, np.float32)
    waveform = np.concatenate([quiet, make_sound(4000), quiet[:1234]])
    assert_same_features(waveform, features=["mfcc"], trim_top_db=top_db)


def test_a_silent_clip_gives_finite_features():
    silence = np.zeros(2000, np.float32)
    features = ["mfcc", "centroid", "contrast", "zero"]
    assert_same_features(silence, features=features, trim_top_db=40.0)


@pytest.mark.parametrize("place", [0, 1700, 3400])
def test_at_least_the_shortest_waveform_is_kept(place):
    waveform = np.zeros(4000, np.float32)
    waveform[place : place + 600] = 0.5
    settings = {"top_db": 20.0, "frame_length": 256, "hop_length": 64}
    found = run_on_waveform(
        lambda builder, name: add_trimming(builder, name, **settings, shortest=2048),
        waveform,
        n_axes=1,
    )
    np.testing.assert_array_equal(
        found, trim_silence(waveform, **settings, shortest=2048)
    )


@pytest.mark.parametrize(
    "mode", ["constant", "edge", "linear_ramp", "reflect", "symmetric", "wrap"]
)
@pytest.mark.parametrize("n_samples", [1, 2, 5])
def test_ends_are_padded_as_numpy_does(mode, n_samples):
    waveform = make_sound(n_samples) + np.float32(0.5)
    found = run_on_waveform(
        lambda builder, name: add_end_padding(builder, name, 4, mode),
        waveform,
        n_axes=1,
    )
    assert_allclose(found, np.pad(waveform, 4, mode), rtol=1e-6)


@pytest.mark.parametrize("n_fft", [8, 30, 97, 441, 2048])
def test_the_transform_is_numpys(n_fft):
    waveform = np.random.default_rng(0).standard_normal(3 * n_fft).astype(np.float32)

    def add(builder, name):
        frames = add_frames(builder, name, frame_length=n_fft, hop_length=n_fft)
        parts = add_fourier_transform(builder, builder.cast(frames, "float64"), n_fft)
        return builder.cast(builder.add("Concat", *parts, axis=1), "float32")

    expected = np.fft.rfft(waveform.reshape(3, n_fft).astype(np.float64))
    expected = np.concatenate([expected.real, expected.imag], axis=1)
    assert_allclose(run_on_waveform(add, waveform), expected, rtol=1e-6, atol=1e-5)


def test_a_block_without_a_graph_is_refused_by_name(monkeypatch):
    from mfccclf.features.blocks.block import FeatureBlock
    from mfccclf.features.blocks.zero import Zero

    monkeypatch.setattr(Zero, "add_to_graph", FeatureBlock.add_to_graph)
    with pytest.raises(ExportError, match="The features 'zero' have no ONNX graph"):
        assert_same_features(make_sound(600), features=["zero"])


@pytest.mark.parametrize("n_samples", [1, 160, 400, 16001])
@pytest.mark.parametrize(
    "parameters",
    [{}, {"pooling": 8, "full_scale": 32768}, {"duration": None}, {"duration": 0.02}],
    ids=str,
)
def test_frames_of_samples_are_those_of_prediction(parameters, n_samples):
    extraction = FrameParameters(**parameters).validate()
    waveform = make_sound(n_samples)
    found = run_on_waveform(
        lambda builder, name: add_waveform_frames(builder, extraction, name), waveform
    )
    assert_allclose(found, extraction.compute(waveform), rtol=1e-6, atol=1e-7)
