"""Silence at the ends of clips, left out as librosa leaves it out."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from mfccclf import FeatureParameters, MFCCExtractor, extract_sequence
from mfccclf.features.trimming import trim_silence

SIZES = {"frame_length": 1024, "hop_length": 256}
SETTINGS = {"features": ["mfcc"], "n_fft": 1024, "hop_length": 256, "n_frames": None}
PARAMETERS = FeatureParameters(**SETTINGS, trim_top_db=40)


@pytest.fixture
def note(tone):
    """Silence, a tone that dies away, silence with a little noise."""
    wave = tone(1.0) * np.exp(-np.arange(22050) / 3000).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 1e-5, 9000).astype(np.float32)
    return np.concatenate([np.zeros(5000, np.float32), wave, noise])


@pytest.mark.parametrize("top_db", [10, 40, 60, 90])
def test_the_stretch_is_librosas(note, top_db):
    expected, _ = librosa.effects.trim(note, top_db=top_db, **SIZES)
    trimmed = trim_silence(note, top_db=top_db, shortest=1, **SIZES)
    np.testing.assert_array_equal(trimmed, expected)


@pytest.mark.parametrize("backend", ["numpy", "librosa"])
def test_features_are_those_of_the_sound_alone(note, backend):
    sound, _ = librosa.effects.trim(note, top_db=40, **SIZES)
    X = MFCCExtractor(**SETTINGS, trim_top_db=40, backend=backend).transform([note])
    bare = MFCCExtractor(**SETTINGS, backend=backend)
    np.testing.assert_array_equal(X, bare.transform([sound]))


def test_padding_with_silence_changes_nothing(note):
    padded = np.concatenate([note, np.zeros(40000, np.float32)])
    np.testing.assert_array_equal(
        extract_sequence(padded, PARAMETERS), extract_sequence(note, PARAMETERS)
    )


def test_at_least_one_frame_is_kept():
    click = np.zeros(9000, np.float32)
    click[-1] = 0.5
    assert len(trim_silence(click, top_db=1, shortest=1024, **SIZES)) >= 1024
    assert len(extract_sequence(click, PARAMETERS)) >= 1


def test_digital_silence_is_kept_as_it_is():
    silence = np.zeros(9000, np.float32)
    assert len(trim_silence(silence, top_db=40, shortest=1, **SIZES)) == 9000


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"trim_top_db": 0}, "'trim_top_db' .* must be a float > 0"),
        (
            {"trim_top_db": 30, "delta": 1, "delta_mode": "interp"},
            "must be None for delta_mode='interp'",
        ),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        MFCCExtractor(**settings).fit(["clip.wav"])
