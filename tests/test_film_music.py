"""The worked example: from a list of recordings to a picture of who plays when."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from cli_tools import succeed

EXAMPLE = Path(__file__).parents[1] / "examples" / "film_music.py"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """The example's files, with half as much film, and the module that made them."""
    spec = importlib.util.spec_from_file_location("film_music", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    folder = tmp_path_factory.mktemp("film")
    example.make_film(folder, seconds=30)
    return folder, example


def test_every_instrument_plays_and_is_heard(film):
    _, example = film
    for name, play in example.INSTRUMENTS.items():
        wave = play(440.0, 1.0, np.random.default_rng(0))
        assert wave.shape == (22050,), name
        assert 0.05 < np.sqrt(np.mean(wave**2)) < 1, name


def test_two_commands_lead_from_json_to_a_picture(film, tmp_path):
    pytest.importorskip("matplotlib")
    folder, example = film
    model, picture = tmp_path / "film.mfccclf", tmp_path / "unseen.png"
    options = ["--preset", "instruments", "--epochs", 3, "--output", model]
    printed = succeed("train", folder / "sources.json", *options)
    assert "4 labels: dizi, erhu, gong, pipa" in printed
    windows = ["--window", 1, "--hop", 0.5]
    unseen = folder / "unseen.wav"
    succeed(
        *("predict", unseen, "--model", model, *windows),
        *("--format", "png", "--output", picture),
    )
    assert picture.read_bytes().startswith(b"\x89PNG")
    lines = succeed("predict", unseen, "--model", model, *windows, "--format", "json")
    records = [json.loads(line) for line in lines.splitlines()]
    assert set(records[0]["scores"]) == set(example.INSTRUMENTS)


@pytest.mark.slow
def test_the_example_as_it_stands_learns_the_instruments(tmp_path, film):
    _, example = film
    example.make_film(tmp_path)
    model = tmp_path / "film.mfccclf"
    options = ["--preset", "instruments", "--epochs", 20, "--output", model]
    succeed("train", tmp_path / "sources.json", *options)
    clips = tmp_path / "unseen"
    succeed("dataset", "build", tmp_path / "unseen.json", "--output", clips)
    table = clips / "labels.csv"
    result = json.loads(succeed("evaluate", model, table, "--format", "json"))
    assert result["macro_f1"] > 0.9
