"""What tells front ends apart, in the form that files keep."""

from __future__ import annotations

import json

import pytest

from mfccclf import MFCCExtractor, PooledWaveformFrames, WaveformFrames
from mfccclf.features.front_end_parameters import front_end_runtime_parameters

FRONT_ENDS = [MFCCExtractor, WaveformFrames, PooledWaveformFrames]


def test_frames_are_described_as_files_keep_them():
    assert json.dumps(PooledWaveformFrames(channel=1).describe()) == (
        '{"class": "PooledWaveformFrames", "parameters": {"sample_rate": 16000, '
        '"duration": 1.0, "frame_length": 160, "pooling": 8, "full_scale": 32768}, '
        '"channel": 1, "allow_silence": false}'
    )


def test_features_are_described_as_files_keep_them():
    extractor = MFCCExtractor(features=["mfcc"], allow_silence=True)
    description = extractor.describe()
    assert list(description) == [
        "class",
        "parameters",
        "backend",
        "channel",
        "allow_silence",
    ]
    assert description["parameters"] == extractor.feature_parameters().to_dict()
    assert description["backend"] == "numpy"
    assert description["allow_silence"] is True


@pytest.mark.parametrize("cls", FRONT_ENDS)
def test_each_parameter_is_described_or_one_of_the_runtime(cls):
    description = cls().describe()
    described = {*description.pop("parameters"), *description} - {"class"}
    runtime = front_end_runtime_parameters()
    assert described | runtime == set(cls().get_params())
    assert not described & runtime


@pytest.mark.parametrize("cls", FRONT_ENDS)
def test_runtime_parameters_do_not_change_the_description(cls, tmp_path):
    other = cls(cache=tmp_path, n_jobs=2, verbose=1)
    assert other.describe() == cls().describe()


@pytest.mark.parametrize(
    ("front_end", "kind", "parameters"),
    [
        (MFCCExtractor(channel=1), "FeatureRecipe", {}),
        (
            MFCCExtractor(channel=1, backend="librosa"),
            "LibrosaRecipe",
            {"backend": "librosa"},
        ),
        (WaveformFrames(channel=1), "FrameParameters", {}),
        (PooledWaveformFrames(channel=1), "FrameParameters", {}),
    ],
)
def test_keys_of_existing_caches_are_found_again(
    front_end, kind, parameters, monkeypatch, tmp_path
):
    def keep_facts(clips, compute, cache, facts, *, n_jobs):
        kept.append(facts)
        return []

    kept = []
    monkeypatch.setattr(
        "mfccclf.features.transformer.extract_through_cache", keep_facts
    )
    front_end.set_params(cache=tmp_path).transform(["clip.wav"])
    expected = {**front_end.feature_parameters().to_dict(), **parameters}
    assert kept == [{"recipe": [kind, expected], "reading": [1, False]}]


def test_a_wrong_parameter_has_no_description():
    with pytest.raises(ValueError, match="'n_mfcc' parameter of MFCCExtractor"):
        MFCCExtractor(n_mfcc=0).describe()
