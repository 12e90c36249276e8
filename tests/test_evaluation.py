"""Scores of predictions."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    label_ranking_average_precision_score,
    log_loss,
)

from mfccclf.errors import DatasetError
from mfccclf.evaluation import evaluate, format_scores

CLASSES = ["cat", "dog", "owl"]


@pytest.fixture
def scores():
    rng = np.random.default_rng(0)
    return rng.dirichlet(np.ones(3), size=30).astype(np.float32)


@pytest.fixture
def y_true():
    return ["cat"] * 15 + ["dog"] * 10 + ["owl"] * 5


def test_result_has_exactly_the_keys_of_the_contract(y_true, scores):
    result = evaluate(y_true, scores, CLASSES)
    assert list(result) == [
        "n_clips",
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "loss",
        "per_class",
        "confusion",
        "classes",
    ]
    assert list(result["per_class"]) == CLASSES
    assert set(result["per_class"]["cat"]) == {"precision", "recall", "f1", "n_clips"}


def test_scores_by_hand():
    scores = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.5, 0.25, 0.25], [0.2, 0.2, 0.6]]
    result = evaluate(["cat", "cat", "dog", "owl"], scores, CLASSES)
    assert result["n_clips"] == 4
    assert result["accuracy"] == 0.5
    assert result["balanced_accuracy"] == 0.5
    assert result["macro_f1"] == pytest.approx((0.5 + 0 + 1) / 3)
    expected = -(math.log(0.7) + math.log(0.1) + math.log(0.25) + math.log(0.6)) / 4
    assert result["loss"] == pytest.approx(expected)
    assert result["confusion"] == [[1, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert result["per_class"]["dog"] == {
        "precision": 0.0,
        "recall": 0.0,
        "f1": 0.0,
        "n_clips": 1,
    }


def test_scores_agree_with_scikit_learn(y_true, scores):
    result = evaluate(y_true, scores, CLASSES)
    predicted = [CLASSES[i] for i in scores.argmax(axis=1)]
    balanced = balanced_accuracy_score(y_true, predicted)
    assert result["balanced_accuracy"] == pytest.approx(balanced)
    assert result["macro_f1"] == pytest.approx(
        f1_score(y_true, predicted, average="macro")
    )
    exact = scores / scores.sum(axis=1, keepdims=True, dtype=np.float64)
    assert result["loss"] == pytest.approx(log_loss(y_true, exact))


def test_result_is_plain_json(y_true, scores):
    result = evaluate(np.array(y_true), scores, np.array(CLASSES))
    assert json.loads(json.dumps(result)) == result


def test_order_of_classes_need_not_be_alphabetical(y_true, scores):
    result = evaluate(y_true, scores, CLASSES)
    turned = evaluate(y_true, scores[:, ::-1], CLASSES[::-1])
    assert turned["classes"] == CLASSES[::-1]
    assert turned["per_class"]["cat"] == result["per_class"]["cat"]
    assert turned["loss"] == pytest.approx(result["loss"])


def test_classes_without_clips_do_not_lower_the_means():
    result = evaluate(["cat", "dog"], [[1, 0, 0], [0, 1, 0]], CLASSES)
    assert result["balanced_accuracy"] == result["macro_f1"] == 1.0
    assert result["per_class"]["owl"]["n_clips"] == 0


def test_a_certain_mistake_costs_much_but_not_infinity():
    result = evaluate(["cat"], [[0.0, 1.0, 0.0]], CLASSES)
    assert 30 < result["loss"] < 50


def test_integer_labels_are_kept():
    result = evaluate(np.array([3, 5]), [[0.9, 0.1], [0.2, 0.8]], np.array([3, 5]))
    assert result["classes"] == [3, 5]
    assert list(result["per_class"]) == ["3", "5"]


def test_labels_that_the_model_does_not_know_are_named():
    with pytest.raises(DatasetError, match=r"'cats', 'emu'.*Did you mean 'cat'"):
        evaluate(["cats", "emu", "dog"], np.full((3, 3), 1 / 3), CLASSES)


def test_no_clips_are_an_error():
    with pytest.raises(DatasetError, match="no clips"):
        evaluate([], np.zeros((0, 3)), CLASSES)


def test_scores_of_a_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"shape \(2, 3\).*Got \(3, 2\)"):
        evaluate(["cat", "dog"], np.full((3, 2), 0.5), CLASSES)


@pytest.mark.parametrize(
    "row", [[2.0, -0.5, -0.5], [0.1, 0.1, 0.1], [math.nan, 0.5, 0.5]]
)
def test_scores_that_are_no_probabilities_are_refused(row):
    with pytest.raises(ValueError, match="rows of probabilities"):
        evaluate(["cat"], [row], CLASSES)


@pytest.mark.parametrize("classes", [["cat"], ["cat", "cat"]])
def test_classes_must_differ(classes):
    with pytest.raises(ValueError, match="two or more labels"):
        evaluate(["cat"], [[1.0] * len(classes)], classes)


def test_text_shows_every_score_in_aligned_tables():
    result = evaluate(
        ["cat", "a long name"], [[0.9, 0.1], [0.6, 0.4]], ["cat", "a long name"]
    )
    assert format_scores(result).splitlines() == [
        "clips                  2",
        "accuracy           0.500",
        "balanced accuracy  0.500",
        "macro F1           0.333",
        "loss               0.511",
        "",
        "class        precision  recall     F1  clips",
        "cat              0.500   1.000  0.667      1",
        "a long name      0.000   0.000  0.000      1",
        "",
        "true \\ predicted  cat  a long name",
        "cat                 1            0",
        "a long name         1            0",
    ]


# Any number of labels per clip

LABEL_SETS = [("bass",), ("bass", "flute"), (), ("flute",)]
SET_SCORES = [[0.9, 0.2], [0.8, 0.7], [0.6, 0.1], [0.3, 0.4]]


def test_label_sets_have_scores_of_their_own():
    result = evaluate(LABEL_SETS, SET_SCORES, ["bass", "flute"])
    assert result["n_clips"] == 4
    assert result["accuracy"] == 6 / 8
    assert result["exact_match"] == 2 / 4
    assert result["micro_f1"] == pytest.approx(2 * 3 / (2 * 3 + 1 + 1))
    assert result["macro_f1"] == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert result["map"] == pytest.approx(1.0)
    assert result["lrap"] == pytest.approx(1.0)
    assert result["confusion"] == [[[1, 1], [0, 2]], [[2, 0], [1, 1]]]
    assert result["balanced_accuracy"] == pytest.approx((0.5 + 1 + 1 + 0.5) / 4)
    flute = result["per_class"]["flute"]
    assert (flute["precision"], flute["recall"], flute["n_clips"]) == (1, 0.5, 2)


def test_label_sets_are_scored_as_scikit_learn_does():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 2, (40, 4))
    scores = np.clip(true * 0.3 + rng.random((40, 4)) * 0.7, 0, 1)
    result = evaluate(true, scores, list("abcd"))
    assert result["map"] == pytest.approx(
        average_precision_score(true, scores, average="macro")
    )
    assert result["lrap"] == label_ranking_average_precision_score(true, scores)
    predicted = scores >= 0.5
    for average in ("macro", "micro"):
        expected = f1_score(true, predicted, average=average, zero_division=0)
        assert result[f"{average}_f1"] == pytest.approx(expected)
    assert result["loss"] == pytest.approx(
        np.mean([log_loss(true[:, k], scores[:, k]) for k in range(4)])
    )
    sets = [{"abcd"[k] for k in np.flatnonzero(row)} for row in true]
    assert evaluate(sets, scores, list("abcd")) == result
    assert evaluate(true.tolist(), scores, list("abcd")) == result
    json.dumps(result)


def test_thresholds_decide_what_is_predicted():
    result = evaluate(LABEL_SETS, SET_SCORES, ["bass", "flute"], thresholds=[0.7, 0.4])
    assert result["exact_match"] == 1


def test_naming_every_label_is_scored_beside():
    baseline = evaluate(LABEL_SETS, SET_SCORES, ["bass", "flute"])["predict_everything"]
    assert baseline["micro_f1"] == pytest.approx(2 * 4 / (2 * 4 + 4))
    assert baseline["map"] == 0.5
    assert baseline["exact_match"] == 0.25


def test_a_label_without_clips_does_not_break_the_scores():
    result = evaluate([("a",), ()], [[0.9, 0.1], [0.2, 0.1]], ["a", "b"])
    assert result["map"] == 1
    assert result["per_class"]["b"]["average_precision"] == 0
    assert result["balanced_accuracy"] == 1


def test_a_single_label_is_scored():
    result = evaluate([("a",), ()], [[0.9], [0.6]], ["a"])
    assert result["macro_f1"] == pytest.approx(2 / 3)
    assert list(result["per_class"]) == ["a"]


def test_unusable_label_sets_are_named():
    with pytest.raises(DatasetError, match="does not know the labels 'flite'.*'flute'"):
        evaluate([("flite",)], [[0.5, 0.5]], ["bass", "flute"])
    with pytest.raises(ValueError, match="probabilities, each from 0 to 1"):
        evaluate([("bass",)], [[1.5, 0.5]], ["bass", "flute"])
    with pytest.raises(ValueError, match="must be an array of shape"):
        evaluate([("bass",)], [[0.5]], ["bass", "flute"])
    with pytest.raises(ValueError, match="'thresholds' parameter of evaluate"):
        evaluate([("bass",)], [[0.5, 0.5]], ["bass", "flute"], thresholds=[0.5])
    with pytest.raises(ValueError, match="indicator matrix with 2 columns"):
        evaluate(np.ones((1, 3)), [[0.5, 0.5]], ["bass", "flute"])


def test_label_sets_are_printed_beside_the_baseline():
    text = format_scores(evaluate(LABEL_SETS, SET_SCORES, ["bass", "flute"]))
    assert "naming every label" in text
    assert "mean average precision" in text
    assert "true \\ predicted" not in text
