"""Docstrings of public names against their signatures."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import mfccclf

SECTION = r"^{0}\n-{{{1}}}\n(.*?)(?=^\w[^\n]*\n-{{3,}}$|\Z)"


def described_names() -> list[str]:
    """Return the public functions and classes, but no errors or warnings."""
    names = []
    for name in mfccclf.__all__:
        value = getattr(mfccclf, name)
        is_error = inspect.isclass(value) and issubclass(value, BaseException)
        if callable(value) and not is_error:
            names.append(name)
    return names


def documented_parameters(
    text: str | None, section: str = "Parameters"
) -> list[str] | None:
    """Return the names in a section of a numpydoc docstring; None without it."""
    pattern = SECTION.format(section, len(section))
    text = inspect.cleandoc(text or "") + "\n"
    found = re.search(pattern, text, re.MULTILINE | re.DOTALL)
    if not found:
        return None
    entries = [line for line in found[1].splitlines() if re.match(r"\S", line)]
    names = ", ".join(line.partition(" : ")[0] for line in entries)
    return [name.strip(" *") for name in names.split(",")]


def signature_parameters(value: Any) -> list[str]:
    names = inspect.signature(value).parameters
    return [name for name in names if name not in ("self", "cls")]


def public_methods(cls: type) -> Iterator[tuple[str, Any]]:
    for base in cls.__mro__:
        if base.__module__.startswith("mfccclf"):
            for name, value in vars(base).items():
                if not name.startswith("_") and inspect.isfunction(value):
                    yield name, value


@pytest.mark.parametrize("name", described_names())
def test_parameters_of_the_signature_are_those_of_the_docstring(name):
    value = getattr(mfccclf, name)
    documented = documented_parameters(value.__doc__)
    if documented is None and dataclasses.is_dataclass(value):
        # Records that users read but do not make have Attributes instead.
        documented = documented_parameters(value.__doc__, "Attributes")
    assert (documented or []) == signature_parameters(value)


@pytest.mark.parametrize("name", described_names())
def test_methods_document_their_parameters_or_none(name):
    value = getattr(mfccclf, name)
    for method, function in public_methods(value) if inspect.isclass(value) else ():
        if function.__module__.startswith("mfccclf"):
            documented = documented_parameters(function.__doc__)
            assert documented in (None, signature_parameters(function)), method


@pytest.mark.parametrize("name", described_names())
def test_estimators_and_loaders_show_an_example(name):
    value = getattr(mfccclf, name)
    if hasattr(value, "fit") or name.startswith("load_"):
        assert "\nExamples\n--------\n" in inspect.cleandoc(value.__doc__)


def test_sections_are_read_as_numpydoc_writes_them():
    text = """Summarise.

    Parameters
    ----------
    a, b : int
        Text : with a colon.
    **rest
        More.

    Returns
    -------
    c : int
        Result.
    """
    assert documented_parameters(text) == ["a", "b", "rest"]
    assert documented_parameters("Summarise.") is None
