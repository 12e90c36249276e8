"""Old model files, presets and commands work as they did: compared with golden files.

``make_golden_files.py`` has written those, with the code of the last release.
"""

from __future__ import annotations

import pytest
from golden_facts import (
    MODELS,
    PIPELINES,
    describe_environment,
    describe_saved,
    golden,
    list_options,
    predict_clips,
    resolve_presets,
)

PREDICTIONS = golden("predictions.json")
PRESETS = golden("presets.json")
OPTIONS = golden("options.json")
SAVED_MODELS = golden("saved_models.json")

# Another processor gets other kernels from OpenBLAS and ONNX Runtime, which add in
# another order and so round otherwise: those of an older one change scores by 3e-7 and
# familiarity by 1.1e-6. Where everything is the same, so is every bit.
SAME_BITS = describe_environment() == PREDICTIONS["environment"]
SCORE_TOLERANCE = 0.0 if SAME_BITS else 1e-6
FAMILIARITY_TOLERANCE = 0.0 if SAME_BITS else 1e-5


@pytest.fixture(scope="module", params=MODELS)
def predictions(request):
    return PREDICTIONS["models"][request.param], predict_clips(request.param)


def scores(predictions):
    return {
        (clip, label): float.fromhex(score)
        for clip, prediction in predictions.items()
        for label, score in prediction["scores"].items()
    }


def familiarities(predictions):
    return {
        clip: float.fromhex(prediction["familiarity"])
        for clip, prediction in predictions.items()
        if prediction["familiarity"] is not None
    }


def test_shipped_models_predict_the_same_labels_for_fifty_clips(predictions):
    before, now = predictions
    assert len(before) == 50
    for key in ("label", "labels"):
        assert {clip: now[clip][key] for clip in now} == {
            clip: before[clip][key] for clip in before
        }


def test_shipped_models_predict_the_same_scores_for_fifty_clips(predictions):
    before, now = map(scores, predictions)
    assert list(now) == list(before)
    assert now == pytest.approx(before, abs=SCORE_TOLERANCE, rel=0)


def test_shipped_models_find_fifty_clips_as_familiar_as_before(predictions):
    before, now = map(familiarities, predictions)
    assert now == pytest.approx(before, abs=FAMILIARITY_TOLERANCE, rel=0)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_presets_mean_the_same_parameters(preset):
    assert resolve_presets()[preset] == PRESETS[preset]


@pytest.mark.parametrize("preset", sorted(PIPELINES))
def test_saved_models_describe_themselves_as_before(preset, tmp_path):
    saved = describe_saved(preset, tmp_path)
    assert saved == SAVED_MODELS[preset]
    # JSON objects are read in any order, but files are compared byte by byte.
    assert list(saved) == list(SAVED_MODELS[preset])


@pytest.mark.parametrize("command", sorted(OPTIONS))
def test_commands_keep_their_options(command):
    now = list_options()
    assert command in now
    before = OPTIONS[command]
    kept = {option: now[command].get(option) for option in before}
    for option in before:
        old = before[option]["choices"]
        if kept[option] and old:  # There may be new choices, such as another format.
            kept[option]["choices"] = [c for c in kept[option]["choices"] if c in old]
    assert kept == before
