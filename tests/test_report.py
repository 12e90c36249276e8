"""Reports: what is in them, that they are safe to open, and whole or not there."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import fail, run, succeed, write_clip
from matplotlib.figure import Figure

from mfccclf import Dataset, evaluate, load_dataset, load_model, save_model
from mfccclf.errors import MissingExtraError
from mfccclf.plots._canvas import figure_to_png
from mfccclf.report import ReportFiles, check_report_folder, write_report
from mfccclf.report.examples import choose_examples, choose_multilabel_examples
from mfccclf.workflows import (
    EvaluationResult,
    RecogniserOptions,
    TrainingData,
    train_recogniser,
)

ODD_LABELS = ['<script>alert("1")</script>', "$x_1$", "二胡 & dizi", "long" * 30]
VOID = {"img", "meta"}
TINY = {"hidden_sizes": [4], "features": 14, "max_epochs": 1}


def train_tiny(clips):
    options = RecogniserOptions(preset="scratch", overrides=TINY)
    return train_recogniser(TrainingData(clips), options)


class Page(HTMLParser):
    """Reads a page; fails where a tag is not closed or an attribute is twice there."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts, self.rows = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if self.open[-1:] in (["td"], ["th"]):
            self.rows[-1].append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def read(files: ReportFiles) -> Page:
    return Page(files.page.read_text("utf-8"))


def result_of(clips, probabilities, classes):
    probabilities = np.asarray(probabilities, dtype=float)
    return EvaluationResult(
        scores=evaluate(clips.labels, probabilities, classes),
        seen_in_training=False,
        probabilities=probabilities,
    )


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def model(trained):
    return trained[0]


@pytest.fixture(scope="module")
def clips(recordings):
    return load_dataset(recordings)


@pytest.fixture(scope="module")
def pair(clips):
    """One clip of each label, for what does not depend on the clips."""
    rows = [clips.labels.index(label) for label in ("high", "low")]
    paths = [clips.paths[row] for row in rows]
    return Dataset(paths, ["high", "low"], None, None, "table", "pair", clips.root)


@pytest.fixture
def blank_pictures(monkeypatch):
    """Drawing takes the longest, and is not what such a test is about."""
    blank = figure_to_png(Figure((1, 1)))
    monkeypatch.setattr("mfccclf.report.pictures.figure_to_png", lambda _: blank)


@pytest.fixture(scope="module")
def report(model, clips, tmp_path_factory):
    return write_report(model, clips, tmp_path_factory.mktemp("r") / "report")


@pytest.fixture(scope="module")
def odd_report(tmp_path_factory):
    """A report of a model and files with names that a page must not take for tags."""
    folder = tmp_path_factory.mktemp("odd")
    paths = [
        str(write_clip(folder / f"<b>&'{k}\".wav", frequency=300 * (k % 4), seed=k))
        for k in range(8)
    ]
    clips = Dataset(
        paths=paths,
        labels=[ODD_LABELS[k % 4] for k in range(8)],
        groups=None,
        splits=None,
        layout="table",
        name="<i>data</i>",
        root=str(folder),
    )
    path = train_recogniser(
        TrainingData(clips), RecogniserOptions(preset="scratch", overrides=TINY)
    ).save(folder / "a & b.mfccclf")
    return write_report(path, clips, folder / "report")


# What is in it


def test_the_page_is_well_formed_and_needs_nothing_else(report):
    page = read(report)
    for name in ("script", "link", "iframe", "object"):
        assert page.all(name) == []
    for tag in ("img", "audio"):
        assert page.all(tag)
        assert all(attrs["src"].startswith("data:") for attrs in page.all(tag))
    text = report.page.read_text("utf-8")
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    assert "@import" not in text


def test_every_picture_is_a_file_too_and_says_what_it_shows(report):
    page = read(report)
    inside = [base64.b64decode(i["src"].partition(",")[2]) for i in page.all("img")]
    assert inside == [path.read_bytes() for path in report.pictures]
    assert all(len(attrs["alt"]) > 20 for attrs in page.all("img"))
    names = [path.relative_to(report.folder).as_posix() for path in report.pictures]
    assert names[:6] == [
        "learning-curves.png",
        "confusion-counts.png",
        "confusion-shares.png",
        "class-scores.png",
        "calibration.png",
        "waveforms.png",
    ]
    assert "clips/01-high-highest.png" in names


def test_the_head_tells_scores_model_and_data(report, model, recordings):
    page = read(report)
    for text in (
        f"{model.name} on {recordings.name}",
        "Balanced accuracy",
        "Macro F1",
        "Training time",
        f"{model.stat().st_size / 1000:,.0f} KB",
        "yes, these very clips",
        "Its scores on new clips will be lower.",
    ):
        assert text in page.text
    assert "30; the model has the weights of epoch 30" in page.text
    assert "Listens to whole clips" in page.text
    n_parameters = json.loads(report.manifest.read_text())["n_parameters"]
    assert f"Parameters {n_parameters:,}" in page.text


def test_the_manifest_has_the_scores_and_the_files(report):
    facts = json.loads(report.manifest.read_text())
    assert facts["scores"]["n_clips"] == 12
    on_disk = set(contents(report.folder)) - {"report.json"}
    assert set(facts["files"]) == on_disk
    assert {clip["label"] for clip in facts["clips"]} == {"low", "high"}


def test_each_clip_can_be_heard(report):
    audio = read(report).all("audio")
    content = base64.b64decode(audio[0]["src"].partition(",")[2])
    wave, rate = soundfile.read(io.BytesIO(content))
    assert rate == 16000
    assert len(wave) == pytest.approx(0.7 * rate, abs=1)
    assert 0.3 < np.abs(wave).max() < 0.5
    assert "controls" in audio[0]


@pytest.mark.usefixtures("blank_pictures")
def test_sound_is_cut_after_five_seconds_and_says_so(model, tmp_path):
    for label in ("low", "high"):
        path = tmp_path / "data" / label / "a.wav"
        write_clip(path, frequency=500, seed=0, seconds=5.5)
    clips = load_dataset(tmp_path / "data")
    page = read(write_report(model, clips, tmp_path / "report"))
    assert "The first 5 s of 5.50 s" in page.text
    content = base64.b64decode(page.all("audio")[0]["src"].partition(",")[2])
    assert soundfile.info(io.BytesIO(content)).duration == 5.0


@pytest.mark.usefixtures("blank_pictures")
def test_mistaken_and_mixed_clips_are_named_as_such(model, clips, tmp_path):
    rows = np.full((12, 2), 0.5)
    high = np.flatnonzero(np.array(clips.labels) == "high")
    rows[high, 0] = [0.9, 0.8, 0.52, 0.45, 0.2, 0.1]
    rows[:, 1] = 1 - rows[:, 0]
    result = result_of(clips, rows, ["high", "low"])
    files = write_report(model, clips, tmp_path / "report", result=result)
    facts = json.loads(files.manifest.read_text())
    roles = {
        tuple(clip["roles"]): clip["file"]
        for clip in facts["clips"]
        if clip["label"] == "high"
    }
    assert roles == {
        ("highest",): "high/0.wav",
        ("over-half",): "high/1.wav",
        ("lowest", "mixed"): "high/2.wav",
        ("nearest",): "high/3.wav",
        ("farthest",): "high/5.wav",
    }
    page = read(files)
    assert "3 of 6 clips recognised." in page.text
    assert "0 of 6 clips recognised." in page.text
    assert "Mistaken, farthest from right" in page.text
    assert "high low 3 of 6" in page.text


@pytest.mark.usefixtures("blank_pictures")
def test_no_mistaken_clip(model, clips, tmp_path):
    rows = [[0.99, 0.01] if label == "high" else [0.01, 0.99] for label in clips.labels]
    result = result_of(clips, rows, ["high", "low"])
    page = read(write_report(model, clips, tmp_path / "report", result=result))
    assert "No clip was mistaken." in page.text
    assert "Mistaken, nearest" not in page.text
    assert "None has another label within 0.1." in page.text


@pytest.mark.usefixtures("blank_pictures")
def test_a_label_without_clips_is_named(model, recordings, tmp_path):
    clips = load_dataset(recordings)
    rows = [k for k, label in enumerate(clips.labels) if label == "low"]
    paths = [clips.paths[k] for k in rows]
    low = Dataset(paths, ["low"] * 6, None, None, "folders", "low only")
    page = read(write_report(model, low, tmp_path / "report"))
    assert "No clips in these data: high." in page.text
    assert [attrs["href"] for attrs in page.all("a")] == ["#label-2"]
    high = next(row for row in page.rows if row[0] == "high")
    assert high == ["high", *["\N{EN DASH}"] * 3, "0"]
    assert "A dash marks an undefined score" in page.text


def test_a_model_without_history_has_no_curves(model, pair, tmp_path):
    path = save_model(load_model(model), tmp_path / "bare.mfccclf")
    files = write_report(path, pair, tmp_path / "report")
    assert not (files.folder / "learning-curves.png").exists()
    page = read(files)
    assert "does not record how its training went" in page.text
    assert "Training time not recorded in the model file" in page.text
    assert "unknown: not recorded in the model file" in page.text


@pytest.mark.usefixtures("blank_pictures")
def test_odd_facts_in_a_model_file_are_shown_as_they_are(model, pair, tmp_path):
    metadata = {
        "training": {"data": "<x>", "n_clips": "many", "n_epochs": [1], "seed": None},
        "history": [{"train_loss": "low"}, {"epoch": 2}],
        "description": "<b>best</b>",
    }
    path = tmp_path / "odd.mfccclf"
    save_model(load_model(model), path, metadata=metadata)
    page = read(write_report(path, pair, tmp_path / "report"))
    assert "Trained on <x>, many clips" in page.text
    assert "<b>best</b>" in page.text
    assert "does not record how its training went" in page.text


@pytest.mark.usefixtures("blank_pictures")
def test_a_shipped_model_goes_by_its_name(tmp_path):
    samples = load_dataset(Path(__file__).parents[1] / "audio")
    page = read(write_report("names", samples, tmp_path / "report"))
    assert "names on audio" in page.text


def test_several_labels_per_clip_leave_out_what_makes_no_sense(tmp_path):
    paths = [
        str(write_clip(tmp_path / f"{k}.wav", frequency=400 + 900 * (k % 2), seed=k))
        for k in range(8)
    ]
    labels = ["flute", "flute;horn", "horn", "flute;horn"] * 2
    clips = Dataset(paths, labels, None, None, "table", "duets")
    path = train_recogniser(
        TrainingData(clips), RecogniserOptions(preset="scratch", overrides=TINY)
    ).save(tmp_path / "duets.mfccclf")
    files = write_report(path, clips, tmp_path / "report")
    page = read(files)
    assert "Average precision" in page.text
    assert "Exact match" in page.text
    assert "Naming every label" in page.text
    decisions = json.loads(files.manifest.read_text())["scores"]["confusion"][0]
    (absent, wrong), (missed, named) = decisions
    assert ["flute", *map(str, (named, missed, wrong, absent))] in page.rows
    assert "Does not have it, highest score" in page.text
    assert len(page.all("audio")) in (5, 6)
    assert not (files.folder / "confusion-counts.png").exists()


# Safety of the page


def test_names_and_labels_are_escaped(odd_report):
    page = read(odd_report)
    assert page.all("script") == []
    assert page.all("b") == []
    text = page.text
    assert '<script>alert("1")</script>' in text
    assert "<b>&'0\".wav" in text
    assert "a & b.mfccclf on <i>data</i>" in text
    assert "二胡 & dizi" in text


def test_files_have_plain_names(odd_report):
    names = [path.name for path in odd_report.pictures]
    assert all(re.fullmatch(r"[a-z0-9-]+\.png", name) for name in names)
    assert len(set(names)) == len(names)


def test_names_that_are_not_utf_8_are_shown(model, recordings, tmp_path):
    source = recordings / "low" / "0.wav"
    odd = os.fsdecode(os.fsencode(tmp_path / "low.") + b"\xff.wav")
    try:
        with open(odd, "wb") as file:
            file.write(source.read_bytes())
    except OSError:
        pytest.skip("file names here are UTF-8")
    clips = Dataset([odd], ["low"], None, None, "names", "odd", str(tmp_path))
    assert "low.\\udcff.wav" in read(write_report(model, clips, tmp_path / "r")).text


# The folder


def test_the_same_model_and_clips_give_the_same_files(report, model, clips, tmp_path):
    again = write_report(model, clips, tmp_path / "report")
    assert contents(again.folder) == contents(report.folder)


@pytest.mark.usefixtures("blank_pictures")
def test_an_earlier_report_is_replaced_whole(model, pair, tmp_path):
    first = write_report(model, pair, tmp_path / "report")
    rows = [[0.99, 0.01]] * 2
    result = result_of(pair, rows, ["high", "low"])
    second = write_report(model, pair, tmp_path / "report", result=result)
    facts = json.loads(second.manifest.read_text())
    assert facts["scores"]["accuracy"] == 0.5
    assert set(contents(first.folder)) == {*facts["files"], "report.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.usefixtures("blank_pictures")
def test_an_empty_folder_is_filled(model, pair, tmp_path):
    (tmp_path / "report").mkdir()
    assert write_report(model, pair, tmp_path / "report").page.is_file()


@pytest.mark.usefixtures("blank_pictures")
@pytest.mark.parametrize("beside", ["notes.txt", "clips/mine.png"])
def test_a_folder_with_other_files_is_left_alone(beside, model, pair, tmp_path):
    files = write_report(model, pair, tmp_path / "report")
    (files.folder / beside).write_text("mine")
    before = contents(files.folder)
    with pytest.raises(ValueError, match="must be a new or empty folder, or an earlie"):
        write_report(model, pair, files.folder)
    assert contents(files.folder) == before


def test_files_and_foreign_folders_are_left_alone(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "report.json").write_text('{"files": ["report.html"]}')
    for name in ("file", "other"):
        with pytest.raises(ValueError, match=f"{name}' instead. Choose another name"):
            check_report_folder(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="does not exist. Make it first"):
        check_report_folder(tmp_path / "missing" / "report")
    monkeypatch.chdir(tmp_path / "other")
    with pytest.raises(ValueError, match="must be a new or empty folder"):
        check_report_folder(".")


@pytest.mark.usefixtures("blank_pictures")
def test_failure_leaves_the_earlier_report_and_nothing_else(
    model, pair, tmp_path, monkeypatch
):
    files = write_report(model, pair, tmp_path / "report")
    before = contents(files.folder)

    def break_off(*_):
        raise OSError("no room")

    monkeypatch.setattr("mfccclf.report.writing.write_page", break_off)
    with pytest.raises(OSError, match="no room"):
        write_report(model, pair, files.folder)
    assert contents(files.folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.usefixtures("blank_pictures")
def test_a_link_to_a_report_stays_a_link(model, pair, tmp_path):
    write_report(model, pair, tmp_path / "report")
    (tmp_path / "latest").symlink_to("report", target_is_directory=True)
    write_report(model, pair, tmp_path / "latest")
    assert (tmp_path / "latest").is_symlink()
    assert (tmp_path / "report" / "report.html").is_file()


@pytest.mark.parametrize("package", ["matplotlib.figure", "jinja2"])
def test_missing_packages_are_named_before_the_clips_are_read(
    package, model, pair, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr("mfccclf.report.writing.evaluate_model", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mfccclf\[plots\]'"):
        write_report(model, pair, tmp_path / "report")
    assert list(tmp_path.iterdir()) == []


# Which clips


def test_ties_go_to_the_first_clip_and_the_first_label():
    (first, second) = choose_examples([0, 0, 1], [[0.5, 0.5]] * 3)
    assert [(e.clip, e.roles) for e in first] == [(0, ("highest", "lowest", "mixed"))]
    assert [(e.clip, e.roles) for e in second] == [
        (2, ("nearest", "farthest", "mixed"))
    ]


def test_a_label_without_clips_has_no_examples():
    assert choose_examples([0], [[0.7, 0.2, 0.1]])[1:] == [[], []]


def test_mixed_is_about_the_true_label():
    # Two wrong labels are close to each other, the true one is far below both.
    assert choose_examples([2], [[0.45, 0.45, 0.1]])[2][0].roles == (
        "nearest",
        "farthest",
    )


def test_several_labels_are_shown_by_the_score_of_each_label():
    present = [[1, 0], [1, 1], [0, 0]]
    first, second = choose_multilabel_examples(
        present, [[0.9, 0.6], [0.2, 0.3], [0.4, 0.1]]
    )
    assert [(e.clip, e.roles) for e in first] == [
        (0, ("highest",)),
        (1, ("lowest",)),
        (2, ("absent",)),
    ]
    assert [(e.clip, e.roles) for e in second] == [
        (1, ("highest", "lowest")),
        (0, ("absent",)),
    ]


# The command


def test_evaluate_writes_a_report_and_prints_the_scores(model, recordings, tmp_path):
    plain = succeed("evaluate", model, recordings, "--format", "json")
    done = run(
        "evaluate", model, recordings, "--format", "json", "--report", tmp_path / "r"
    )
    assert done.exit_code == 0, done.output
    assert done.stdout == plain
    assert f"Report: {tmp_path / 'r' / 'report.html'}" in done.stderr
    assert (tmp_path / "r" / "report.html").is_file()


def test_evaluate_refuses_a_taken_folder_before_the_work(model, tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "thesis.txt").write_text("mine")
    arguments = ("evaluate", model, "no such data", "--report", tmp_path / "r")
    fail(*arguments, code=2, message="an earlier report with nothing beside it")


@pytest.mark.parametrize("package", ["matplotlib.figure", "jinja2"])
def test_evaluate_names_the_extra_where_a_package_is_missing(
    package, model, recordings, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, package, None)
    arguments = ("evaluate", model, recordings, "--report", tmp_path / "r")
    fail(*arguments, code=1, message="pip install 'mfccclf[plots]'")
    assert not (tmp_path / "r").exists()
