"""How the command line reads its arguments."""

from __future__ import annotations

import pytest
import typer

from mfccclf.cli._options import parse_settings, split_commas


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
    with pytest.raises(typer.BadParameter, match=r"Write, say, --set"):
        parse_settings([text])


def test_commas_are_split_without_blanks():
    assert split_commas("mfcc, centroid") == ["mfcc", "centroid"]
