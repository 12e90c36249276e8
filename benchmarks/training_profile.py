"""Tell what an epoch of the preset ``scratch`` spends its time in, by operator.

    python benchmarks/training_profile.py [--rows N]

Prints the share of each in the processor time of one epoch of 1,000 clips, as the row
``scratch`` of ``benchmarks/speed`` trains them.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import sys
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.speed.scratch import ours


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=16)
    options = parser.parse_args()
    torch.set_num_threads(1)
    train = ours(epochs=1, equal_lengths=True)
    with profile(activities=[ProfilerActivity.CPU]) as found:
        train()
    rows = sorted(found.key_averages(), key=lambda row: -row.self_cpu_time_total)
    total = sum(row.self_cpu_time_total for row in rows)
    for row in rows[: options.rows]:
        print(f"{row.self_cpu_time_total / total:6.1%}  {row.key}")


if __name__ == "__main__":
    main()
