"""Do a piece of work for each line on stdin, and print its time and memory.

``measuring.py`` starts one such process for each way of doing the work.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2]))

from benchmarks.processes import peak_mb


def main() -> None:
    """Set the work up, then do it once per line."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr  # keeps what libraries print out of the answers
    try:
        work = set_up(sys.argv[1], json.loads(sys.argv[2]))
    except ModuleNotFoundError as error:
        print(json.dumps({"missing": error.name}), file=answers, flush=True)
        return
    print("{}", file=answers, flush=True)
    for _ in sys.stdin:
        print(json.dumps(measure(work)), file=answers, flush=True)


def set_up(home: str, arguments: dict[str, Any]) -> Callable[[], Any]:
    """Return the work of "module:function"."""
    module, _, function = home.partition(":")
    work: Callable[[], Any] = getattr(importlib.import_module(module), function)(
        **arguments
    )
    return work


def measure(work: Callable[[], Any]) -> dict[str, float | None]:
    """Do the work once."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = work()
    return {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "peak_mb": peak_mb(resource.getrusage(resource.RUSAGE_SELF)),
        "value": value if isinstance(value, float) else None,
    }


if __name__ == "__main__":
    main()
