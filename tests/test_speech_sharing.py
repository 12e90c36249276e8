"""Windows of a recording share the vectors of the net for speech."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from mfccclf import MusicEmbedding, Predictor, SpeechEmbedding
from mfccclf.features.embeddings import extraction as module
from mfccclf.features.embeddings.nets import PEAK, level_scale

RATE, STEP = 16000, 1280
LENGTH = 2 * RATE


@pytest.fixture(scope="module")
def recording():
    """Seven seconds: a steady tone under noise, a click, a second without sound."""
    rng = np.random.default_rng(0)
    sound = 0.3 * np.sin(2 * np.pi * 300 * np.arange(7 * RATE) / RATE)
    sound += 0.02 * rng.standard_normal(len(sound))
    sound[int(2.5 * RATE)] = 0.9
    sound[5 * RATE : 6 * RATE] = 0
    return sound.astype(np.float32)


@pytest.fixture
def frames_heard(monkeypatch):
    """How many frames each call of the net was given."""
    counts = []
    run_graph = module.run_graph

    def count(graph, sequences, reach):
        counts.append(sum(map(len, sequences)))
        return run_graph(graph, sequences, reach)

    monkeypatch.setattr(module, "run_graph", count)
    return counts


def windows_of(recording, hop):
    starts = range(0, len(recording) - LENGTH + 1, hop)
    return [recording[start:][:LENGTH] for start in starts]


def alone(extraction, windows):
    return [extraction.compute_each([one.copy()])[0] for one in windows]


@pytest.mark.parametrize("hop", [6 * STEP, 6 * STEP + 1])
def test_windows_have_the_vectors_of_clips_of_their_own(hop, recording, frames_heard):
    extraction = SpeechEmbedding()._make_extraction()
    windows = windows_of(recording, hop)
    expected = alone(extraction, windows)
    n_alone = sum(frames_heard)
    frames_heard.clear()
    found = extraction.compute_each(windows)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)
    assert (sum(frames_heard) < 0.8 * n_alone) is (hop % STEP == 0)


def test_short_windows_are_surrounded_by_silence_as_clips_are(recording):
    extraction = SpeechEmbedding()._make_extraction()
    windows = [recording[start:][:RATE] for start in range(0, 3 * STEP, STEP)]
    found = extraction.compute_each(windows)
    for one, other in zip(found, alone(extraction, windows), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_steps_of_level_let_more_windows_share(frames_heard):
    exact = SpeechEmbedding()._make_extraction()
    stepped = exact.with_level_step(6.0)
    noise = np.random.default_rng(2).standard_normal(7 * RATE).astype(np.float32)
    windows = windows_of(0.1 * noise, 6 * STEP)
    exact.compute_each(windows)
    together = stepped.compute_each(windows)
    n_exact, n_stepped = frames_heard
    assert n_stepped < 0.8 * n_exact
    for one, other in zip(together, alone(stepped, windows), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)


def test_level_in_steps_is_within_half_a_step():
    tone = np.sin(np.arange(1000))
    found = [(tone * scale).max() for scale in np.geomspace(0.001, 1, 50)]
    reached = [peak * level_scale(np.array([peak]), 6.0) for peak in found]
    decibels = 20 * np.log10(np.array(reached) / PEAK)
    assert np.abs(decibels).max() <= 3 + 1e-6
    assert np.ptp(decibels) > 4
    assert level_scale(np.zeros(5), 6.0) == 1


def test_other_models_refuse_steps_of_level():
    assert MusicEmbedding()._make_extraction().with_level_step(6.0) is None
    with pytest.raises(ValueError, match="does not start from the pre-trained net for"):
        Predictor("notes").predict_windows("a.wav", window=2, level_step_db=6)
    with pytest.raises(ValueError, match="'level_step_db' parameter"):
        Predictor("names").predict_windows("a.wav", window=2, level_step_db=0)


def test_predictions_in_steps_are_nearly_those_of_clips(recording, tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, recording, RATE)
    predictor = Predictor("names")
    options = {"window": 2, "hop": predictor.round_hop(0.5)}
    exact = list(predictor.predict_windows(path, **options))
    stepped = list(predictor.predict_windows(path, **options, level_step_db=1))
    assert [one.start_s for one in stepped] == [one.start_s for one in exact]
    for one, other in zip(stepped, exact, strict=True):
        for label, score in one.scores.items():
            assert score == pytest.approx(other.scores[label], abs=0.2)
