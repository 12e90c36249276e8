"""Do one piece of work whenever a line arrives on stdin, and print what it cost.

``measuring.py`` starts this, once for each way of doing the work.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time


def main() -> None:
    """Set the work up, then do it once per line."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr  # what libraries print must not end up among the answers
    module, _, function = sys.argv[1].partition(":")
    try:
        work = getattr(importlib.import_module(module), function)(
            **json.loads(sys.argv[2])
        )
    except ModuleNotFoundError as error:
        print(json.dumps({"missing": error.name}), file=answers, flush=True)
        return
    print("{}", file=answers, flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        value = work()
        figures = {
            "wall_s": time.perf_counter() - wall,
            "cpu_s": time.process_time() - cpu,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "value": value if isinstance(value, float) else None,
        }
        print(json.dumps(figures), file=answers, flush=True)


if __name__ == "__main__":
    main()
