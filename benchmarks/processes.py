"""Run a process to its end, and tell what it took."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["ROOT", "Usage", "peak_mb", "run_process"]

ROOT = Path(__file__).resolve().parents[1]


class Usage(NamedTuple):
    """Seconds by the clock, processor seconds and peak memory of a process."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run_process(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    output: Path | None = None,
) -> Usage:
    """Run a process to its end.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    environment : mapping, optional
        All of its variables; by default those of this process.
    output : pathlib.Path, optional
        File for what it prints, which is discarded by default.

    Returns
    -------
    usage : Usage
        What it took. The peak is at least the memory of this process, with which a new
        process begins.

    Raises
    ------
    SystemExit
        If it fails.
    """
    start = time.perf_counter()
    with open(output or os.devnull, "w", encoding="utf-8") as file:
        process = subprocess.Popen(command, stdout=file, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with status {process.returncode}.")
    return Usage(wall_s, usage.ru_utime + usage.ru_stime, peak_mb(usage))


def peak_mb(usage: resource.struct_rusage) -> float:
    """Return the peak memory that the system reports, in MB."""
    # Kilobytes on Linux, bytes on macOS.
    return usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
