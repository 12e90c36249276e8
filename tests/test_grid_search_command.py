"""``mfccclf grid-search`` and ``train --resume`` as users call them."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from search_tools import wait_for_lines, without_times, write_data
from typer.testing import CliRunner

from mfccclf.cli.main import app
from mfccclf.persistence import load_model
from mfccclf.prediction import ModelFile

FRONT_END = ["sample_rate=8000", "n_fft=512", "hop_length=256", "n_frames=20"]
SMALL = ["--preset", "names-lstm-14"]
SMALL += [part for setting in FRONT_END for part in ("--set", setting)]
GRID = ["--param", "hidden_sizes=[3];[4,3]", "--param", "lr=0.01;0.03", *SMALL]
SILENT = {"duration_s", "created", "history"}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MFCCCLF_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def data(tmp_path) -> Path:
    return write_data(tmp_path / "data")


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def search(data: Path, output: Path, *more: object):
    return run("grid-search", data, "-o", output, *GRID, "--epochs", 2, *more)


def results_of(output: Path) -> dict:
    content = json.loads((output.with_suffix(".search") / "results.json").read_text())
    content["results"] = without_times(content["results"])
    return content


def weights_of(path: Path) -> list[np.ndarray]:
    module = load_model(path)[-1].net_.module_
    return [value.numpy() for value in module.state_dict().values()]


def assert_same_weights(first: Path, second: Path) -> None:
    for ours, theirs in zip(weights_of(first), weights_of(second), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_search_prints_fits_and_saves_the_best(data, tmp_path):
    output = tmp_path / "best.mfccclf"
    done = search(data, output, "--cv", "groups", "--scoring", "f1_macro")
    assert done.exit_code == 0, done.output
    lines = [line for line in done.stderr.splitlines() if line.startswith("[")]
    assert lines[-1].startswith("[12/12] ")
    assert "| fold speaker2 | f1_macro " in lines[-1]
    assert lines[-1].endswith(" left")
    assert (
        f"mfccclf predict {data.parent / 'low_0.wav'} --model {output}" in done.stdout
    )
    results = results_of(output)
    assert results["folds"] == ["speaker0", "speaker1", "speaker2"]
    best = load_model(output).get_params()
    for name, value in results["best_parameters"].items():
        chosen = best[name]
        assert (list(chosen) if isinstance(chosen, tuple) else chosen) == value
    facts = ModelFile(output).config["training"]["search"]
    assert facts["n_candidates"] == 4
    assert (output.with_suffix(".search") / "results.png").exists()


def test_an_official_validation_split_scores_and_the_test_split_is_unused(
    tmp_path, monkeypatch
):
    from mfccclf.workflows import search_clips

    data = write_data(tmp_path / "data", splits=True)
    extract, read = search_clips.extract_sequences, []

    def record(front_end, paths, **options):
        read.extend(Path(path).name for path in paths)
        return extract(front_end, paths, **options)

    monkeypatch.setattr(search_clips, "extract_sequences", record)
    output = tmp_path / "best.mfccclf"
    done = run("grid-search", data, "-o", output, *GRID, "--epochs", 1)
    assert done.exit_code == 0, done.output
    assert results_of(output)["folds"] == ["validation"]
    assert {int(name[:-4].split("_")[1]) % 4 for name in read} == {0, 1, 2}


def test_parameters_to_try_must_be_given(data, tmp_path):
    done = run("grid-search", data, "-o", tmp_path / "best.mfccclf")
    assert done.exit_code == 2
    assert "Give --grid FILE.yaml, or --param" in done.stderr


def test_a_grid_file_is_read(data, tmp_path):
    grid = tmp_path / "grid.yaml"
    grid.write_text("hidden_sizes: [[3]]\nlr: {low: 0.001, high: 0.1, log: true}\n")
    output = tmp_path / "best.mfccclf"
    done = run(
        *("grid-search", data, "-o", output, "--grid", grid, "--method", "random"),
        *("--n-iter", 2, "--epochs", 1, "--cv", 2, *SMALL),
    )
    assert done.exit_code == 0, done.output
    assert len(results_of(output)["results"]) == 2


def test_a_finished_search_is_gone_on_with_without_a_fit(data, tmp_path):
    output = tmp_path / "best.mfccclf"
    first = search(data, output, "--cv", 2, "--resume")
    assert "starts from the beginning" in first.stderr
    before, weights = results_of(output), weights_of(output)
    again = search(data, output, "--cv", 2, "--resume")
    assert again.exit_code == 0, again.output
    assert "8 fits were finished by an earlier run." in again.stdout
    assert "left" not in again.stderr
    assert results_of(output) == before
    for ours, theirs in zip(weights_of(output), weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_search_with_another_seed_is_not_mixed_in(data, tmp_path):
    output = tmp_path / "best.mfccclf"
    assert search(data, output, "--cv", 2).exit_code == 0
    other = search(data, output, "--cv", 2, "--resume", "--seed", 1)
    assert other.exit_code == 2
    assert "holds the fits of another search. It differs in the seed." in other.stderr


def test_a_picture_that_cannot_be_drawn_is_left_out(data, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    done = search(data, tmp_path / "best.mfccclf", "--cv", 2)
    assert done.exit_code == 0, done.output
    assert "The picture was left out. " in done.stderr
    assert "pip install 'mfccclf[plots]'" in done.stderr


def train(data: Path, output: Path, *more: object):
    return run("train", data, "-o", output, *SMALL, "--epochs", 3, *more)


def test_training_without_a_checkpoint_starts_from_the_beginning(data, tmp_path):
    output = tmp_path / "net.mfccclf"
    done = train(data, output, "--resume", "--set", "hidden_sizes=[3]")
    assert done.exit_code == 0, done.output
    assert "net.checkpoint: starts from the beginning." in done.stderr
    assert not output.with_suffix(".checkpoint").exists()


def test_training_resumes_after_an_interruption(data, tmp_path, monkeypatch):
    from mfccclf.estimators.training import callbacks as _callbacks

    options = ("--set", "hidden_sizes=[3]")
    whole, resumed = tmp_path / "whole.mfccclf", tmp_path / "resumed.mfccclf"
    assert train(data, whole, *options).exit_code == 0
    record = _callbacks.EpochRecorder.on_epoch_end

    def interrupt(self, net, **arguments):
        record(self, net, **arguments)
        if len(self.rows) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_callbacks.EpochRecorder, "on_epoch_end", interrupt)
        assert train(data, resumed, *options).exit_code == 130
    assert resumed.with_suffix(".checkpoint").exists()
    other = train(data, resumed, *options, "--resume", "--seed", 1)
    assert other.exit_code == 2
    assert "is the checkpoint of another training. It differs in random" in other.stderr
    done = train(data, resumed, *options, "--resume")
    assert done.exit_code == 0, done.output
    assert "Resumes from" in done.stderr
    assert not resumed.with_suffix(".checkpoint").exists()
    assert_same_weights(whole, resumed)


def test_a_checkpoint_that_cannot_be_read_is_named(data, tmp_path):
    (tmp_path / "net.checkpoint").write_bytes(b"no checkpoint")
    done = train(data, tmp_path / "net.mfccclf", "--resume")
    assert done.exit_code == 1
    assert "net.checkpoint cannot be read as a checkpoint" in done.stderr


def start(*arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "mfccclf", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
    )


def kill_after(seconds: float, *arguments: object) -> None:
    process = start(*arguments)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def finish(*arguments: object) -> None:
    process = start(*arguments)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors.decode()


def duration_of(*arguments: object) -> float:
    started = time.monotonic()
    finish(*arguments)
    return time.monotonic() - started


@pytest.mark.slow
def test_training_survives_kills_at_random_moments(data, tmp_path):
    command = [
        "train",
        data,
        *SMALL,
        "--epochs",
        400,
        "--set",
        "hidden_sizes=[16]",
        "-o",
    ]
    whole, resumed = tmp_path / "whole.mfccclf", tmp_path / "resumed.mfccclf"
    seconds = duration_of(*command, whole)
    moments = random.Random(0)
    for _ in range(10):
        kill_after(moments.uniform(0.2, 1.0) * seconds, *command, resumed, "--resume")
        if resumed.exists():  # it had the time to end
            assert_same_weights(whole, resumed)
            resumed.unlink()
    finish(*command, resumed, "--resume")
    assert_same_weights(whole, resumed)
    assert not list(tmp_path.glob("*.checkpoint"))
    assert not list(tmp_path.glob(".resumed-*.checkpoint"))


@pytest.mark.slow
def test_a_search_survives_kills_at_random_moments(data, tmp_path):
    command = ["grid-search", data, *GRID, "--epochs", 40, "--cv", 3, "-o"]
    whole, resumed = tmp_path / "whole.mfccclf", tmp_path / "resumed.mfccclf"
    seconds = duration_of(*command, whole)
    moments = random.Random(1)
    for _ in range(10):
        kill_after(moments.uniform(0.2, 1.0) * seconds, *command, resumed, "--resume")
        if resumed.exists():
            assert_same_weights(whole, resumed)
            resumed.unlink()
    finish(*command, resumed, "--resume")
    assert results_of(whole) == results_of(resumed)
    assert_same_weights(whole, resumed)
    names = {path.name for path in (tmp_path / "resumed.search").iterdir()}
    assert names == {path.name for path in (tmp_path / "whole.search").iterdir()}


@pytest.mark.slow
def test_dask_gives_the_same_results_though_a_worker_is_killed(data, tmp_path):
    distributed = pytest.importorskip("distributed")
    local, remote = tmp_path / "local.mfccclf", tmp_path / "remote.mfccclf"
    command = ["grid-search", data, *GRID, "--epochs", 60, "--cv", 3, "-o"]
    finish(*command, local)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        process = start(*command, remote, "--scheduler", cluster.scheduler_address)
        wait_for_lines(tmp_path / "remote.search" / "fits.jsonl", 3)
        os.kill(cluster.workers[0].pid, signal.SIGKILL)
        _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors.decode()
    assert results_of(local) == results_of(remote)
    assert_same_weights(local, remote)
