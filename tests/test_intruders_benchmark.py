"""The benchmark of clips that are none of a model's labels."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from mfccclf import Predictor, load_dataset
from mfccclf.prediction import Prediction

sys.path.append(str(Path(__file__).parents[1]))  # benchmarks/ is no part of the package

from benchmarks.quality import intruders
from benchmarks.quality.noise import NOISES, RATE, VOICES, make_noises, make_voices


def prediction(score, familiarity=None, *, label="a"):
    return Prediction(
        file=None,
        label=label,
        labels=[label] if label else [],
        scores={"a": score, "b": 1 - score},
        model="m",
        duration_s=1.0,
        familiarity=familiarity,
    )


def test_areas_and_shares_are_those_of_the_scores():
    known = [prediction(0.9, 0.5), prediction(0.7, 0.2)]
    strangers = [prediction(0.8, 0.01, label=None), prediction(0.6, 0.02)]
    found = intruders.compare(known, strangers)
    assert found["auroc"] == {"confidence": 0.75, "familiarity": 1.0}
    assert found["unanswered"] == 0.5


def test_models_without_familiarity_have_one_area():
    found = intruders.compare([prediction(0.9)], [prediction(0.6)])
    assert found["auroc"] == {"confidence": 1.0}


def test_mean_over_folds_adds_up_clips():
    folds = [{"n_clips": 2, "auroc": {"x": 0.5}}, {"n_clips": 4, "auroc": {"x": 1.0}}]
    assert intruders.mean_of(folds) == {"n_clips": 6, "auroc": {"x": 0.75}}


@pytest.mark.parametrize("name", NOISES)
def test_noises_are_of_many_levels_and_the_same_every_time(name):
    waves = make_noises(name)
    peaks = [np.abs(wave).max() for wave in waves]
    assert {wave.shape for wave in waves} == {(RATE,)}
    assert 0.001 <= min(peaks) < 0.01 < 0.1 < max(peaks) < 0.32
    np.testing.assert_array_equal(make_noises(name)[3], waves[3])


def test_voices_are_backwards_or_many_at_once():
    spoken = [np.arange(1, n, dtype=np.float32) for n in (1000, 2000, 3000)]
    backwards = make_voices("words backwards", spoken)
    assert sorted(map(len, backwards)) == [999, 1999, 2999]
    assert all(wave[-1] == 1 for wave in backwards)
    babble = make_voices("babble", spoken)
    assert {len(wave) for wave in babble} == {24000}
    assert max(np.abs(wave).max() for wave in babble) == pytest.approx(0.5)


def test_model_is_measured_on_known_clips_and_intruders(
    trained, recordings, tmp_path, monkeypatch
):
    for name in ("_N_CLIPS", "_N_VOICES"):
        monkeypatch.setattr(f"benchmarks.quality.noise.{name}", 4)
    predictor = Predictor(trained[0], min_confidence=0.9)
    strangers = {"tones": [str(recordings / "low" / "0.wav")]}
    known = load_dataset(recordings)
    result = intruders.measure(predictor, known, strangers, known.paths)
    assert result["known"]["n_clips"] == 12
    assert result["known"]["accuracy"] == 1
    assert set(result["intruders"]) == {"tones", *NOISES, *VOICES}
    text = intruders.format_result("tones", result)
    assert "| tones | 1 | " in text
    intruders.keep(tmp_path / "results.json", "tones", result)
    intruders.keep(tmp_path / "results.json", "again", result)
    assert (tmp_path / "results.json").read_text().count('"limits"') == 2
