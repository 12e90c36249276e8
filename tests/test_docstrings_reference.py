"""The reference: every public name has an entry, with shapes, errors, an example."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import sys
import textwrap
from pathlib import Path

import pytest

import mfccclf

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "_ext"))

import api_pages  # noqa: E402

ENTRIES = [
    (room, name)
    for room in api_pages.ROOMS
    for name in api_pages.public_names(room)
    if api_pages.home(name, room) is None
]
NAMES = [f"{room}.{name}" for room, name in ENTRIES]


def value_of(entry):
    room, name = entry
    return getattr(importlib.import_module(room), name)


def told(value):
    return inspect.cleandoc(value.__doc__ or "") + "\n"


def has_section(value, name):
    return f"\n{name}\n{'-' * len(name)}\n" in told(value)


def functions_of(value):
    """Return a function, or the methods of a class that have entries."""
    if not inspect.isclass(value):
        return [value] if inspect.isfunction(value) else []
    members = (
        inspect.getattr_static(value, name) for name in api_pages.own_members(value)
    )
    plain = (getattr(member, "__func__", member) for member in members)
    return [inspect.unwrap(member) for member in plain if inspect.isfunction(member)]


def may_raise(function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = {
        getattr(call.func, "id", getattr(call.func, "attr", ""))
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
    }
    # Being called too early is told once for all of scikit-learn.
    checks = {name for name in calls if name.startswith("check_")} - {"check_is_fitted"}
    raised = (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise))
    # "raise" alone hands on the error of another; methods to be written say so.
    own = {ast.unparse(error) for error in raised if error is not None}
    return bool(checks or own - {"NotImplementedError"})


def is_record(value):
    """Whether users read such objects and do not make them."""
    return dataclasses.is_dataclass(value) and has_section(value, "Attributes")


def public_packages():
    for stub in (ROOT / "mfccclf").rglob("__init__.py"):
        parts = stub.parent.relative_to(ROOT).parts
        if not any(part.startswith("_") for part in parts):
            yield ".".join(parts)


def test_packages_that_export_names_have_a_page():
    entries = [value_of(entry) for entry in ENTRIES]
    for package in public_packages():
        module = importlib.import_module(package)
        names = getattr(module, "__all__", ())
        is_told = all(
            any(getattr(module, name) is value for value in entries) for name in names
        )
        is_inside = package.startswith(api_pages.INSIDE)
        assert is_inside or package in api_pages.ROOMS or is_told, package


def test_each_public_name_of_the_package_has_an_entry():
    text = api_pages.room_text("mfccclf", "title")
    for name in mfccclf.__all__:
        if name != "__version__":
            assert re.search(rf":: mfccclf\.{name}$", text, re.MULTILINE), name


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_arrays_are_told_with_their_shapes(entry):
    if entry[1] in api_pages.VALUES:
        return
    for function in [value_of(entry), *functions_of(value_of(entry))]:
        for item in re.findall(r"(?m)^\S.* : .*(?:\n +.*)*", told(function)):
            if re.search("ndarray|array-like", item.splitlines()[0]):
                # "As for `fit`." leads to where the shape is told.
                assert re.search(r"shape|[Aa]s for|As `|in the form of", item), item


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_errors_are_told_where_they_are_raised(entry):
    for function in functions_of(value_of(entry)):
        if may_raise(function):
            text = told(function)
            # "As for `fit`." and the like lead to where the errors are told.
            is_told = "\nRaises\n------\n" in text or re.search(r"[Rr]aise", text)
            assert is_told, f"{function.__qualname__} does not tell what it raises"


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_examples_are_shown(entry):
    value = value_of(entry)
    is_class = inspect.isclass(value)
    is_error = is_class and issubclass(value, BaseException)
    is_value = not is_class and not inspect.isfunction(value)
    # Records are read, not made; protocols are for readers of the types.
    is_read = is_record(value) or getattr(value, "_is_protocol", False)
    is_tuple = is_class and issubclass(value, tuple)
    assert is_error or is_value or is_read or is_tuple or has_section(value, "Examples")


def test_what_is_not_callable_is_described():
    for room, name in ENTRIES:
        value = value_of((room, name))
        if not inspect.isclass(value) and not inspect.isfunction(value):
            assert name in api_pages.VALUES, f"{room}.{name}"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("load_waveform", "mfccclf.load_waveform"),
        ("mfccclf.waveform.load_waveform", "mfccclf.load_waveform"),
        ("Predictor.predict_windows", "mfccclf.Predictor.predict_windows"),
        ("WindowPrediction", "mfccclf.prediction.WindowPrediction"),
        ("mfccclf.search", "mfccclf.search"),
        ("sklearn.pipeline.Pipeline", None),
        ("hidden_sizes", None),
    ],
)
def test_backticks_lead_to_entries(text, target):
    assert api_pages.find_entry(text) == target
