"""Runs for TensorBoard and MLflow: read back from real files and a real store."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from cli_tools import fail, succeed, write_clip

from mfccclf.prediction.model_file import ModelFile
from mfccclf.tracking import open_run_log
from mfccclf.tracking.run_log import _log_confusion

NET = ["--preset", "names-lstm-14", "--set", "hidden_sizes=[4]", "--epochs", 2]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tracking") / "clips"
    for label, frequency in (("low", 200), ("high", 1500)):
        for seed in range(3):
            path = folder / label / f"{seed}.wav"
            write_clip(path, frequency=frequency, seed=seed, seconds=0.3)
    return folder


def train(clips, folder, *targets):
    model = folder / "mine.mfccclf"
    logs = [part for target in targets for part in ("--log", target)]
    succeed("train", clips, *NET, "--validation", clips, "-o", model, *logs)
    return ModelFile(model).config


def search(clips, folder, target):
    grid = ["--param", "lr=0.001;0.01", "--cv", 2, "--no-groups"]
    model = folder / "best.mfccclf"
    succeed("grid-search", clips, *NET, *grid, "-o", model, "--log", target)


def read_events(folder):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def test_tensorboard_gets_curves_scores_parameters_and_a_picture(clips, tmp_path):
    pytest.importorskip("tensorboard")
    config = train(clips, tmp_path, f"tensorboard={tmp_path / 'runs'}")
    [folder] = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("mine ")
    events = read_events(folder)
    losses = [point.value for point in events.Scalars("loss/training")]
    expected = [row["train_loss"] for row in config["history"]]
    assert losses == pytest.approx(expected, rel=1e-6)
    [accuracy] = events.Scalars("final accuracy/validation")
    assert accuracy.value == pytest.approx(config["scores"]["validation"]["accuracy"])
    assert "confusion validation" in events.Tags()["images"]
    [table] = events.Tensors("parameters/text_summary")
    text = table.tensor_proto.string_val[0].decode()
    assert "| lstm__hidden_sizes | [4] |" in text.replace("(4,)", "[4]")
    assert config["training"]["fingerprint"] in text


def test_tensorboard_gets_every_combination_of_a_search(clips, tmp_path):
    pytest.importorskip("tensorboard")
    search(clips, tmp_path, f"tensorboard={tmp_path / 'runs'}")
    [folder] = (tmp_path / "runs").iterdir()
    candidates = sorted(path for path in folder.iterdir() if path.is_dir())
    assert [path.name for path in candidates] == ["candidate 1", "candidate 2"]
    assert all(read_events(path).Scalars("accuracy") for path in candidates)


def find_runs(uri):
    client = pytest.importorskip("mlflow.tracking").MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("mfccclf")
    return client, client.search_runs([experiment.experiment_id])


@pytest.fixture
def store(tmp_path, monkeypatch):
    pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    monkeypatch.chdir(tmp_path)  # where MLflow keeps files beside a local store
    return f"sqlite:///{tmp_path / 'runs.db'}"


# MLflow's own use of other packages is not ours to mend.
@pytest.mark.filterwarnings("default")
def test_mlflow_gets_curves_scores_parameters_and_the_model(clips, tmp_path, store):
    config = train(clips, tmp_path, f"mlflow={store}")
    client, [run] = find_runs(store)
    assert run.info.status == "FINISHED"
    assert run.data.params["fingerprint"] == config["training"]["fingerprint"]
    assert run.data.params["lstm__hidden_sizes"] in ("(4,)", "[4]")
    losses = client.get_metric_history(run.info.run_id, "loss/training")
    expected = [row["train_loss"] for row in config["history"]]
    assert [point.value for point in losses] == pytest.approx(expected)
    kept = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert {"mine.mfccclf", "confusion validation.png"} <= kept


@pytest.mark.filterwarnings("default")
def test_mlflow_gets_every_combination_below_the_search(clips, tmp_path, store):
    search(clips, tmp_path, f"mlflow={store}")
    _, runs = find_runs(store)
    [parent] = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    below = [run for run in runs if run is not parent]
    assert {run.data.tags["mlflow.parentRunId"] for run in below} == {
        parent.info.run_id
    }
    assert {run.data.params["lstm__lr"] for run in below} == {"0.001", "0.01"}
    assert all("accuracy" in run.data.metrics for run in below)


@pytest.mark.filterwarnings("default")
def test_a_run_that_fails_is_marked(store):
    with pytest.raises(KeyboardInterrupt), open_run_log([f"mlflow={store}"], name="x"):
        raise KeyboardInterrupt
    _, [run] = find_runs(store)
    assert run.info.status == "FAILED"


@pytest.mark.parametrize("target", ["wandb=x", "tensorboard", "mlflow="])
def test_other_targets_are_refused_before_the_training(clips, tmp_path, target):
    model = tmp_path / "mine.mfccclf"
    message = "must be tensorboard=FOLDER or mlflow=URI"
    fail("train", clips, *NET, "-o", model, "--log", target, code=2, message=message)
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("default")
def test_a_store_that_cannot_be_used_is_named(clips, tmp_path):
    pytest.importorskip("mlflow")
    arguments = [*NET, "-o", tmp_path / "mine.mfccclf", "--log", "mlflow=ftp://nowhere"]
    fail("train", clips, *arguments, code=1, message="ftp://nowhere: MLflow cannot use")


@pytest.mark.parametrize("kind", ["tensorboard", "mlflow"])
def test_a_missing_package_is_named(kind):
    code = (
        f"import sys; sys.modules[{kind!r}] = None\n"
        "from mfccclf.tracking import open_run_log\n"
        f"with open_run_log(['{kind}=runs'], name='x'): pass"
    )
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment)
    last = ended.stderr.strip().splitlines()[-1]
    assert "MissingExtraError" in last
    assert "pip install 'mfccclf[track]'" in last


def test_a_folder_that_cannot_be_written_is_told_before_the_training(clips, tmp_path):
    pytest.importorskip("tensorboard")
    (tmp_path / "taken").touch()
    arguments = ["-o", tmp_path / "x.mfccclf", "--log"]
    message = f"The log {tmp_path / 'taken'} cannot be written"
    target = f"tensorboard={tmp_path / 'taken'}"
    fail("train", clips, *NET, *arguments, target, code=1, message=message)
    assert not (tmp_path / "x.mfccclf").exists()


def test_labels_that_the_font_lacks_cause_no_warnings(recwarn):
    pytest.importorskip("tensorboard")

    class Drawing(list):
        def log_figure(self, name, figure):
            self.append((name, figure.canvas.draw()))

    drawing, scores = Drawing(), {"confusion": [[1, 0], [0, 1]], "classes": ["🎵", "b"]}
    _log_confusion(drawing, "training", scores)
    assert [name for name, _ in drawing] == ["confusion training"]
    assert not [w for w in recwarn if "Glyph" in str(w.message)]
