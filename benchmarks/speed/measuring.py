"""Time ways of doing the same work in turns, each in a process of its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from benchmarks.processes import run_process

__all__ = [
    "ONE_THREAD",
    "Comparison",
    "Process",
    "Ratio",
    "Sample",
    "Work",
    "compare",
]

# Every way gets one thread.
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
    """One run: seconds by the clock, processor seconds, and peak memory so far.

    ``value`` is what the work returned, if that was a number.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    value: float | None = None

    def to_dict(self) -> dict[str, float]:
        """Return the values that are known, rounded."""
        return {
            key: float(f"{value:.4g}")
            for key, value in asdict(self).items()
            if value is not None
        }


class Runner(Protocol):
    """A way of doing the work, ready to run."""

    @property
    def missing(self) -> str | None:
        """The package that it lacks."""

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
    """A whole process from start to end; its output is discarded.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    environment : mapping, optional
        Variables to set in addition to ``ONE_THREAD``; None removes one.
    fresh : callable, optional
        Called before each run; its time does not count.
    missing : str or None, default=None
        What is not installed, so that the process cannot run.
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
        environment = _environment(self.environment or {})
        return Sample(*run_process(self.command, environment=environment))

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Work:
    """A function of a module, called again and again in one process.

    Parameters
    ----------
    home : str
        "module:function"; the function takes the arguments, sets the work up and
        returns the function to time.
    arguments : dict
        Plain values.
    python : str
        The interpreter, if the peers are in another environment.
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
        self.missing: str | None = self._read().get("missing")

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
            raise SystemExit(f"{self._process.args!r} ended early.")
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
        Of each way; the n-th samples of all ways were taken in one turn.
    missing : mapping of str to str
        Ways that cannot run, and the package that each lacks.
    """

    def __init__(
        self, samples: Mapping[str, list[Sample]], missing: Mapping[str, str]
    ) -> None:
        self.samples = samples
        self.missing = missing

    def ratio(self, slow: str, quick: str) -> Ratio | None:
        """Return the median ratio of neighbouring runs; None if a way is missing."""
        if slow not in self.samples or quick not in self.samples:
            return None
        pairs = list(zip(self.samples[slow], self.samples[quick], strict=True))
        return Ratio(
            statistics.median(a.wall_s / b.wall_s for a, b in pairs),
            # The processor clock ticks; a very short run may get 0.
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
        """Return the medians of each way, or the package that it lacks."""
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


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    wanted = {**os.environ, **ONE_THREAD, **changes}
    # An installed package has compiled modules, whatever a developer's settings are.
    if "PYTHONDONTWRITEBYTECODE" not in changes:
        wanted.pop("PYTHONDONTWRITEBYTECODE", None)
    return {name: value for name, value in wanted.items() if value is not None}
