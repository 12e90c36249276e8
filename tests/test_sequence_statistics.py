"""SequenceStatistics: one row per sequence, of its true frames alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mfccclf import MFCCExtractor, SequenceStatistics


@pytest.fixture
def sequences():
    made = np.random.default_rng(0).normal(size=(4, 6, 3)).astype(np.float32)
    made[1, 4:] = np.nan
    return made


def test_statistics_are_those_of_the_true_frames(sequences):
    rows = SequenceStatistics(statistics=("mean", "std", "max", "min")).fit_transform(
        sequences
    )
    frames = sequences[1, :4]
    expected = [frames.mean(0), frames.std(0), frames.max(0), frames.min(0)]
    assert rows.shape == (4, 12)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows[1], np.concatenate(expected), rtol=1e-6)


def test_columns_are_named_after_statistic_and_feature(sequences):
    statistics = SequenceStatistics(statistics=("mean", "max")).fit(sequences)
    names = statistics.get_feature_names_out(["a", "b", "c"])
    assert names.tolist() == ["mean_a", "mean_b", "mean_c", "max_a", "max_b", "max_c"]
    assert statistics.get_feature_names_out()[0] == "mean_x0"


def test_any_classifier_follows_any_front_end():
    rng = np.random.default_rng(0)
    clips = [level * rng.standard_normal(4000) for level in (0.01, 0.3) * 4]
    labels = ["quiet", "loud"] * 4
    extractor = MFCCExtractor(features=14, sample_rate=8000)
    pipeline = make_pipeline(extractor, SequenceStatistics(), LogisticRegression())
    assert pipeline.fit(clips, labels).score(clips, labels) == 1


def test_a_sequence_without_true_frames_is_named(sequences):
    sequences[2] = np.nan
    with pytest.raises(ValueError, match="Sequence 2 of X has no true frame"):
        SequenceStatistics().fit_transform(sequences)


@pytest.mark.parametrize(
    ("statistics", "message"),
    [
        (("men",), r"Did you mean 'mean'\?"),
        ((), "must be a sequence of 'mean', 'std', 'max', 'min'"),
        ("mean", "must be a sequence of"),
    ],
)
def test_unknown_statistics_are_refused(sequences, statistics, message):
    with pytest.raises(ValueError, match=message):
        SequenceStatistics(statistics=statistics).fit(sequences)
