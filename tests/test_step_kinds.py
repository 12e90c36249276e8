"""One entry per kind of step, and all that it names exists."""

from __future__ import annotations

from dataclasses import fields

import pytest

from mfccclf.estimators.base import SequenceClassifier
from mfccclf.features.transformer import ClipTransformer
from mfccclf.persistence.state import StepState
from mfccclf.step_kinds import STEP_KINDS, StepKind, fetch

NAMES = sorted(STEP_KINDS)


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_an_entry_names_exists(name):
    kind = STEP_KINDS[name]
    places = [getattr(kind, field.name) for field in fields(StepKind)][1:]
    assert all(callable(fetch(p)) for p in places if p and p != kind.state)
    assert isinstance(fetch(kind.state), StepState)
    assert kind.load_class().__name__ == name


@pytest.mark.parametrize("name", NAMES)
def test_entries_have_the_parts_that_their_place_needs(name):
    kind = STEP_KINDS[name]
    assert (kind.graph is None) == (kind.place == "front end")
    assert (kind.extraction is None) == (kind.place != "front end")
    assert (kind.summary is None) == (kind.place != "classifier")


@pytest.mark.parametrize("base", [ClipTransformer, SequenceClassifier])
def test_every_step_of_the_package_has_an_entry(base):
    known = {kind.load_class() for kind in STEP_KINDS.values()}
    assert set(subclasses(base)) <= known


def subclasses(base):
    for cls in base.__subclasses__():
        if cls.__module__.startswith("mfccclf."):
            yield cls
            yield from subclasses(cls)


def test_a_part_that_a_kind_does_not_have_is_refused():
    with pytest.raises(TypeError, match="no such part"):
        fetch(STEP_KINDS["MFCCExtractor"].graph)
