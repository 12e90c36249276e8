"""Compare the peak memory of ``mfccclf extract`` on 2,000 clips and on 20,000.

    python benchmarks/extract_memory.py [--small N] [--large N]

Each clip is 0.3 s of noise at 8 kHz, different from all others. Each extraction runs in
a process of its own; the system reports its peak memory at the end. The cache is off.
Writes ``results/extract_memory.json``.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.processes import run_process

RESULT = Path(__file__).parent / "results" / "extract_memory.json"
LIMIT = 1.2
OUTPUTS = {"file": "features.npz", "folder": "features.mfccdata"}
SETTINGS = ["--features", "33", "--set", "sample_rate=8000", "--set", "n_fft=512"]
SETTINGS += ["--set", "hop_length=128"]


def write_clips(folder: Path, n_clips: int) -> None:
    """Write clips of two labels, each in a folder of its own."""
    rng = np.random.default_rng(0)
    for label in ("a", "b"):
        (folder / label).mkdir(parents=True)
    for index in range(n_clips):
        wave = 0.1 * rng.standard_normal(2400, np.float32)
        soundfile.write(folder / "ab"[index % 2] / f"{index:06d}.wav", wave, 8000)


def run_extract(data: Path, output: Path) -> dict[str, Any]:
    """Run the command in a child process; return its peak memory and its time."""
    command = [sys.executable, "-m", "mfccclf", "extract", str(data)]
    usage = run_process([*command, "--output", str(output), *SETTINGS])
    return {"peak_mb": round(usage.peak_mb, 1), "seconds": round(usage.wall_s, 1)}


def measure(small: int, large: int) -> dict[str, Any]:
    """Extract both numbers of clips to both kinds of output."""
    result: dict[str, Any] = {"python": platform.python_version()}
    with tempfile.TemporaryDirectory() as folder:
        for n_clips in (small, large):
            write_clips(Path(folder, str(n_clips)), n_clips)
        for kind, name in OUTPUTS.items():
            runs = {
                n_clips: run_extract(Path(folder, str(n_clips)), Path(folder, name))
                for n_clips in (small, large)
            }
            ratio = runs[large]["peak_mb"] / runs[small]["peak_mb"]
            result[kind] = {**runs, "ratio": round(ratio, 3)}
    return result


def main() -> int:
    """Print and save the peaks; return 1 if memory grows with the clips."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=2000)
    parser.add_argument("--large", type=int, default=20000)
    arguments = parser.parse_args()
    result = measure(arguments.small, arguments.large)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for kind in OUTPUTS:
        facts = result[kind]
        peaks = " and ".join(
            f"{facts[n]['peak_mb']} MB for {n:,} clips ({facts[n]['seconds']} s)"
            for n in (arguments.small, arguments.large)
        )
        print(f"{kind}: {peaks}; ratio {facts['ratio']} (at most {LIMIT})")
    return int(any(result[kind]["ratio"] > LIMIT for kind in OUTPUTS))


if __name__ == "__main__":
    sys.exit(main())
