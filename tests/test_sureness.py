"""What is worth labelling next: predictions in order of sureness."""

from __future__ import annotations

import io
import json

import pytest
from cli_tools import fail, run, succeed

from mfccclf import Predictor
from mfccclf.prediction import Prediction, measure_sureness, sort_least_sure_first
from mfccclf.prediction.formats.making import make_writer


def predict(scores, *, name="a.wav", label="best"):
    best = max(scores, key=scores.get) if scores else None
    chosen = best if label == "best" else label
    return Prediction(
        file=name,
        label=chosen,
        labels=[] if chosen is None else [chosen],
        scores=scores,
        model="m",
        duration_s=1.0,
    )


@pytest.mark.parametrize(
    ("scores", "sureness"),
    [
        ({"a": 0.5, "b": 0.5}, 0.0),
        ({"a": 0.1, "b": 0.7, "c": 0.2}, 0.5),
        ({"a": 1.0}, 1.0),
    ],
)
def test_sureness_is_what_parts_the_two_best(scores, sureness):
    assert measure_sureness(predict(scores)) == pytest.approx(sureness)


def test_with_thresholds_the_nearest_counts():
    prediction = predict({"a": 0.9, "b": 0.35})
    assert measure_sureness(prediction, {"a": 0.5, "b": 0.3}) == pytest.approx(0.05)


def test_the_least_sure_come_first_and_silence_is_left_out():
    given = [
        predict({"a": 0.9, "b": 0.1}, name="1"),
        predict({}, name="silent"),
        predict({"a": 0.6, "b": 0.4}, name="2"),
        predict({"a": 0.4, "b": 0.6}, name="3"),
        predict({"a": 0.55, "b": 0.45}, name="4", label=None),
    ]
    ranked = sort_least_sure_first(given)
    assert [one.file for one in ranked] == ["4", "2", "3", "1"]
    assert ranked[0].to_dict()["sureness"] == pytest.approx(0.1)
    assert "sureness" not in given[0].to_dict()


class _Predictor:
    classes = ("a", "b")
    sample_rate = 16000


def write(form, prediction):
    stream = io.StringIO()
    writer = make_writer(form, stream, _Predictor(), top=2, with_sureness=True)
    (ranked,) = sort_least_sure_first([prediction])
    writer.write(ranked)
    return stream.getvalue()


def test_sureness_is_written_in_every_form():
    prediction = predict({"a": 0.75, "b": 0.25})
    assert write("text", prediction) == "a.wav: a (0.75), b (0.25); sureness 0.500\n"
    assert write("csv", prediction).splitlines() == [
        "file,label,a,b,sureness",
        "a.wav,a,0.750000,0.250000,0.500000",
    ]
    assert list(json.loads(write("json", prediction)))[-2:] == [
        "familiarity",
        "sureness",
    ]


@pytest.fixture(scope="module")
def clips():
    from importlib.resources import files

    return sorted(
        str(path)
        for path in files("mfccclf.audio").iterdir()
        if path.name.endswith(".au")
    )[:4]


def test_predict_lists_the_least_sure_first(clips, tmp_path):
    lines = succeed(
        "predict", *clips, "--unsure-first", "--format", "json"
    ).splitlines()
    measured = [json.loads(line)["sureness"] for line in lines]
    assert len(measured) == len(clips)
    assert measured == sorted(measured)
    table = tmp_path / "next.csv"
    succeed(
        "predict",
        *clips,
        "--unsure-first",
        "--first",
        2,
        "--format",
        "csv",
        "-o",
        table,
    )
    assert len(table.read_text().splitlines()) == 3


def test_files_that_cannot_be_read_are_named_before_the_list(clips, tmp_path):
    result = run("predict", clips[0], tmp_path / "none.wav", "--unsure-first")
    assert result.exit_code == 1
    assert result.stdout.count("sureness") == 1
    assert "none.wav does not exist" in result.stderr


def test_only_lists_can_be_out_of_order(clips):
    message = "which --format audacity cannot show"
    arguments = ("predict", clips[0], "--unsure-first", "--format", "audacity")
    fail(*arguments, code=2, message=message)
    fail("predict", clips[0], "--first", 3, code=2, message="--first needs --unsure-f")


def test_a_multilabel_model_tells_its_thresholds():
    assert Predictor("names").thresholds is None
    thresholds = Predictor("instruments").thresholds
    assert thresholds is not None
    assert set(thresholds) == set(Predictor("instruments").classes)
