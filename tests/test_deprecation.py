"""Former names work, warn, and are gone when they were promised to be."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mfccclf
from mfccclf import workflows

PACKAGE = Path(mfccclf.__file__).parent


@pytest.mark.parametrize(
    ("former", "today"),
    [
        ("TestResult", "EvaluationResult"),
        ("extract_clips", "extract_sequences"),
        ("load_other_clips", "load_ood_clips"),
    ],
)
def test_former_names_work_and_say_what_to_use(former, today):
    match = f"workflows.{former} is now mfccclf.workflows.{today}; .* version 0.3.0"
    with pytest.warns(DeprecationWarning, match=match) as caught:
        assert getattr(workflows, former) is getattr(workflows, today)
    assert caught[0].filename == __file__


def test_unknown_names_are_unknown_still():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = workflows.no_such_name


def promised_versions():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword("removed_in", ast.Constant(version)):
                    yield path.name, version


def test_no_former_name_outlives_its_promise():
    def numbers(version):
        return [int(part) for part in version.split(".")]

    found = list(promised_versions())
    assert found
    now = numbers(mfccclf.__version__)
    assert [name for name, version in found if numbers(version) <= now] == []
