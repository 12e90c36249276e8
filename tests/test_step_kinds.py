"""One entry per kind of step, and all that it names exists."""

from __future__ import annotations

from dataclasses import fields

import pytest

import mfccclf
from mfccclf.estimators.base import SequenceClassifier
from mfccclf.features.embeddings.carrying import CarriedNets
from mfccclf.features.transformer import ClipTransformer
from mfccclf.persistence.state import StepState
from mfccclf.persistence.steps import describe_step
from mfccclf.step_kinds import STEP_KINDS, StepKind, fetch

NAMES = sorted(STEP_KINDS)


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_an_entry_names_exists(name):
    kind = STEP_KINDS[name]
    places = [getattr(kind, field.name) for field in fields(StepKind)][1:]
    values = (kind.state, kind.carried)
    assert all(callable(fetch(p)) for p in places if p and p not in values)
    assert isinstance(fetch(kind.state), StepState)
    assert kind.carried is None or isinstance(fetch(kind.carried), CarriedNets)
    assert kind.load_class().__name__ == name


@pytest.mark.parametrize("name", NAMES)
def test_entries_have_the_parts_that_their_place_needs(name):
    kind = STEP_KINDS[name]
    assert (kind.graph is None) == (kind.place == "front end")
    assert (kind.extraction is None) == (kind.place != "front end")
    assert (kind.summary is None) == (kind.place != "classifier")


@pytest.mark.parametrize("base", [ClipTransformer, SequenceClassifier])
def test_every_public_step_of_the_package_has_an_entry(base):
    public = {cls for cls in public_classes(mfccclf) if issubclass(cls, base)}
    assert public <= {kind.load_class() for kind in STEP_KINDS.values()}


def public_classes(package):
    found = [getattr(package, name) for name in package.__all__]
    return [value for value in found if isinstance(value, type)]


def test_a_part_that_a_kind_does_not_have_is_refused():
    with pytest.raises(TypeError, match="no such part"):
        fetch(STEP_KINDS["MFCCExtractor"].graph)


def test_model_files_leave_out_how_and_where_to_compute():
    pipeline = mfccclf.make_pipeline("names-lstm")
    for step, left_out in [
        (pipeline[0], {"cache", "n_jobs", "verbose"}),
        (pipeline[-1], {"device", "verbose"}),
    ]:
        kept = describe_step("name", step)["parameters"]
        assert step.get_params(deep=False).keys() - kept.keys() == left_out
