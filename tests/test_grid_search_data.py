"""``mfccclf grid-search`` on several labels, features on disk and other clips."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cli_tools import fail, succeed
from search_tools import write_data
from test_multilabel_training import write_mixture

from mfccclf import load_dataset, make_pipeline
from mfccclf.persistence import load_model
from mfccclf.prediction import ModelFile
from mfccclf.search import make_folds, make_plan, search_pipeline
from mfccclf.search.fitting import FitOutcome
from mfccclf.search.results import SearchRow
from mfccclf.search.scorers import FixedClassifier, make_scorers
from mfccclf.search.search_targets import read_targets

FRONT_END = ["sample_rate=8000", "n_fft=512", "hop_length=256", "n_frames=20"]
SETTINGS = [part for setting in FRONT_END for part in ("--set", setting)]
SMALL = ["--preset", "names-lstm-14", *SETTINGS]
GRID = ["--param", "hidden_sizes=[3];[4]", "--epochs", 2]
CNN = ["--preset", "polyphonic-cnn", "--set", "channels=[4]", "--epochs", 6]
SETS = [("low",), ("high",), ("low", "high")]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MFCCCLF_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def mixtures(tmp_path):
    """A CSV file of 12 mixtures of two tones, in groups of two."""
    rows = ["path,label,group"]
    for index in range(12):
        write_mixture(tmp_path / f"{index}.wav", SETS[index % 3], index)
        rows.append(f"{index}.wav,{';'.join(SETS[index % 3])},{index // 2}")
    table = tmp_path / "labels.csv"
    table.write_text("\n".join(rows) + "\n")
    return table


@pytest.fixture
def split_data(tmp_path):
    return write_data(tmp_path / "data", splits=True)


def results_of(output):
    return json.loads((output.with_suffix(".search") / "results.json").read_text())


def means_of(output, scorer="accuracy"):
    return [row[f"mean_test_{scorer}"] for row in results_of(output)["results"]]


def test_several_labels_are_searched_by_macro_f1(mixtures, tmp_path):
    output = tmp_path / "tones.mfccclf"
    printed = succeed(
        *("grid-search", mixtures, "-o", output, *CNN, "--cv", 3),
        *("--param", "lr=0.001;0.03"),
    )
    assert "macro F1" in printed
    results = results_of(output)
    assert results["scoring"] == ["f1_macro"]
    assert results["folds"] == ["1", "2", "3"]
    assert max(means_of(output, "f1_macro")) > 0.5


def test_the_winner_of_several_labels_has_the_thresholds_of_its_folds(
    mixtures, tmp_path
):
    output = tmp_path / "tones.mfccclf"
    command = ("grid-search", mixtures, "-o", output, *CNN, "--cv", 3)
    succeed(*command, "--param", "lr=0.01")
    lines = (output.with_suffix(".search") / "fits.jsonl").read_text().splitlines()
    fits = [json.loads(line.partition(" ")[2]) for line in lines]
    per_fold = [fit["record"]["thresholds"] for fit in fits if "record" in fit]
    config = ModelFile(output).config
    assert config["classes"] == ["high", "low"]
    np.testing.assert_allclose(config["thresholds"], np.mean(per_fold, axis=0))
    assert config["training"]["thresholds"] == "tuned on the folds of a search"
    assert "3 fits were finished" in succeed(*command, "--param", "lr=0.01", "--resume")
    assert ModelFile(output).config["thresholds"] == config["thresholds"]


def test_clips_of_one_label_can_be_searched_as_if_of_several(split_data, tmp_path):
    output = tmp_path / "best.mfccclf"
    succeed("grid-search", split_data, "-o", output, *SMALL, *GRID, "--multi-label")
    assert results_of(output)["scoring"] == ["f1_macro"]
    model = load_model(output)
    assert model[-1].multilabel_
    training = ModelFile(output).config["training"]
    assert training["thresholds"] == "tuned on the validation clips"


def test_scores_that_need_one_label_per_clip_are_refused(mixtures, tmp_path):
    refused = fail(
        *("grid-search", mixtures, "-o", tmp_path / "a.mfccclf", *CNN),
        *("--param", "lr=0.01", "--scoring", "balanced_accuracy"),
        code=2,
        message="'balanced_accuracy' does not take several labels per clip",
    )
    assert "one of f1_macro, f1_micro, average_precision or neg_log_" in refused.stderr


@pytest.mark.parametrize(
    "name", ["accuracy", "f1_micro", "f1_samples", "average_precision", "roc_auc"]
)
def test_the_usual_scores_take_several_labels(name):
    assert list(make_scorers([name], read_targets(SETS))) == [name]


def test_scores_that_do_not_take_the_labels_are_refused_before_any_fit():
    targets = read_targets(["a", "b", "c"])
    with pytest.raises(ValueError, match="'f1' does not take these labels .*f1_macro"):
        make_scorers(["f1"], targets)


def test_the_log_loss_of_several_labels_is_the_mean_over_clips_and_labels():
    targets = read_targets(np.array([[1, 0], [0, 1]]))
    answers = FixedClassifier.multilabel(np.array([[0.5, 0.5], [0.25, 0.5]]))
    score = make_scorers(["neg_log_loss"], targets)["neg_log_loss"]
    expected = np.mean(np.log([0.5, 0.5, 0.75, 0.5]))
    assert score(answers, targets.y, targets.y) == pytest.approx(expected)


def test_folds_of_several_labels_have_them_in_like_shares_and_keep_groups_whole():
    labels = [("a",), ("a", "b"), ("b",), ("a",)] * 6
    for fold in make_folds(labels, cv=3):
        names = [name for i in fold.test for name in labels[i]]
        assert (names.count("a"), names.count("b")) == (6, 4)
    groups = [str(index // 4) for index in range(24)]
    for fold in make_folds(labels, groups=groups, cv=3):
        inside = {groups[i] for i in fold.train}
        assert not inside & {groups[i] for i in fold.test}


def test_weights_of_labels_keep_their_names_in_a_search(mixtures):
    clips = load_dataset(mixtures)
    pipeline = make_pipeline(
        "polyphonic-cnn", channels=(4,), max_epochs=1, random_state=0
    )
    arguments = {"folds": make_folds(clips.label_sets, cv=2)}
    space = {"class_weight": [None, {"low": 3.0}]}
    found = search_pipeline(
        pipeline, clips.paths, clips.label_sets, plan=make_plan(space), **arguments
    )
    plain, weighted = found.rows
    assert weighted.parameters == {"cnn__class_weight": {"low": 3.0}}
    assert plain.outcomes[0].thresholds != weighted.outcomes[0].thresholds
    with pytest.raises(
        ValueError, match="names 'lo', a label of no clip. Did you mean"
    ):
        search_pipeline(
            pipeline,
            clips.paths,
            clips.label_sets,
            plan=make_plan({"class_weight": [{"lo": 3.0}]}),
            **arguments,
        )


def test_a_label_that_no_fold_scores_has_a_threshold_of_one_half():
    nan = float("nan")
    fits = [
        FitOutcome(key="", scores={}, fit_s=0, score_s=0, thresholds=thresholds)
        for thresholds in ([0.2, nan, nan], [0.4, 0.3, nan])
    ]
    row = SearchRow(parameters={}, n_epochs=1, n_parameters=1, outcomes=fits)
    assert row.thresholds == pytest.approx([0.3, 0.3, 0.5])
    read = FitOutcome.from_dict(json.loads(json.dumps(fits[0].to_dict())))
    np.testing.assert_array_equal(read.thresholds, fits[0].thresholds)


@pytest.mark.parametrize(
    ("kind", "folds"), [(".npz", []), (".mfccdata", ["--cv", "groups"])]
)
def test_features_on_disk_give_the_search_of_their_clips(
    split_data, tmp_path, kind, folds
):
    features = tmp_path / f"features{kind}"
    preset = SMALL[:2]
    succeed("extract", split_data, "-o", features, *preset, *SETTINGS)
    for name, data in (("clips", split_data), ("disk", features)):
        output = tmp_path / f"{name}.mfccclf"
        succeed("grid-search", data, "-o", output, *SMALL, *GRID, *folds)
    clips, disk = tmp_path / "clips.mfccclf", tmp_path / "disk.mfccclf"
    assert means_of(clips) == means_of(disk)
    assert results_of(clips)["folds"] == results_of(disk)["folds"]
    for ours, theirs in zip(*(weights_of(path) for path in (clips, disk)), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def weights_of(path):
    return [v.numpy() for v in load_model(path)[-1].net_.module_.state_dict().values()]


def test_features_on_disk_cannot_be_searched_for(split_data, tmp_path):
    features = tmp_path / "features.mfccdata"
    succeed("extract", split_data, "-o", features, *SMALL)
    output = tmp_path / "best.mfccclf"
    command = ("grid-search", features, "-o", output, *SMALL)
    message = "features that are made already, so 'n_fft' cannot be searched for"
    fail(*command, "--param", "n_fft=256;512", code=1, message=message)
    message = "n_mels=128, but the preset names-lstm-14 needs n_mels=20"
    fail(*command, "--set", "n_mels=20", "--param", "lr=1", code=1, message=message)


def test_other_validation_clips_can_be_named(split_data, tmp_path):
    other = write_data(tmp_path / "other")
    output = tmp_path / "best.mfccclf"
    command = ("grid-search", split_data, "-o", output, *SMALL, *GRID)
    succeed(*command, "--validation", other)
    assert results_of(output)["folds"] == ["validation"]
    assert ModelFile(output).config["training"]["n_validation_clips"] == 12


def test_unknown_labels_of_validation_clips_stop_a_search_before_any_fit(
    mixtures, split_data, tmp_path
):
    table = tmp_path / "strange.csv"
    table.write_text("path,label\n0.wav,middle\n1.wav,low\n")
    output = tmp_path / "best.mfccclf"
    command = ("grid-search", split_data, "-o", output, *SMALL, *GRID)
    message = "have labels that no training clip has: middle"
    fail(*command, "--validation", table, code=1, message=message)
    assert not output.with_suffix(".search").exists()
