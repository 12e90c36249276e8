"""How the command line reads its arguments."""

from __future__ import annotations

import pytest
import typer

from mfccclf.cli._parsing import (
    parse_exclude,
    parse_features,
    parse_folds,
    parse_limits,
    parse_overrides,
    parse_settings,
    split_commas,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lr=0.01", {"lr": 0.01}),
        ("lr=1e-3", {"lr": 0.001}),
        ("hidden_sizes=[64, 32]", {"hidden_sizes": [64, 32]}),
        ("bidirectional=true", {"bidirectional": True}),
        ("n_frames=null", {"n_frames": None}),
        ("pooling=attention", {"pooling": "attention"}),
        (" lstm__lr = 2", {"lstm__lr": 2}),
    ],
)
def test_settings_are_read_as_yaml(text, expected):
    assert parse_settings([text]) == expected


@pytest.mark.parametrize("text", ["lr", "=3", "lr=[1"])
def test_bad_settings_are_refused_with_an_example(text):
    with pytest.raises(typer.BadParameter, match=r"Write, for example, --set"):
        parse_settings([text])


def test_commas_are_split_without_blanks():
    assert split_commas("mfcc, centroid") == ["mfcc", "centroid"]


def test_epochs_override_the_settings():
    assert parse_overrides(["lr=1", "max_epochs=3"], 5) == {"lr": 1, "max_epochs": 5}
    assert parse_overrides(["max_epochs=3"], None) == {"max_epochs": 3}
    assert parse_overrides(None, None) == {}


def test_an_empty_list_of_labels_differs_from_none_given():
    assert parse_exclude("a, b,") == ["a", "b"]
    assert parse_exclude("") == []
    assert parse_exclude(None) is None


def test_numbers_of_features_and_folds_are_read_and_names_are_left_alone():
    assert parse_features(" 14 ") == 14
    assert parse_features("mfcc, chroma") == ["mfcc", "chroma"]
    assert parse_folds("5") == 5
    assert parse_folds("groups") == "groups"
    assert parse_folds(None) is None


def test_limits_that_were_not_given_are_left_out():
    limits = parse_limits(min_confidence=0.0, min_familiarity=None)
    assert limits == {"min_confidence": 0.0}
