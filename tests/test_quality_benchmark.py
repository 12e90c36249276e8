"""The comparison of recognisers: folds, runs that go on, and tables."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cli_tools import write_clip
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))  # benchmarks/ is no part of the package

from benchmarks.quality import (  # noqa: E402
    folds,
    measures,
    pages,
    recordings,
    results,
    tables,
)
from benchmarks.quality.command import choose_tasks  # noqa: E402
from benchmarks.quality.export import write_ragged  # noqa: E402
from benchmarks.quality.peers.clips import Clips  # noqa: E402
from benchmarks.quality.peers.run import PEERS  # noqa: E402
from benchmarks.quality.running import Options, run_task  # noqa: E402
from benchmarks.quality.systems import SYSTEMS, System, choose_systems  # noqa: E402
from benchmarks.quality.task import Places, Task, TaskClips  # noqa: E402
from benchmarks.quality.tasks import TASKS  # noqa: E402

PRESET = """
steps:
  - name: extract
    estimator: MFCCExtractor
    parameters: {features: [mfcc], n_frames: null, sample_rate: 8000, n_fft: 256}
  - name: lstm
    estimator: LSTMClassifier
    parameters: {hidden_sizes: [4], max_epochs: 2}
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Tiny data in the layouts of the real ones: digits, and everyday sounds."""
    folder = tmp_path_factory.mktemp("data")
    for digit in range(2):
        for speaker in ("ann", "bob", "cy"):
            for take in range(11):
                path = folder / "digits" / f"{digit}_{speaker}_{take}.wav"
                write_tone(path, 300 + 900 * digit + 7 * take)
    for number, sound in enumerate(("rain", "rooster")):
        for clip in range(6):
            for take in "AB":
                name = f"1-{10 * number + clip}-{take}.wav"
                path = folder / "environment" / sound / name
                write_tone(path, 300 + 900 * number + 11 * clip)
    return folder


def write_tone(path, frequency):
    write_clip(path, frequency=frequency, seed=0, seconds=0.3, sample_rate=8000)


@pytest.fixture
def places(data, tmp_path):
    return Places(data, tmp_path / "work")


@pytest.fixture
def options(places, tmp_path):
    return Options(
        places=places,
        seeds=(0,),
        peer_python=sys.executable,
        results=tmp_path / "results",
    )


# Folds


def test_each_speaker_is_tested_by_what_learned_from_the_others(places):
    clips = recordings.digits_speakers(places)
    assert [fold.name for fold in clips.folds] == ["ann", "bob", "cy"]
    groups = np.array(clips.groups)
    for fold in clips.folds:
        assert set(groups[fold.test]) == {fold.name}
        assert fold.name not in groups[fold.train]
        assert len(fold.train) + len(fold.test) == len(clips.paths)


def test_the_official_part_is_tested_whatever_little_is_learned(places):
    whole = recordings.digits_official(places).folds[0]
    clips = recordings.digits_few(places, per_class=5)
    labels = np.array([label for (label,) in clips.label_sets])
    draws = clips.folds
    assert len(draws) == 3
    for draw in draws:
        np.testing.assert_array_equal(draw.test, whole.test)
        assert set(draw.train) <= set(whole.train)
        assert np.unique(labels[draw.train], return_counts=True)[1].tolist() == [5, 5]
    assert not np.array_equal(draws[0].train, draws[1].train)


def test_folds_are_the_same_every_time(places):
    first = recordings.digits_few(places, per_class=5)
    again = recordings.digits_few(places, per_class=5)
    assert first.fingerprint() == again.fingerprint()
    other = recordings.digits_few(places, per_class=6)
    assert first.fingerprint() != other.fingerprint()


def test_takes_of_one_recording_are_never_on_both_sides(places):
    clips = recordings.environment(places)
    recording = np.array([Path(path).stem.split("-")[1] for path in clips.paths])
    assert len(clips.folds) == 5
    for fold in clips.folds:
        assert not set(recording[fold.train]) & set(recording[fold.test])


def test_every_clip_is_tested_once_by_stratified_folds():
    labels = ["a", "b"] * 10
    found = folds.stratified(labels, None)
    tested = np.concatenate([fold.test for fold in found])
    assert sorted(tested) == list(range(20))
    assert all(np.array(labels)[fold.test].tolist().count("a") == 2 for fold in found)


def test_rendered_notes_must_be_named(places):
    with pytest.raises(SystemExit, match="Give their folder with --rendered"):
        recordings.notes_rendered(places)


# Scores


def test_scores_of_folds_together_are_those_of_all_clips(rng):
    true, said = rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    rows = []
    for part in (slice(0, 20), slice(20, 60)):
        confusion = measures.confuse(
            np.eye(3, dtype=int)[true[part]],
            np.eye(3, dtype=int)[said[part]],
            multilabel=False,
        )
        rows.append({"confusion": confusion})
    scores = measures.score(rows)
    assert scores["accuracy"] == pytest.approx(np.mean(true == said))
    balanced = balanced_accuracy_score(true, said)
    assert scores["balanced_accuracy"] == pytest.approx(balanced)
    assert scores["macro_f1"] == pytest.approx(f1_score(true, said, average="macro"))


def test_scores_of_label_sets_are_those_of_scikit_learn(rng):
    true, values = rng.integers(0, 2, (40, 3)), rng.random((40, 3))
    said = (values > 0.5).astype(int)
    row = {
        "confusion": measures.confuse(true, said, multilabel=True),
        "map": measures.mean_precision(true, values),
        "n_test": 40,
    }
    scores = measures.score([row, row])
    assert scores["macro_f1"] == pytest.approx(f1_score(true, said, average="macro"))
    assert scores["accuracy"] == pytest.approx(np.mean(true == said))
    expected = average_precision_score(true, values, average="macro")
    assert scores["map"] == pytest.approx(expected)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# Runs


@pytest.fixture
def tiny(tmp_path):
    """A preset that learns in no time."""
    preset = tmp_path / "tiny.yaml"
    preset.write_text(PRESET)
    return System(name=str(preset), kind="ours", title="tiny")


def test_a_peer_and_a_preset_are_tested_on_the_same_folds(options, tiny):
    systems = [SYSTEMS["svm"], tiny]
    found = run_task(TASKS["digits-speakers"], systems, options, [].append)
    assert len(found.rows) == 6
    for system in systems:
        rows = found.of(system.name)
        assert [row["fold"] for row in rows] == ["ann", "bob", "cy"]
        assert all(np.sum(row["confusion"]) == 22 for row in rows)
        assert all(row["n_parameters"] > 0 for row in rows)
    assert measures.score(found.of("svm"))["accuracy"] == 1.0


def test_what_was_measured_is_not_measured_again(options, tiny):
    task, lines = TASKS["digits-official"], []
    run_task(task, [tiny], options, lines.append)
    more = replace(options, seeds=(0, 1))
    assert len(run_task(task, [tiny], more, lines.append).rows) == 2
    run_task(task, [tiny], more, lines.append)
    assert [line.split(", ")[1] for line in lines] == ["1 runs", "1 runs"]
    again = replace(options, again=True)
    assert len(run_task(task, [tiny], again, lines.append).rows) == 1


def test_results_of_other_clips_are_not_mixed(options):
    task = TASKS["digits-official"]
    found = run_task(task, [], options, [].append)
    found.facts["fingerprint"] = "0"
    found.write()
    with pytest.raises(SystemExit, match="holds results of other clips or folds"):
        run_task(task, [SYSTEMS["svm"]], options, [].append)


def test_results_of_two_checkouts_come_together(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    make_results(here / "words.json", {("svm", 0, "one"): 10}).write()
    other = {("svm", 0, "one"): 7, ("default", 0, "one"): 9}
    make_results(there / "words.json", other).write()
    results.merge_results(there, here)
    rows = results.read_results("words", here).rows
    assert set(rows) == set(other)
    assert rows["svm", 0, "one"]["confusion"] == [[5, 0], [0, 5]]

    found = make_results(there / "words.json", other)
    found.facts["folds"] = ["three"]
    found.write()
    with pytest.raises(SystemExit, match="is of other clips or folds"):
        results.merge_results(there, here)


@pytest.mark.skipif(
    importlib.util.find_spec("sktime") is not None, reason="sktime is installed"
)
def test_a_peer_without_its_package_is_left_out_by_name(options, tiny):
    lines = []
    systems = [SYSTEMS["minirocket"], tiny]
    found = run_task(TASKS["digits-official"], systems, options, lines.append)
    assert "minirocket is left out: No module named 'sktime'" in lines[0]
    assert "requirements-peers.txt" in lines[0]
    assert {key[0] for key in found.rows} == {tiny.name}


def test_a_peer_on_a_pretrained_net_gets_its_vectors(options):
    lines, systems = [], [SYSTEMS["speech-logistic"]]
    found = run_task(TASKS["digits-official"], systems, options, lines.append)
    (row,) = found.rows.values()
    assert np.trace(row["confusion"]) == np.sum(row["confusion"])
    assert lines[0].startswith("digits-official: speech-logistic, 1 runs")


@pytest.fixture
def embedded(tmp_path):
    """Clips of two labels, of which only the vectors are there."""
    rng = np.random.default_rng(0)
    Y = np.eye(2, dtype=int)[np.arange(24) % 2]
    for kind, width in (("speech", 6), ("music", 9), ("windows", 6)):
        vectors = [
            (rng.standard_normal((18, width)) + 2 * y[0]).astype(np.float32) for y in Y
        ]
        write_ragged(tmp_path / f"vectors-{kind}.npz", vectors)
    return Clips(tmp_path, [], Y, None, 8000, multilabel=False)


@pytest.mark.parametrize(
    "name", [name for name, system in SYSTEMS.items() if system.vectors]
)
def test_peers_on_pretrained_nets_learn(embedded, name, monkeypatch):
    place, kind = PEERS[name]
    module = importlib.import_module(f"benchmarks.quality.peers.{place}")
    monkeypatch.setattr(module, "_N_STEPS", 60, raising=False)
    peer = getattr(module, kind)(embedded)
    peer.fit(range(16), 0)
    predicted, scores = peer.predict(range(16, 24))
    assert scores is None
    np.testing.assert_array_equal(predicted, embedded.Y[16:])
    assert peer.count() > 0


def test_several_labels_get_a_mean_average_precision(options, tiny):
    task = Task(
        name="several",
        title="Several",
        about="Made up.",
        make=several_labels,
        sample_rate=8000,
        measure="macro_f1",
        multilabel=True,
    )
    systems = choose_systems(task, ["svm", "hmm"])
    assert [system.name for system in systems] == ["svm"]
    found = run_task(task, [*systems, tiny], options, [].append)
    for name in ("svm", tiny.name):
        (row,) = found.of(name)
        assert np.shape(row["confusion"]) == (2, 2, 2)
        assert 0 < row["map"] <= 1
    assert found.of("svm")[0]["map"] == pytest.approx(1.0)
    assert "mean average precision" in tables.format_task(task, found)


def several_labels(places):
    plain = recordings.digits_official(places)
    both = ("high", "low")
    sets = [("low",) if label == "0" else both for (label,) in plain.label_sets]
    sets[-1] = ("high",)
    return TaskClips(paths=plain.paths, label_sets=sets, groups=None, folds=plain.folds)


def test_unknown_systems_are_refused():
    with pytest.raises(SystemExit, match="There is no system 'smv'"):
        choose_systems(TASKS["words"], ["smv"])


def test_unknown_tasks_are_refused():
    with pytest.raises(SystemExit, match="There is no task 'word'"):
        choose_tasks(["words", "word"])


def test_any_preset_may_be_named_and_the_tasks_of_a_system_are_kept():
    task = TASKS["words"]
    assert choose_systems(task, ["notes-blstm"])[0].name == "notes-blstm"
    chosen = {system.name for system in choose_systems(task, None)}
    assert "default" in chosen
    assert "names-lstm-14" not in chosen


# Tables


def make_results(path, accuracies):
    """Results of ten clips a fold, two classes; by system, seed and fold."""
    facts = {"folds": ["one", "two"]}
    found = results.Results(path, facts)
    for (system, seed, fold), right in accuracies.items():
        row = {"system": system, "seed": seed, "fold": fold, "n_test": 10}
        row |= {"training_s": 2.0, "n_parameters": 1234}
        row["confusion"] = [[5, 0], [10 - right, right - 5]]
        found.rows[system, seed, fold] = row
    return found


def test_tables_give_mean_deviation_and_the_lowest(tmp_path):
    found = make_results(
        tmp_path / "words.json",
        {
            ("svm", 0, "one"): 10,
            ("svm", 0, "two"): 8,
            ("svm", 1, "one"): 10,
            ("svm", 1, "two"): 6,
            ("default", 0, "one"): 10,
            ("default", 0, "two"): 10,
            ("forest", 0, "one"): 9,
        },
    )
    table = tables.format_task(TASKS["words"], found).splitlines()
    assert len(table) == 4  # the forest has not finished a seed
    assert table[2].startswith("| `default` | 1.000 |")
    assert table[3].startswith("| SVM on MFCC statistics | 0.850 ± 0.071 |")
    assert "| 0.800 | 0.700 (two) | 2.0 s | 1,234 | 2 |" in table[3]


def test_runs_of_a_seed_without_all_folds_do_not_count(tmp_path):
    runs = {("default", 0, "one"): 10, ("default", 0, "two"): 8}
    whole = make_results(tmp_path / "words.json", runs)
    more = make_results(tmp_path / "words.json", {**runs, ("default", 1, "two"): 0})
    more.rows["default", 1, "two"]["training_s"] = 99.0
    assert tables.format_task(TASKS["words"], more) == tables.format_task(
        TASKS["words"], whole
    )


def test_seconds_of_training_elsewhere_do_not_count(tmp_path):
    runs = {("default", seed, fold): 10 for seed in (0, 1) for fold in ("one", "two")}
    found = make_results(tmp_path / "words.json", runs)
    for (_, seed, _), row in found.rows.items():
        if seed == 0:
            row |= {"device": "cuda", "training_s": 50.0}
    assert "| 2.0 s | 1,234 | 2 |" in tables.format_task(TASKS["words"], found)
    for row in found.rows.values():
        row["device"] = "cuda"
    assert "|  | 1,234 | 2 |" in tables.format_task(TASKS["words"], found)


def test_tables_are_written_between_the_marks(tmp_path):
    found = make_results(
        tmp_path / "words.json", {("svm", 0, "one"): 10, ("svm", 0, "two"): 8}
    )
    found.write()
    page = tmp_path / "page.md"
    (start, end), (first, last) = pages.HEAD, pages.TABLES
    page.write_text(
        f"before\n{start}\nformer\n{end}\ntext\n{first}\nformer\n{last}\nafter\n"
    )
    pages.write_tables(page, tmp_path)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith(f"{last}\nafter\n")
    assert "former" not in text
    assert f"{end}\ntext\n{first}" in text
    assert "| Spoken words, unknown speakers | accuracy |  | 0.900" in text
    assert "| Spoken words, unknown speakers | accuracy | 0.99 |  |  |  | 0.900" in text


def test_the_tables_in_the_documentation_are_those_of_the_results(tmp_path):
    page = tmp_path / "quality.md"
    page.write_text(pages.DOCS.read_text())
    pages.write_tables(page)
    assert page.read_text() == pages.DOCS.read_text()
