"""The models and samples that ship with the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from mfccclf import Predictor
from mfccclf.prediction import ModelFile, shipped_models

AUDIO = Path(__file__).parents[1] / "audio"
SAMPLES = sorted(path for path in AUDIO.iterdir() if path.suffix not in (".md", ".py"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_names_model_knows_every_sample(path):
    assert Predictor("names").predict([path]) == [path.name.split(".")[0]]


@pytest.mark.parametrize("name", ["digits", "names", "notes", "instruments"])
def test_shipped_model_has_a_card_with_its_limits(name):
    card = ModelFile(shipped_models()[name], name=name).card
    assert name in card.splitlines()[0]
    assert "\n## Limits\n" in card
