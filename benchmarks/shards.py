"""Compare the peak memory of ``mfccclf extract`` on 10 shards and on 100.

    python benchmarks/shards.py [--small N] [--large N]

A shard is a tar archive in WebDataset's form, of 1,000 clips of 0.3 s of noise at
8 kHz, different from all others, each with its label in a file of its own. Each
extraction runs in a process of its own; the system reports its peak memory at the end.
The cache is off. Writes ``results/shards.json``.
"""

from __future__ import annotations

import argparse
import io
import json
import platform
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.processes import run_process

RESULT = Path(__file__).parent / "results" / "shards.json"
CLIPS_PER_SHARD = 1000
LIMIT = 1.5
SETTINGS = ["--features", "14", "--set", "sample_rate=8000", "--set", "n_fft=512"]
SETTINGS += ["--set", "hop_length=128"]


def write_shards(folder: Path, n_shards: int) -> None:
    """Write shards of clips of two labels."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    for shard in range(n_shards):
        with tarfile.open(folder / f"shard-{shard:04d}.tar", "w") as archive:
            for index in range(CLIPS_PER_SHARD):
                key = f"{shard * CLIPS_PER_SHARD + index:08d}"
                wave = 0.1 * rng.standard_normal(2400, np.float32)
                sound = io.BytesIO()
                soundfile.write(sound, wave, 8000, format="WAV")
                add_member(archive, f"{key}.wav", sound.getvalue())
                add_member(archive, f"{key}.cls", b"ab"[index % 2 : index % 2 + 1])


def add_member(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a file to an archive."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def run_extract(shards: Path, output: Path) -> dict[str, Any]:
    """Run the command in a child process; return its peak memory and its time."""
    command = [sys.executable, "-m", "mfccclf", "extract", str(shards)]
    usage = run_process([*command, "--output", str(output), *SETTINGS])
    return {"peak_mb": round(usage.peak_mb, 1), "seconds": round(usage.wall_s, 1)}


def measure(small: int, large: int) -> dict[str, Any]:
    """Extract both numbers of shards."""
    result: dict[str, Any] = {"python": platform.python_version(), "runs": {}}
    with tempfile.TemporaryDirectory() as folder:
        for n_shards in (small, large):
            shards = Path(folder, str(n_shards))
            write_shards(shards, n_shards)
            run = run_extract(shards, Path(folder, f"{n_shards}.mfccdata"))
            result["runs"][n_shards * CLIPS_PER_SHARD] = run
    peaks = [run["peak_mb"] for run in result["runs"].values()]
    return {**result, "ratio": round(peaks[1] / peaks[0], 3)}


def main() -> int:
    """Print and save the peaks; return 1 if memory grows with the clips."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10)
    parser.add_argument("--large", type=int, default=100)
    arguments = parser.parse_args()
    result = measure(arguments.small, arguments.large)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for n_clips, run in result["runs"].items():
        print(f"{n_clips:,} clips: {run['peak_mb']} MB, {run['seconds']} s")
    print(f"ratio {result['ratio']} (at most {LIMIT})")
    return int(result["ratio"] > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
