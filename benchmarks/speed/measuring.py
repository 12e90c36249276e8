"""Time ways of doing the same work, in turns and each in a process of its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

__all__ = [
    "ONE_THREAD",
    "Comparison",
    "Process",
    "Ratio",
    "Sample",
    "Work",
    "compare",
    "run_process",
]

# Thread pools are pinned for every way alike.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
}
WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True)
class Sample:
    """One run: seconds by the clock and of processor time, and peak memory so far.

    ``value`` is the number that the work has returned, if it was one.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    value: float | None = None

    def to_dict(self) -> dict[str, float]:
        """Return what there is, rounded."""
        return {
            key: float(f"{value:.4g}")
            for key, value in asdict(self).items()
            if value is not None
        }


class Runner(Protocol):
    """A way of doing the work that has been set up."""

    missing: str | None

    def run(self) -> Sample:
        """Do the work once."""

    def close(self) -> None:
        """End it."""


class Way(Protocol):
    """A way of doing the work."""

    def open(self) -> Runner:
        """Set it up."""


@dataclass(frozen=True)
class Process:
    """A whole process from start to end, which prints nothing that matters.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    environment : mapping, optional
        Variables to set besides ``ONE_THREAD``; None removes one.
    fresh : callable, optional
        Called before each run, outside the time.
    """

    command: Sequence[str]
    environment: Mapping[str, str | None] | None = None
    fresh: Callable[[], object] | None = None
    missing: str | None = None

    def open(self) -> Self:
        """Return itself: each run is a process of its own."""
        return self

    def run(self) -> Sample:
        """Run the process once."""
        if self.fresh is not None:
            self.fresh()
        return run_process(self.command, _environment(self.environment or {}))

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Work:
    """A function of a module beside this one, called again and again in one process.

    Parameters
    ----------
    home : str
        "module:function"; the function gets the arguments, sets the work up and
        returns what to call.
    arguments : dict
        Of plain values.
    python : str
        The interpreter, where the peers are in another environment.
    environment : mapping, optional
        As for `Process`.
    """

    home: str
    arguments: Mapping[str, Any]
    python: str = sys.executable
    environment: Mapping[str, str | None] | None = None

    def open(self) -> _Worker:
        """Start the process."""
        return _Worker(self)


class _Worker:
    def __init__(self, work: Work) -> None:
        command = [work.python, str(WORKER), work.home, json.dumps(work.arguments)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(work.environment or {}),
        )
        self.missing = self._read().get("missing")

    def run(self) -> Sample:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return Sample(**self._read())

    def close(self) -> None:
        self._process.communicate()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._process.args} ended early.")
        answer: dict[str, Any] = json.loads(line)
        return answer


class Ratio(NamedTuple):
    """How many times as long one way takes, by the clock and in processor time."""

    wall: float
    cpu: float


class Comparison:
    """The samples of several ways that took turns.

    Parameters
    ----------
    samples : mapping of str to list of Sample
        Of each way; the n-th of all were taken one after the other.
    missing : mapping of str to str
        Ways that are not installed, and what they lack.
    """

    def __init__(
        self, samples: Mapping[str, list[Sample]], missing: Mapping[str, str]
    ) -> None:
        self.samples = samples
        self.missing = missing

    def ratio(self, slow: str, quick: str) -> Ratio | None:
        """Return the median ratio of neighbouring runs; None where one is missing."""
        if slow not in self.samples or quick not in self.samples:
            return None
        pairs = list(zip(self.samples[slow], self.samples[quick], strict=True))
        return Ratio(
            statistics.median(a.wall_s / b.wall_s for a, b in pairs),
            # The clock of processor time ticks; a very short run may get none.
            statistics.median(a.cpu_s / max(b.cpu_s, 1e-6) for a, b in pairs),
        )

    def median(self, way: str) -> Sample | None:
        """Return the median seconds and the peak memory of a way."""
        if way not in self.samples:
            return None
        samples = self.samples[way]
        return Sample(
            statistics.median(sample.wall_s for sample in samples),
            statistics.median(sample.cpu_s for sample in samples),
            max(sample.peak_mb for sample in samples),
            samples[-1].value,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return each way's medians, or what it lacks."""
        found: dict[str, Any] = {}
        for way in self.samples:
            sample = self.median(way)
            assert sample is not None
            found[way] = sample.to_dict()
        return found | {name: {"missing": what} for name, what in self.missing.items()}


def compare(ways: Mapping[str, Way], *, runs: int) -> Comparison:
    """Run each way once to warm up, then all of them in turns.

    Parameters
    ----------
    ways : mapping of str to Process or Work
        By name.
    runs : int
        Runs of each, after the first.
    """
    runners = {name: way.open() for name, way in ways.items()}
    missing = {name: r.missing for name, r in runners.items() if r.missing}
    ready = {name: r for name, r in runners.items() if not r.missing}
    samples: dict[str, list[Sample]] = {name: [] for name in ready}
    for run in range(runs + 1):
        for name, runner in ready.items():
            sample = runner.run()
            if run > 0:
                samples[name].append(sample)
    for runner in runners.values():
        runner.close()
    return Comparison(samples, missing)


def run_process(command: Sequence[str], environment: Mapping[str, str]) -> Sample:
    """Run a process to its end, its output thrown away.

    Raises
    ------
    SystemExit
        If it fails.
    """
    start = time.perf_counter()
    with open(os.devnull, "w") as nowhere:
        process = subprocess.Popen(command, stdout=nowhere, env=dict(environment))
        _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with status {process.returncode}.")
    return Sample(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    wanted = {**os.environ, **ONE_THREAD, **changes}
    # An installed package is compiled once; a developer's setting must not hide that.
    if "PYTHONDONTWRITEBYTECODE" not in changes:
        wanted.pop("PYTHONDONTWRITEBYTECODE", None)
    return {name: value for name, value in wanted.items() if value is not None}
