"""Features of a search: one array per front end, mapped from a file."""

from __future__ import annotations

import numpy as np
import pytest

from mfccclf import ClipVariation, MFCCExtractor
from mfccclf.search.feature_store import FeatureStore

UNVARIED = ClipVariation()


@pytest.fixture
def extracted():
    """Front ends that were asked for X."""
    return []


@pytest.fixture
def store(tmp_path, extracted):
    def extract(front_end, variation):
        extracted.append(front_end)
        n_features = front_end.feature_parameters().n_features
        return np.full((3, 2, n_features), len(extracted), np.float32)

    return FeatureStore(tmp_path, extract)


def test_equal_front_ends_share_one_mapped_array(store, extracted):
    X = store.get(MFCCExtractor(features=14), UNVARIED)
    assert isinstance(X, np.memmap)
    assert X.shape == (3, 2, 14)
    assert store.get(MFCCExtractor(features=14, n_jobs=2, cache=True), UNVARIED) is X
    other = store.get(MFCCExtractor(features=14, n_fft=1024), UNVARIED)
    assert (other[0, 0, 0], len(extracted)) == (2.0, 2)
    assert [id(array) for array in store.arrays()] == [id(X), id(other)]


def test_parts_of_unequal_length_are_joined_and_padded(tmp_path):
    parts = [np.ones((2, 3, 4), np.float32), np.full((1, 5, 4), 2, np.float32)]
    X = FeatureStore(tmp_path, lambda *_: parts).get(MFCCExtractor(), UNVARIED)
    assert X.shape == (3, 5, 4)
    assert np.isnan(X[:2, 3:]).all()
    np.testing.assert_array_equal(X[:2, :3], parts[0])
    np.testing.assert_array_equal(X[2:], parts[1])


def test_a_mapped_array_is_used_where_it_lies(tmp_path):
    np.save(tmp_path / "X.npy", np.ones((2, 3, 4), np.float32))
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    store = FeatureStore(tmp_path, lambda *_: mapped)
    assert store.get(MFCCExtractor(), UNVARIED) is mapped


def test_other_copies_are_another_array(store):
    front_end = MFCCExtractor(features=14)
    varied = store.get(front_end, ClipVariation(n_variations=2))
    assert store.get(front_end, ClipVariation(n_variations=2, room=0)) is not varied
    unvaried = store.get(front_end, UNVARIED)
    assert store.get(front_end, ClipVariation(room=0)) is unvaried
