"""SequenceStandardScaler: statistics of true frames only."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import StandardScaler

from mfccclf import SequenceStandardScaler


@pytest.fixture(name="X")
def made_up_sequences():
    rng = np.random.default_rng(0)
    X = rng.normal([5.0, -2000.0, 0.1], [1.0, 300.0, 0.01], (6, 9, 3))
    X = X.astype(np.float32)
    X[1, 4:] = np.nan
    X[4, 1:] = np.nan
    return X


def test_statistics_are_those_of_all_true_frames(X):
    frames = X[~np.isnan(X[:, :, 0])]
    reference = StandardScaler().fit(frames.astype(np.float64))
    scaler = SequenceStandardScaler().fit(X)
    np.testing.assert_allclose(scaler.mean_, reference.mean_, rtol=1e-12)
    np.testing.assert_allclose(scaler.scale_, reference.scale_, rtol=1e-12)
    assert scaler.mean_.dtype == scaler.scale_.dtype == np.float64


def test_true_frames_come_out_with_mean_zero_and_deviation_one(X):
    scaled = SequenceStandardScaler().fit_transform(X)
    frames = scaled[~np.isnan(scaled[:, :, 0])]
    np.testing.assert_allclose(frames.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(frames.std(axis=0), 1, rtol=1e-5)


@pytest.mark.parametrize("scope", ["dataset", "clip"])
def test_frames_past_the_end_stay_nan(X, scope):
    scaled = SequenceStandardScaler(scope=scope).fit_transform(X)
    np.testing.assert_array_equal(np.isnan(scaled), np.isnan(X))


@pytest.mark.parametrize("scope", ["dataset", "clip"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(X, scope, dtype):
    X = X.astype(dtype)
    assert SequenceStandardScaler(scope=scope).fit_transform(X).dtype == dtype


def test_clip_scope_standardises_each_clip_by_itself(X):
    scaler = SequenceStandardScaler(scope="clip").fit(X)
    scaled = scaler.transform(X)
    expected = (X[1, :4] - X[1, :4].mean(axis=0)) / X[1, :4].std(axis=0)
    np.testing.assert_allclose(scaled[1, :4], expected, atol=1e-3)
    assert scaled[4, 0].tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_array_equal(scaler.transform(X[:2]), scaled[:2])
    assert not hasattr(scaler, "mean_")


def test_clip_scope_takes_a_constant_offset_away(X):
    scaler = SequenceStandardScaler(scope="clip", with_std=False).fit(X)
    np.testing.assert_allclose(
        scaler.transform(X + np.float32(8)), scaler.transform(X), atol=1e-3
    )


def test_constant_features_are_divided_by_one():
    X = np.full((3, 7, 2), 0.1, np.float32)
    X[:, :, 1] = 0
    scaler = SequenceStandardScaler().fit(X)
    assert scaler.scale_.tolist() == [1.0, 1.0]
    assert not scaler.transform(X).any()


def test_two_dimensional_input_is_standardised_per_column():
    X = np.random.default_rng(0).normal(3, 2, (20, 4))
    scaled = SequenceStandardScaler().fit_transform(X)
    np.testing.assert_allclose(scaled, StandardScaler().fit_transform(X), atol=1e-12)


def test_clip_scope_refuses_two_dimensional_input():
    with pytest.raises(ValueError, match="given a 2-D X: one frame minus its own mean"):
        SequenceStandardScaler(scope="clip").fit([[1.0], [2.0]])


def test_mean_and_deviation_can_be_left_as_they_are(X):
    same = SequenceStandardScaler(with_mean=False, with_std=False).fit_transform(X)
    np.testing.assert_array_equal(same, X)
    centred = SequenceStandardScaler(with_std=False).fit_transform(X)
    np.testing.assert_allclose(np.nanmean(centred, axis=(0, 1)), 0, atol=1e-3)


def test_inverse_transform_gives_the_input_back(X):
    scaler = SequenceStandardScaler().fit(X)
    back = scaler.inverse_transform(scaler.transform(X))
    np.testing.assert_allclose(back, X, rtol=1e-5)
    assert back.dtype == np.float32


def test_clip_scope_cannot_be_inverted(X):
    scaler = SequenceStandardScaler(scope="clip").fit(X)
    with pytest.raises(ValueError, match="cannot be inverted"):
        scaler.inverse_transform(X)


def test_feature_names_pass_through(X):
    scaler = SequenceStandardScaler().fit(X)
    names = ["mfcc_1", "mfcc_2", "centroid"]
    assert scaler.get_feature_names_out(names).tolist() == names


def test_other_number_of_features_is_rejected(X):
    scaler = SequenceStandardScaler().fit(X)
    with pytest.raises(
        ValueError, match="X has 2 features, but SequenceStandardScaler"
    ):
        scaler.transform(X[:, :, :2])


def test_nan_inside_a_clip_is_rejected(X):
    X[0, 3, 1] = np.nan
    with pytest.raises(ValueError, match="Clip 0 has NaN in frame 3"):
        SequenceStandardScaler().fit(X)


def test_infinite_values_are_rejected(X):
    X[0, 3, 1] = np.inf
    with pytest.raises(ValueError, match="Input X contains infinity"):
        SequenceStandardScaler().fit(X)


def test_unfitted_scaler_says_so(X):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        SequenceStandardScaler().transform(X)


def test_unknown_scope_is_rejected_with_a_near_match(X):
    with pytest.raises(ValueError, match="Did you mean 'clip'"):
        SequenceStandardScaler(scope="clips").fit(X)
