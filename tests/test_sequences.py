"""Padding sequences into one array, and finding their ends again."""

from __future__ import annotations

import numpy as np
import pytest

from mfccclf import pad_sequences, sequence_lengths

NAN = float("nan")


def test_shorter_sequences_are_filled_with_nan() -> None:
    X = pad_sequences([np.ones((3, 2)), np.zeros((1, 2))])
    assert X.shape == (2, 3, 2)
    assert X.dtype == np.float32
    assert np.isnan(X[1, 1:]).all()
    assert not np.isnan(X[0]).any()
    assert not np.isnan(X[1, 0]).any()


def test_n_frames_cuts_the_longer_and_fills_the_shorter() -> None:
    X = pad_sequences([np.ones((5, 1)), np.ones((2, 1))], n_frames=3)
    assert X.shape == (2, 3, 1)
    assert sequence_lengths(X).tolist() == [3, 2]


def test_sequences_are_not_changed() -> None:
    sequence = np.ones((3, 2), np.float32)
    X = pad_sequences([sequence])
    X[:] = 7
    assert (sequence == 1).all()


def test_lengths_come_back() -> None:
    lengths = [4, 1, 7]
    X = pad_sequences([np.ones((length, 3)) for length in lengths])
    found = sequence_lengths(X)
    assert found.tolist() == lengths
    assert found.dtype == np.int64


def test_a_clip_of_nan_alone_has_no_frames() -> None:
    assert sequence_lengths(np.full((1, 4, 2), NAN)).tolist() == [0]


def test_lengths_of_no_clips_are_none() -> None:
    assert sequence_lengths(np.empty((0, 4, 2))).tolist() == []


def test_nan_in_one_column_names_clip_and_frame() -> None:
    X = np.ones((3, 4, 2))
    X[1, 2, 1] = NAN
    with pytest.raises(ValueError, match="Clip 1 has NaN in frame 2, column 1"):
        sequence_lengths(X)


def test_nan_in_one_column_of_the_last_frame_is_refused() -> None:
    X = np.ones((1, 4, 2))
    X[0, 3, 0] = NAN
    with pytest.raises(ValueError, match="Clip 0 has NaN in frame 3, column 0"):
        sequence_lengths(X)


@pytest.mark.parametrize("n_features", [1, 3])
def test_a_gap_before_the_end_names_clip_and_frame(n_features: int) -> None:
    X = np.ones((2, 4, n_features))
    X[1, 1] = NAN
    with pytest.raises(ValueError, match="Clip 1 has NaN in frame 1, before its end"):
        sequence_lengths(X)


def test_lengths_need_three_axes() -> None:
    with pytest.raises(ValueError, match=r"X has shape \(2, 3\), not \(n_clips"):
        sequence_lengths(np.ones((2, 3)))


def test_no_sequences_are_refused() -> None:
    with pytest.raises(ValueError, match="'sequences' parameter of pad_sequences"):
        pad_sequences([])


@pytest.mark.parametrize("shape", [(3,), (0, 2), (2, 0), (1, 2, 3)])
def test_wrong_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="Sequence 1 has shape"):
        pad_sequences([np.ones((2, 2)), np.ones(shape)])


def test_unequal_numbers_of_features_are_refused() -> None:
    with pytest.raises(ValueError, match="Sequence 1 has 3 features, but sequence 0"):
        pad_sequences([np.ones((2, 2)), np.ones((2, 3))])


@pytest.mark.parametrize("value", [NAN, np.inf])
def test_values_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"Sequence 0 has the value .* in frame 1"):
        pad_sequences([[[1.0], [value]]])


@pytest.mark.parametrize("n_frames", [0, -1])
def test_n_frames_must_be_positive(n_frames: int) -> None:
    with pytest.raises(ValueError, match="'n_frames' parameter of pad_sequences"):
        pad_sequences([[[1.0]]], n_frames=n_frames)
