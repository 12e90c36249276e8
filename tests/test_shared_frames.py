"""Windows that overlap share frames, with the numbers of clips of their own."""

from __future__ import annotations

import numpy as np
import pytest

from mfccclf import FeatureParameters
from mfccclf.features.extraction import FeatureExtraction
from mfccclf.features.overlaps import find_overlap

HOP, N_FFT, N_SAMPLES = 128, 512, 6000


def extraction(**parameters):
    return FeatureExtraction(
        FeatureParameters(
            sample_rate=8000, hop_length=HOP, n_fft=N_FFT, n_mels=32, **parameters
        ).validate()
    )


def windows(tone, noise, *, step, n_samples=N_SAMPLES):
    sound = tone(seconds=2.0, sample_rate=8000) + noise(2.0, 8000)
    stretch = sound.astype(np.float32)
    return [stretch[start:][:n_samples] for start in range(0, 4 * step, step)]


@pytest.mark.parametrize(
    "parameters",
    [
        {"features": 33, "n_frames": 40, "contrast_fmin": 100.0},
        {"features": 33, "n_frames": 30, "contrast_fmin": 100.0},
        {"features": ["contrast"], "n_frames": 30, "contrast_fmin": 100.0},
        {"features": ["mfcc"], "n_frames": 40, "center": False},
        {"features": ["mel"], "n_frames": 40, "pad_mode": "reflect"},
        {"features": ["mfcc"], "n_frames": 20, "top_db": None},
        {"features": ["mfcc"], "n_frames": 30, "trim_top_db": 20.0},
        {"features": ["mfcc"], "n_frames": None},
    ],
)
@pytest.mark.parametrize("step", [2 * HOP, 10 * HOP, 10 * HOP + 1])
def test_numbers_are_those_of_each_window_alone(tone, noise, parameters, step):
    some = windows(tone, noise, step=step)
    computed = extraction(**parameters)
    together = computed.compute_each(some)
    for window, sequence in zip(some, together, strict=True):
        (alone,) = computed.compute_each([window.copy()])
        np.testing.assert_array_equal(sequence, alone)


def test_frames_are_transformed_once(tone, noise, monkeypatch):
    transform, counted = np.fft.rfft, []

    def count(frames, **kwargs):
        counted.append(len(frames))
        return transform(frames, **kwargs)

    monkeypatch.setattr(np.fft, "rfft", count)
    some = windows(tone, noise, step=10 * HOP)
    computed = extraction(features=["mfcc"], n_frames=40)
    apart = [computed.compute_each([window]) for window in some]
    n_apart, _ = sum(counted), counted.clear()
    computed.compute_each(some)
    assert len(apart) == len(some)
    # Each but the first: 10 new frames, and 2 + 2 that touch padding.
    n_frames = 1 + N_SAMPLES // HOP
    assert n_apart == 4 * n_frames
    assert sum(counted) <= n_frames + 3 * 15


def shared(earlier, later, n_known=100):
    parameters = extraction(features=["mfcc"]).parameters
    return find_overlap(earlier, later, parameters, n_known=n_known)


def test_only_parts_of_one_array_share_frames():
    sound = np.zeros(20_000, np.float32)
    first = sound[:N_SAMPLES]
    assert shared(first, sound[10 * HOP :][:N_SAMPLES])[::2] == (2, 10)
    assert shared(first, sound[10 * HOP + 1 :][:N_SAMPLES]) is None
    assert shared(first, sound[10 * HOP :][:N_SAMPLES].copy()) is None
    assert shared(first, sound[50 * HOP :][:N_SAMPLES]) is None
    assert shared(sound[10 * HOP :][:N_SAMPLES], first) is None
    assert shared(first, sound[10 * HOP :: 2][:N_SAMPLES]) is None
    assert shared(first, sound[10 * HOP :][:N_SAMPLES], n_known=12) is None
