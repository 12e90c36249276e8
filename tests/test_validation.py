"""The one wording of argument errors."""

from __future__ import annotations

import numpy as np
import pytest

from mfccclf._validation import (
    check_bool,
    check_choice,
    check_int,
    check_real,
    suggest,
)


def test_good_values_come_back_as_plain_python_types():
    assert type(check_int("n", np.int64(3), owner="f", minimum=1)) is int
    assert type(check_real("x", np.float32(0.5), owner="f")) is float
    assert check_bool("b", np.bool_(True), owner="f") is True
    assert check_choice("c", "a", ["a", None], owner="f") == "a"
    assert check_choice("c", None, ["a", None], owner="f") is None


@pytest.mark.parametrize("value", [0, -3])
def test_int_out_of_range(value):
    message = rf"The 'n_mfcc' parameter of f must be an int >= 1. Got {value} instead."
    with pytest.raises(ValueError, match=message):
        check_int("n_mfcc", value, minimum=1, owner="f")


@pytest.mark.parametrize("value", [1.5, "3", True, None])
def test_not_an_int(value):
    with pytest.raises(TypeError, match="must be an int"):
        check_int("n_mfcc", value, owner="f")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1.0, -0.1])
def test_real_out_of_range(value):
    with pytest.raises(ValueError, match="must be a float >= 0 and < 1. Got"):
        check_real("dropout", value, minimum=0, below=1, owner="f")


def test_owner_may_be_an_instance():
    with pytest.raises(TypeError, match="parameter of dict must be a bool"):
        check_bool("b", 1, owner={})


def test_choice_suggests_the_nearest():
    with pytest.raises(ValueError, match=r"one of 'last', 'mean'.*Did you mean 'mean'"):
        check_choice("pooling", "meen", ["last", "mean"], owner="f")


@pytest.mark.parametrize(
    ("value", "name"),
    [("hiden", "hidden_sizes"), ("epoch", "max_epochs"), ("hop_lenght", "hop_length")],
)
def test_a_name_is_suggested_for_a_part_of_it(value, name):
    names = ["amin", "hidden_sizes", "max_epochs", "hop_length"]
    assert suggest(value, names) == f"Did you mean {name!r}?"


def test_nothing_is_suggested_for_what_is_like_no_name():
    assert suggest("banana", ["amin", "hidden_sizes"]) == ""
