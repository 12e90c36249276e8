"""Pipelines made from presets."""

from __future__ import annotations

import pytest
from sklearn.base import ClassifierMixin, clone

from mfccclf import make_pipeline
from mfccclf.features.transformer import ClipTransformer
from mfccclf.presets import Preset, Step, list_presets


@pytest.mark.parametrize("name", list_presets())
def test_every_preset_makes_a_pipeline_that_can_be_cloned(name):
    pipeline = make_pipeline(name)
    assert clone(pipeline).get_params().keys() == pipeline.get_params().keys()
    assert isinstance(pipeline[0], ClipTransformer)
    assert isinstance(pipeline[-1], ClassifierMixin)


def test_override_with_its_step():
    pipeline = make_pipeline("names-lstm", lstm__hidden_sizes=(8,))
    assert pipeline["lstm"].hidden_sizes == (8,)


def test_override_without_its_step():
    pipeline = make_pipeline("names-lstm", hidden_sizes=(8,), features=14)
    assert pipeline["lstm"].hidden_sizes == (8,)
    assert pipeline["extract"].features == 14


def test_step_is_left_out_by_passthrough():
    pipeline = make_pipeline("polyphonic-cnn", scale="passthrough")
    assert pipeline["scale"] == "passthrough"


def test_unknown_override_suggests_the_nearest():
    with pytest.raises(ValueError, match=r"'hidden_size'.*'hidden_sizes'"):
        make_pipeline("names-lstm", hidden_size=8)


def test_override_that_two_steps_know_asks_for_the_step():
    message = r"More than one step.*extract__verbose, lstm__verbose"
    with pytest.raises(ValueError, match=message):
        make_pipeline("names-lstm", verbose=1)


def test_preset_with_an_unknown_estimator_is_refused():
    preset = Preset(
        name="mine",
        description="",
        steps=(Step(name="lstm", estimator="LSTMClasifier"),),
    )
    with pytest.raises(ValueError, match=r"'LSTMClasifier'.*'LSTMClassifier'"):
        make_pipeline(preset)


def test_preset_with_an_unknown_parameter_is_refused():
    step = Step(name="lstm", estimator="LSTMClassifier", parameters={"lrr": 1})
    preset = Preset(name="mine", description="", steps=(step,))
    with pytest.raises(ValueError, match=r"Preset mine: LSTMClassifier.*'lrr'"):
        make_pipeline(preset)
