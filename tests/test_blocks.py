"""Blocks of features: what each says of itself, and what a new one costs."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from mfccclf import FeatureParameters, MFCCExtractor, extract_sequence
from mfccclf.features.blocks import BLOCKS, NAMED_SETS, BlockParameters, FeatureBlock
from mfccclf.features.spectrum_parameters import SpectrumParameters

EACH = pytest.mark.parametrize("name", BLOCKS)


class Energy(FeatureBlock[SpectrumParameters]):
    """The energy of a frame; nothing else in the package knows of it."""

    name = "energy"
    summary = "1, sum of the power of all bins"

    def compute(self, spectrum, parameters):
        power = spectrum.power[: spectrum.n_kept]
        return power.sum(axis=1, keepdims=True, dtype=np.float64)

    def reference(self, waveform, parameters):
        import librosa

        magnitude = np.abs(librosa.stft(waveform, **parameters.librosa_frames()))
        return np.square(magnitude).sum(axis=0, keepdims=True, dtype=np.float64)


@EACH
def test_a_block_is_listed_under_its_name_with_its_parameters(name):
    block = BLOCKS[name]
    assert block.name == name
    assert issubclass(BlockParameters, block.parameters)
    declared = {field.name for field in fields(block.parameters)}
    assert declared <= {field.name for field in fields(FeatureParameters)}


@EACH
def test_a_block_has_as_many_columns_as_names(name, noise):
    parameters = FeatureParameters(features=[name])
    names = BLOCKS[name].column_names(parameters)
    assert extract_sequence(noise(), parameters).shape[1] == len(names)


@EACH
def test_the_docs_of_features_name_each_block(name):
    for cls in (FeatureParameters, MFCCExtractor):
        assert f'"{name}" (' in " ".join(cls.__doc__.split())


def test_named_sets_have_the_number_of_columns_they_are_called_by():
    for number in NAMED_SETS:
        assert FeatureParameters(features=number).n_features == number


def test_a_new_block_needs_nothing_but_its_object(monkeypatch, noise):
    monkeypatch.setitem(BLOCKS, "energy", Energy())
    settings = {"features": ["energy", "centroid"], "delta": 1}
    names = MFCCExtractor(**settings).get_feature_names_out()
    assert list(names) == ["energy", "centroid", "delta_energy", "delta_centroid"]
    ours, theirs = (
        MFCCExtractor(**settings, backend=backend).fit_transform([noise()])
        for backend in ("numpy", "librosa")
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-2)


def test_a_block_that_is_not_listed_is_refused():
    with pytest.raises(ValueError, match="'features' .* a list of blocks of 'mfcc'"):
        FeatureParameters(features=["energy"]).validate()
