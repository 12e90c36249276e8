"""YAML from strangers: bounded before anything is made of it, and told in one line."""

from __future__ import annotations

import datetime
import time

import pytest
import typer

from mfccclf._safe_yaml import parse_yaml
from mfccclf.cli._parsing import parse_settings
from mfccclf.presets import load_preset
from mfccclf.search import parse_space, read_space


def laughs(n_levels: int = 9) -> str:
    """Return a few lines that stand for a billion values."""
    lines = ["a0: &a0 [lol]"]
    for level in range(1, n_levels + 1):
        inner = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{inner}]")
    return "\n".join(lines)


ATTACKS = {
    "billion laughs": (laughs(), "stands for more than 100,000 values"),
    "merged laughs": (
        laughs().replace("[lol]", "{x: y}").replace("a9:", "<<:"),
        "stands for more than 100,000 values",
    ),
    "deep list": ("steps: " + "[" * 5000 + "]" * 5000, "more than 32 deep"),
    "deep mapping": ("{a: " * 5000 + "1" + "}" * 5000, "more than 32 deep"),
    "deep blocks": ("- " * 5000 + "a", "more than 32 deep"),
    "holds itself": ("lr: &a [*a]", "stands within itself"),
    "long number": ("lr: [" + "9" * 5000 + "]", "more than 400 digits"),
    "binary number": ("lr: [0b" + "1" * 5000 + "]", "more than 400 digits"),
    "sexagesimal": ("lr: [1:" + ":".join(["59"] * 500) + "]", "more than 400 digits"),
    "no date": ("lr: [2020-99-99]", "month must be in 1..12"),
    "no key": ("? [1, 2]\n: [3]", "unhashable key"),
    "code": ("lr: [!!python/object/apply:os.system [x]]", "could not determine a con"),
    "long text": ("a: " + "x" * 2**20, "more than 1,048,576 characters"),
    "escapes": ("lr: [\x1b]", "special characters are not allowed"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_yaml_that_no_settings_are_is_refused_at_once(attack):
    text, match = ATTACKS[attack]
    begin = time.process_time()
    with pytest.raises(ValueError, match=match) as caught:
        parse_yaml(text)
    assert time.process_time() - begin < 2
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("attack", ATTACKS)
def test_presets_grids_and_settings_tell_it_in_one_line(attack, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(ATTACKS[attack][0])
    with pytest.raises(ValueError, match=r"own\.yaml is not valid YAML: .*\.$"):
        load_preset(path)
    with pytest.raises(ValueError, match=r"The grid file .*own\.yaml cannot be read"):
        read_space(path)
    value = ATTACKS[attack][0].partition(": ")[2]
    for parse, kind in (
        (parse_space, ValueError),
        (parse_settings, typer.BadParameter),
    ):
        with pytest.raises(kind, match="YAML") as caught:
            parse([f"lr={'[[[' + value}"])
        assert len(str(caught.value)) < 800


def test_what_settings_are_is_read_as_before():
    text = "a: &x [1, 2.5, text, true, null, 2020-01-02]\nb: *x\nc: {<<: {d: 1}, e: 2}"
    values = [1, 2.5, "text", True, None, datetime.date(2020, 1, 2)]
    assert parse_yaml(text) == {"a": values, "b": values, "c": {"d": 1, "e": 2}}
    assert parse_yaml("") is None
    assert parse_yaml("a: " + "word " * 1000)["a"].startswith("word word")


@pytest.mark.parametrize("bounds", ["{low: 1, high: .inf}", "{low: .nan, high: 2}"])
def test_ranges_are_finite(bounds):
    with pytest.raises(ValueError, match="must have numbers low < high"):
        parse_space([f"lr={bounds}"])
