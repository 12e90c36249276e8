"""Recipes of the shipped models: their cards, and how they start."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mfccclf import load_model
from mfccclf.prediction import open_model

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))  # the recipes are no part of the package

from weights.recipes.cards import render_card  # noqa: E402
from weights.recipes.digits import train as digits  # noqa: E402
from weights.recipes.instruments import train as instruments  # noqa: E402
from weights.recipes.names import train as names  # noqa: E402
from weights.recipes.notes import train as notes  # noqa: E402
from weights.recipes.scoring import area_between  # noqa: E402

# Voices of each program, which the model file does not record.
VOICES = {"espeak-ng": 82, "festival": 12, "flite": 4}


def scores_of(recipe: str):
    path = ROOT / "weights" / "recipes" / recipe / "scores.json"
    return json.loads(path.read_text("utf-8"))


def digits_card(training):
    return digits.write_card(
        scores_of("digits"),
        n_recorded=training["n_clips"] - training["n_more_clips"],
        n_spoken=training["n_more_clips"],
        n_others=training["n_other_clips"],
    )


def instruments_card(training):
    scores = scores_of("instruments")
    return instruments.write_card(scores, n_others=training["n_other_clips"])


def names_card(training):
    model = load_model("names")
    return names.write_card(model, VOICES, training, scores_of("names"))


def notes_card(training):
    return notes.write_card(load_model("notes"), training, scores_of("notes"))


CARDS = {
    "digits": digits_card,
    "instruments": instruments_card,
    "names": names_card,
    "notes": notes_card,
}


def numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d[\d.,]*\d|\d", text))


@pytest.mark.parametrize("model", CARDS)
def test_card_has_the_figures_of_the_shipped_one(model):
    file = open_model(model)
    card = CARDS[model](file.config["training"])
    shipped = file.card
    assert numbers(card) == numbers(shipped)
    rows = [line for line in shipped.splitlines() if re.match(r"\|.*\d", line)]
    assert rows
    assert set(rows) <= set(card.splitlines())


def test_missing_fact_is_an_error():
    with pytest.raises(ValueError, match="digits also needs known, limits, n"):
        render_card("digits", unknown={}, mean_unknown=0.5)


@pytest.mark.parametrize(
    "module",
    [
        "digits.evaluate",
        "digits.train",
        "instruments.train",
        "names.evaluate",
        "names.samples",
        "names.train",
        "notes.evaluate",
        "notes.train",
    ],
)
def test_recipe_tells_its_options(module, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [module, "--help"])
    with pytest.raises(SystemExit, match="0"):
        importlib.import_module(f"weights.recipes.{module}").main()
    assert "--seed" in capsys.readouterr().out


def test_area_between_compares_best_scores():
    known = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert area_between(known, np.array([[0.5, 0.5]])) == 1.0
    assert area_between(known, np.array([[0.85, 0.1]])) == 0.5
