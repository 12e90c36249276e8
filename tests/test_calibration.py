"""Scores against the share of right answers."""

from __future__ import annotations

import numpy as np
import pytest

from mfccclf.evaluation import measure_calibration


def test_answers_as_right_as_their_scores_have_no_error():
    found = measure_calibration([0.75] * 4 + [0.5] * 2, [1, 1, 1, 0, 1, 0])
    assert found.error == pytest.approx(0)
    assert found.counts.sum() == 6
    assert found.accuracies[7] == found.mean_scores[7] == 0.75
    assert np.isnan(found.accuracies[0])


def test_error_is_the_mean_distance_over_all_answers():
    scores, right = [0.95, 0.95, 0.55], [True, False, False]
    found = measure_calibration(scores, right)
    assert found.error == pytest.approx((2 * (0.95 - 0.5) + 0.55) / 3)


def test_a_limit_belongs_to_the_bin_above_and_one_to_the_last():
    found = measure_calibration([0.0, 0.5, 1.0], [0, 0, 1], n_bins=2)
    assert found.counts.tolist() == [1, 2]


def test_unusable_answers_are_refused():
    with pytest.raises(ValueError, match="'scores' parameter of measure_calibration"):
        measure_calibration([1.2], [True])
    with pytest.raises(ValueError, match="'right' parameter of measure_calibration"):
        measure_calibration([0.2, 0.3], [True])
    with pytest.raises(ValueError, match="'n_bins' parameter of measure_calibration"):
        measure_calibration([0.2], [True], n_bins=0)
