"""Fits in this process and in workers beside it."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from cli_tools import heed_interrupts
from joblib import delayed
from search_tools import make_clips, wait_for_lines, without_times, write_data

from mfccclf import make_pipeline
from mfccclf.search import make_folds, make_plan, open_scheduler, search_pipeline
from mfccclf.search.local_processes import LocalProcesses, _reduce_mapped

pytestmark = pytest.mark.slow  # a worker loads torch


def name_process(number, *, seconds=0.0):
    """Return a number and the process that was asked."""
    time.sleep(seconds)
    return number, os.getpid()


def refuse(number):
    raise ValueError(f"number {number} is refused")


@pytest.fixture
def processes():
    processes = LocalProcesses(2)
    yield processes
    processes.close()


def run(processes, calls):
    found = []
    processes.run(calls, found.append)
    return found


def test_all_calls_are_made_once_and_both_processes_take_part(processes):
    ready = threading.Event()
    processes.start().submit(int).add_done_callback(lambda _: ready.set())
    assert ready.wait(120)
    calls = [delayed(name_process)(number, seconds=0.05) for number in range(20)]
    found = run(processes, calls)
    assert sorted(number for number, _ in found) == list(range(20))
    workers = {process for _, process in found}
    assert len(workers) == 2
    assert os.getpid() in workers
    assert {process for _, process in run(processes, calls)} == workers


def test_results_come_one_at_a_time(processes):
    inside, seen = threading.Semaphore(1), []

    def look(result):
        assert inside.acquire(blocking=False)
        time.sleep(0.01)
        seen.append(result)
        inside.release()

    processes.run([delayed(name_process)(number) for number in range(20)], look)
    assert len(seen) == 20


@pytest.mark.parametrize("n_calls", [1, 6])
def test_an_error_of_a_call_is_raised(processes, n_calls):
    with pytest.raises(ValueError, match="number . is refused"):
        run(processes, [delayed(refuse)(number) for number in range(n_calls)])
    assert run(processes, [delayed(name_process)(3)])[0][0] == 3


def test_a_file_in_memory_is_not_sent(tmp_path):
    np.save(tmp_path / "X.npy", np.arange(24.0).reshape(6, 4))
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    for part in (X, X[2:5], X[1:4][1:], X[::2], X.copy()):
        make, arguments, *state = _reduce_mapped(part)
        made = make(*arguments)
        if state:
            made.__setstate__(state[0])
        np.testing.assert_array_equal(made, part)
    assert isinstance(_reduce_mapped(X[2:5])[0](*_reduce_mapped(X[2:5])[1]), np.memmap)


@pytest.fixture
def search():
    clips, y = make_clips()
    pipeline = make_pipeline(
        "names-lstm-14",
        sample_rate=8000,
        n_fft=512,
        hop_length=256,
        n_frames=20,
        max_epochs=2,
        random_state=0,
    )
    plan = make_plan({"hidden_sizes": [[3], [4, 3]], "lr": [0.01, 0.03]})
    arguments = {"plan": plan, "folds": make_folds(y, cv=3)}
    return functools.partial(search_pipeline, pipeline, clips, y, **arguments)


def test_a_search_goes_on_though_its_worker_is_killed(search):
    whole, killed = search(), []

    def kill(report):
        if not killed:
            killed.extend(scheduler._processes._executor._processes)
            os.kill(killed[0], signal.SIGKILL)

    with open_scheduler(n_jobs=2) as scheduler:
        found = search(scheduler=scheduler, on_fit=kill)
    assert killed
    assert without_times(found.to_records()) == without_times(whole.to_records())


def children_of(pid):
    """Return the processes that a process has started."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True
    )
    return [int(line) for line in found.stdout.split()]


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_the_search(tmp_path, how):
    data = write_data(tmp_path / "data")
    output = tmp_path / "best.mfccclf"
    command = ["grid-search", data, "-o", output, "--preset", "names-lstm-14"]
    command += ["--set", "sample_rate=8000", "--set", "n_fft=512"]
    command += ["--set", "hop_length=256", "--param", "hidden_sizes=[3];[4]"]
    command += ["--set", "n_frames=20", "--cv", 6, "--no-groups", "--epochs", 60]
    command += ["--jobs", 3]
    environment = {**os.environ, "MFCCCLF_CACHE": str(tmp_path / "cache")}
    process = subprocess.Popen(
        [sys.executable, "-m", "mfccclf", *map(str, command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )
    wait_for_lines(tmp_path / "best.search" / "fits.jsonl", 3)
    workers = children_of(process.pid)
    assert len(workers) >= 2
    if how == signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does
    else:
        process.send_signal(how)
    _, errors = process.communicate(timeout=120)
    if how == signal.SIGINT:
        assert process.returncode == 130, errors
        assert "keeps the finished fits for --resume." in errors
        assert "Traceback" not in errors
    end = time.monotonic() + 60
    while any(map(is_alive, workers)):
        assert time.monotonic() < end, "workers outlive the search"
        time.sleep(0.1)
