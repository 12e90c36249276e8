"""Searching: spaces, folds, methods, journal, and the search as a whole."""

from __future__ import annotations

import csv
import json
import math
import sys

import numpy as np
import pytest
import torch
from numpy.random import RandomState
from search_tools import RATE, make_clips, without_times
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from mfccclf import LSTMClassifier, make_pipeline
from mfccclf.errors import MissingExtraError
from mfccclf.plots import plot_search
from mfccclf.search import (
    Fold,
    Journal,
    Range,
    SearchResults,
    block_importance,
    make_folds,
    make_plan,
    open_scheduler,
    parse_space,
    read_space,
    search_pipeline,
)
from mfccclf.search.fitting import FitOutcome
from mfccclf.search.results import SearchRow
from mfccclf.search.strategies import halving_schedule

SPACE = {"hidden_sizes": [[3], [4, 3]], "features": [["mfcc"], 14]}


@pytest.fixture
def pipeline():
    return make_pipeline(
        "names-lstm",
        sample_rate=RATE,
        n_fft=512,
        hop_length=256,
        n_frames=None,
        max_epochs=2,
        lr=0.01,
        random_state=0,
    )


def search(pipeline, space=SPACE, *, cv=3, **options):
    clips, y = make_clips()
    plan = options.pop("plan", None) or make_plan(space)
    folds = make_folds(y, cv=cv)
    return search_pipeline(pipeline, clips, y, plan=plan, folds=folds, **options)


def test_values_of_a_parameter_are_yaml_separated_by_semicolons():
    texts = ["hidden_sizes=[128,32];[64]", "lr=1e-3;0.01", "scale=passthrough"]
    assert parse_space(texts) == {
        "hidden_sizes": [[128, 32], [64]],
        "lr": [0.001, 0.01],
        "scale": ["passthrough"],
    }


def test_a_range_can_be_given_in_a_text_and_in_a_file(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text("lr: {low: 1e-4, high: 0.01, log: true}\ndropout: [0, 0.5]\n")
    expected = Range(low=0.0001, high=0.01, log=True)
    assert read_space(path) == {"lr": expected, "dropout": [0, 0.5]}
    assert parse_space(["lr={low: 1e-4, high: 0.01, log: true}"])["lr"] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr", "The parameter 'lr' is not KEY=V1;V2"),
        ("lr={low: 2, high: 1}", "The range of 'lr' must have numbers low < high"),
        ("lr={low: 0, high: 1, log: true}", "above 0 with log"),
        ("lr={from: 2}", "must have a list of values, or a range"),
        ("lr=[1", "has a value '[1' that is not YAML"),
    ],
)
def test_bad_parameters_are_refused(text, message):
    with pytest.raises(ValueError, match=message.replace("[", r"\[")):
        parse_space([text])


def test_a_parameter_given_twice_is_refused():
    with pytest.raises(ValueError, match="'lr' is given twice"):
        parse_space(["lr=1", "lr=2"])


def test_a_grid_file_without_lists_is_refused(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text("lr: 0.1\n")
    with pytest.raises(ValueError, match="'lr' must have a list of values"):
        read_space(path)
    path.write_text("- lr\n")
    with pytest.raises(ValueError, match="must be a mapping of parameters to lists"):
        read_space(path)
    with pytest.raises(ValueError, match="nothing.yaml cannot be read"):
        read_space(tmp_path / "nothing.yaml")


def test_ranges_give_every_int_the_same_share():
    draw = RandomState(0)
    values = [Range(low=1, high=3).rvs(random_state=draw) for _ in range(3000)]
    counts = np.bincount(values)
    assert set(values) == {1, 2, 3}
    assert counts[1:].min() > 900


def test_logarithmic_ranges_have_their_median_in_the_geometric_mean():
    draw = RandomState(0)
    wide = Range(low=1e-4, high=1e-2, log=True)
    values = [wide.rvs(random_state=draw) for _ in range(2000)]
    assert np.median(values) == pytest.approx(1e-3, rel=0.15)


def test_groups_never_lie_on_both_sides():
    labels = ["a", "b"] * 12
    groups = [f"speaker{number // 6}" for number in range(24)]
    for cv in (None, 2, "groups"):
        folds = make_folds(labels, groups=groups, cv=cv)
        for fold in folds:
            inside = {groups[i] for i in fold.train}
            assert not inside & {groups[i] for i in fold.test}
        assert sorted(np.concatenate([f.test for f in folds])) == list(range(24))
    assert [fold.name for fold in folds] == sorted(set(groups))


def test_folds_have_labels_in_like_shares():
    labels = ["a"] * 20 + ["b"] * 10
    for fold in make_folds(labels, cv=5):
        assert sorted(labels[i] for i in fold.test) == ["a"] * 4 + ["b"] * 2


def test_too_few_clips_or_groups_for_the_folds_are_refused():
    with pytest.raises(
        ValueError, match="2 clips of the rarest label, .*: too few for 3"
    ):
        make_folds(["a", "a", "a", "b", "b"], cv=3)
    with pytest.raises(ValueError, match="1 clip of .* b: too few for 2 folds. Add cl"):
        make_folds(["a", "a", "b"])
    with pytest.raises(ValueError, match="2 groups: too few for 4 folds"):
        make_folds(["a", "b"] * 4, groups=["x", "x", "y", "y"] * 2, cv=4)
    with pytest.raises(ValueError, match="needs data that name two groups or more"):
        make_folds(["a", "b"], cv="groups")
    with pytest.raises(ValueError, match="must be an int >= 2 or 'groups'"):
        make_folds(["a", "b"], cv="loo")


@pytest.mark.parametrize(("n_candidates", "max_epochs"), [(12, 60), (3, 9), (30, 10)])
def test_halving_follows_scikit_learn(n_candidates, max_epochs):
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV

    X, y = RandomState(0).normal(size=(40, 2)), np.repeat([0, 1], 20)
    theirs = HalvingGridSearchCV(
        DecisionTreeClassifier(random_state=0),
        {"min_samples_split": list(range(2, 2 + n_candidates))},
        resource="max_depth",
        max_resources=max_epochs,
        cv=2,
    ).fit(X, y)
    expected = list(zip(theirs.n_candidates_, theirs.n_resources_, strict=True))
    assert halving_schedule(n_candidates, max_epochs) == expected


def test_scores_are_those_of_grid_search_cv(pipeline):
    clips, y = make_clips()
    folds = make_folds(y, cv=3)
    space = {"lstm__hidden_sizes": [[3], [4, 3]], "extract__features": [["mfcc"], 14]}
    theirs = GridSearchCV(
        pipeline,
        space,
        cv=[(fold.train, fold.test) for fold in folds],
        scoring="neg_log_loss",
        refit=False,
    ).fit(clips, y)
    ours = search(pipeline, space, scoring=["neg_log_loss"])
    assert [row.parameters for row in ours.rows] == theirs.cv_results_["params"]
    means = [row.mean("neg_log_loss") for row in ours.rows]
    np.testing.assert_allclose(means, theirs.cv_results_["mean_test_score"], atol=1e-6)


def test_features_are_made_once_per_set_of_front_end_parameters(pipeline):
    made = []

    def extract(front_end, clips):
        made.append(front_end.features)
        return front_end.fit_transform(clips)

    search(pipeline, extract=extract)
    assert made == [["mfcc"], 14]


def test_each_finished_fit_is_reported(pipeline):
    reports = []
    search(pipeline, scoring=["accuracy", "f1_macro"], on_fit=reports.append)
    assert [report.n_done for report in reports] == list(range(1, 13))
    assert {report.n_total for report in reports} == {12}
    assert set(reports[0].outcome.scores) == {"accuracy", "f1_macro"}
    assert reports[-1].left_s == 0


def test_threads_of_torch_are_put_back(pipeline):
    n_threads = torch.get_num_threads()
    search(pipeline, {"hidden_sizes": [[3]]})
    assert torch.get_num_threads() == n_threads


@pytest.mark.slow
def test_two_processes_give_the_scores_of_one(pipeline):
    one = search(pipeline)
    with open_scheduler(n_jobs=2) as scheduler:
        two = search(pipeline, scheduler=scheduler)
    assert without_times(one.to_records()) == without_times(two.to_records())


@pytest.mark.parametrize("method", ["random", "halving", "optuna"])
def test_every_method_is_repeatable(pipeline, method):
    pytest.importorskip("optuna")
    space = {"hidden_sizes": [[3], [4]], "lr": Range(low=1e-3, high=0.1, log=True)}
    plan = make_plan(space, method=method, n_iter=5, max_epochs=3, random_state=1)
    first, second = (search(pipeline, plan=plan, cv=2) for _ in range(2))
    assert without_times(first.to_records()) == without_times(second.to_records())
    assert len(first.rows) == plan.n_candidates


def test_halving_trains_the_best_third_for_more_epochs(pipeline):
    plan = make_plan({"hidden_sizes": [[3], [4], [5]]}, method="halving", max_epochs=6)
    results = search(pipeline, plan=plan, cv=2)
    assert [row.n_epochs for row in results.rows] == [2, 2, 2, 6]
    first = {str(row.parameters): row.mean("accuracy") for row in results.rows[:3]}
    assert first[str(results.rows[3].parameters)] == max(first.values())
    assert results.best is results.rows[3]


def test_epochs_that_the_data_decide_on_are_known_before_a_fit(pipeline):
    space = {"max_epochs": ["auto", 2], "hidden_sizes": [[3]]}
    results = search(pipeline, space, cv=2)
    assert [row.n_epochs for row in results.rows] == [100, 2]  # one step an epoch
    assert not any(fit.error for row in results.rows for fit in row.outcomes)


def test_a_grid_takes_no_ranges():
    with pytest.raises(ValueError, match="'lr' has a range, and a grid needs lists"):
        make_plan({"lr": Range(low=0.1, high=0.2)})


def test_unknown_methods_and_scores_are_refused(pipeline):
    with pytest.raises(ValueError, match="Did you mean 'halving'"):
        make_plan({}, method="halve")
    with pytest.raises(ValueError, match="no scorer 'accuracies'. Did you mean"):
        search(pipeline, scoring=["accuracies"])


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"hidden_sizes": [[4], [0]]}, "hidden_sizes"),
        ({"lr": [0.1, -1]}, "lr"),
        ({"n_mfcc": [13, 0]}, "n_mfcc"),
        ({"hiden_sizes": [[4]]}, "Did you mean 'hidden_sizes'"),
    ],
)
def test_values_that_cannot_be_used_stop_the_search_before_any_fit(
    pipeline, space, message
):
    reports = []
    with pytest.raises(ValueError, match=message):
        search(pipeline, space, on_fit=reports.append)
    assert reports == []


def test_a_training_that_diverges_is_ranked_last(pipeline):
    pipeline.set_params(lstm__optimizer="sgd", lstm__max_epochs=8)
    results = search(pipeline, {"lr": [3e38, 0.01]}, cv=2)
    assert results.best.parameters == {"lstm__lr": 0.01}
    record = results.to_records()[0]
    assert record["rank"] == 2
    assert math.isnan(record["mean_test_accuracy"])
    assert "diverged" in record["error"]


def test_a_search_where_all_fits_fail_says_why(pipeline):
    pipeline.set_params(lstm__optimizer="sgd", lstm__max_epochs=8)
    results = search(pipeline, {"lr": [3e38]}, cv=2)
    with pytest.raises(ValueError, match="Every combination failed. .* diverged"):
        _ = results.best


def test_of_equal_scores_the_smaller_net_wins():
    fit = FitOutcome(key="", scores={"accuracy": 0.5}, fit_s=0, score_s=0)
    rows = [
        SearchRow(parameters={"a": n}, n_epochs=1, n_parameters=n, outcomes=[fit])
        for n in (30, 10, 20)
    ]
    ranking = SearchResults(rows=rows).ranking()
    assert [row.n_parameters for row in ranking] == [10, 20, 30]


def test_tables_hold_parameters_scores_times_and_ranks(pipeline, tmp_path):
    results = search(pipeline, scoring=["accuracy", "f1_macro"])
    csv_path, json_path = results.save(tmp_path)
    content = json.loads(json_path.read_text())
    with open(csv_path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(content["results"]) == 4
    assert sorted(int(row["rank"]) for row in rows) == [1, 2, 3, 4]
    assert content["best_parameters"] == results.best.parameters
    best = min(content["results"], key=lambda row: row["rank"])
    folds = [best[f"split{number}_test_accuracy"] for number in range(3)]
    assert best["mean_test_accuracy"] == pytest.approx(np.mean(folds))
    assert {"n_parameters", "mean_fit_time", "mean_score_time"} < set(rows[0])


def test_results_are_drawn(pipeline, tmp_path):
    pytest.importorskip("matplotlib")
    path = plot_search(search(pipeline), tmp_path / "results.png")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_missing_extras_are_named(pipeline, tmp_path, monkeypatch):
    for name in ("matplotlib.figure", "optuna"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"mfccclf\[plots\]"):
        plot_search(SearchResults(), tmp_path / "results.png")
    with pytest.raises(MissingExtraError, match=r"mfccclf\[tune\]"):
        make_plan({"lr": [1]}, method="optuna")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with (
        pytest.raises(MissingExtraError, match=r"mfccclf\[dask\]"),
        open_scheduler("local"),
    ):
        pass


def journal_at(folder, *, resume=False, seed=0):
    return Journal(folder, identity={"the seed": seed}, resume=resume)


def test_finished_fits_are_not_repeated(pipeline, tmp_path):
    whole = search(pipeline)
    with journal_at(tmp_path) as journal:
        search(pipeline, {"hidden_sizes": [[3]], "features": [14]}, journal=journal)
    reports = []
    with journal_at(tmp_path, resume=True) as journal:
        resumed = search(pipeline, journal=journal, on_fit=reports.append)
    assert journal.n_found == 3
    assert [report.n_done for report in reports] == list(range(4, 13))
    assert without_times(resumed.to_records()) == without_times(whole.to_records())


def test_a_line_that_was_cut_short_or_damaged_is_left_out(tmp_path):
    with journal_at(tmp_path) as journal:
        for key in "abc":
            journal.add(key, {"value": key})
    path = tmp_path / "fits.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"b"', b'"x"')
    path.write_bytes(b"".join(lines)[:-5])
    with journal_at(tmp_path, resume=True) as journal:
        assert set(journal.records) == {"a"}
        journal.add("d", {"value": "d"})
    with journal_at(tmp_path, resume=True) as journal:
        assert set(journal.records) == {"a", "d"}


def test_an_unfinished_search_is_not_overwritten(tmp_path):
    with journal_at(tmp_path) as journal:
        journal.add("a", {})
    with (
        pytest.raises(ValueError, match="1 finished fit.s. of an interrupted search"),
        journal_at(tmp_path),
    ):
        pass
    with journal_at(tmp_path, resume=True) as journal:
        journal.finish()
    with journal_at(tmp_path) as journal:
        assert journal.records == {}


def test_another_search_is_not_resumed(tmp_path):
    with journal_at(tmp_path) as journal:
        journal.add("a", {})
    with (
        pytest.raises(ValueError, match="another search. It differs in the seed."),
        journal_at(tmp_path, resume=True, seed=1),
    ):
        pass


def test_what_a_killed_process_left_is_removed(tmp_path):
    (tmp_path / "features-abc").mkdir()
    (tmp_path / ".results-abc.csv").touch()
    with journal_at(tmp_path):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {"fits.jsonl", "lock"}


def test_two_searches_cannot_share_a_folder(tmp_path):
    pytest.importorskip("fcntl")
    with (
        journal_at(tmp_path),
        pytest.raises(ValueError, match="Another search is writing to"),
        journal_at(tmp_path),
    ):
        pass


def test_a_scheduler_that_is_not_there_is_named():
    pytest.importorskip("distributed")
    with (
        pytest.raises(ValueError, match="must be 'local' or an address such as tcp"),
        open_scheduler("somewhere"),
    ):
        pass


def test_clips_set_aside_for_early_stopping_keep_groups_whole(pipeline):
    pipeline.set_params(lstm__early_stopping=True, lstm__validation_fraction=0.4)
    groups = [f"speaker{number % 3}" for number in range(12)]
    results = search(pipeline, {"hidden_sizes": [[3]]}, cv=2, groups=groups)
    assert not math.isnan(results.best.mean("accuracy"))


def test_blocks_that_matter_cost_the_score_when_shuffled():
    rng = np.random.default_rng(0)
    y = np.repeat(["a", "b"], 20)
    X = rng.normal(0, 0.1, (40, 6, 4)).astype(np.float32)
    X[y == "b", :, 2:] += 1.0
    X[::3, 4:] = np.nan
    classifier = LSTMClassifier(
        hidden_sizes=(4,), max_epochs=20, lr=0.03, random_state=0
    ).fit(X, y)
    before = X.copy()
    found = block_importance(
        classifier, X, y, ["mfcc_0", "mfcc_1", "chroma_0", "chroma_1"], random_state=0
    )
    assert set(found) == {"mfcc", "chroma"}
    assert found["chroma"].importances_mean > 0.3
    assert abs(found["mfcc"].importances_mean) < 0.05
    np.testing.assert_array_equal(X, before)


def test_names_of_blocks_must_fit_the_columns():
    with pytest.raises(ValueError, match="'feature_names' .* one name per column"):
        block_importance(None, np.zeros((2, 3, 4)), ["a", "b"], ["mfcc_0"])


def test_a_fold_of_ones_own_can_be_given(pipeline):
    clips, y = make_clips()
    fold = Fold(name="mine", train=np.arange(0, 12, 2), test=np.arange(1, 12, 2))
    results = search_pipeline(
        pipeline, clips, y, plan=make_plan({"lr": [0.01]}), folds=[fold]
    )
    assert results.fold_names == ("mine",)
