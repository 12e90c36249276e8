"""Model files of every format version open for ever (``make_format_fixture.py``)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from make_format_fixture import write_clips

from mfccclf import Predictor, load_model
from mfccclf.prediction.model_config import READ_VERSIONS
from mfccclf.prediction.model_file import ModelFile

FORMATS = Path(__file__).parent / "formats"


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    root = tmp_path_factory.mktemp("formats") / "clips"
    write_clips(root)
    return root


def fixture(version):
    model = FORMATS / f"version-{version}.mfccclf"
    return model, json.loads(model.with_suffix(".json").read_text())


@pytest.mark.parametrize("version", READ_VERSIONS)
def test_a_file_of_each_version_predicts_as_when_it_was_made(version, clips):
    model, expected = fixture(version)
    assert ModelFile(model).config["format_version"] == version
    predictor = Predictor(model)
    for label, scores in expected.items():
        prediction = predictor.predict_file(clips / label / "0.wav")
        assert prediction.label == label
        assert prediction.scores == pytest.approx(scores, abs=1e-5)


@pytest.mark.parametrize("version", READ_VERSIONS)
def test_a_file_of_each_version_loads_as_a_pipeline(version, clips):
    model, expected = fixture(version)
    pipeline = load_model(model)
    paths = [clips / label / "0.wav" for label in expected]
    wanted = [
        [scores[label] for label in pipeline.classes_] for scores in expected.values()
    ]
    np.testing.assert_allclose(pipeline.predict_proba(paths), wanted, rtol=0, atol=1e-4)
