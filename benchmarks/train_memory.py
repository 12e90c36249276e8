"""Measure that training needs little memory, whatever the number of clips.

    python benchmarks/train_memory.py [--small N] [--large N] [--seconds S]
                                      [--output FILE]

Writes two folders of short clips, and trains a small net on each for one epoch: from
the clips' paths, and from features that ``extract`` stored in a ``.mfccdata`` folder.
Each training is a process of its own, whose peak memory the system reports; so is that
of ``import torch`` and scikit-learn alone, which all of them need. Writes
``results/train_memory.json``, unless ``--output`` names another file.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.processes import run_process

RESULT = Path(__file__).parent / "results" / "train_memory.json"
LIMIT_MB, RATE = 2048, 8000
FEATURES = ["--set", f"sample_rate={RATE}", "--set", "n_fft=512"]
FEATURES += ["--set", "hop_length=128", "--preset", "names-lstm"]
NET = [*FEATURES, "--epochs", "1", "--set", "hidden_sizes=[8]"]
NET += ["--set", "batch_size=64"]
MFCCCLF = [sys.executable, "-m", "mfccclf"]


def write_clips(folder: Path, n_clips: int, seconds: float) -> None:
    """Write clips of noise of two labels, each in a folder of its own."""
    rng = np.random.default_rng(0)
    for label in ("a", "b"):
        (folder / label).mkdir(parents=True)
    noise = 0.1 * rng.standard_normal(2 * round(seconds * RATE), np.float32)
    for index in range(n_clips):
        start = int(rng.integers(len(noise) // 2))
        wave = noise[start:][: len(noise) // 2]
        soundfile.write(folder / "ab"[index % 2] / f"{index:06d}.wav", wave, RATE)


def peak(command: list[str]) -> dict[str, float]:
    """Run a command; return its peak memory and its processor time."""
    usage = run_process(command)
    return {"peak_mb": round(usage.peak_mb, 1), "cpu_s": round(usage.cpu_s, 1)}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Train on both numbers of clips, from both kinds of data."""
    found: dict[str, Any] = {"paths": {}, "mfccdata": {}}
    with tempfile.TemporaryDirectory() as folder:
        for n_clips in (options.small, options.large):
            clips = Path(folder, str(n_clips))
            write_clips(clips, n_clips, options.seconds)
            features = Path(folder, f"{n_clips}.mfccdata")
            model = ["--output", str(Path(folder, "model.mfccclf"))]
            train = [*MFCCCLF, "train"]
            extract = [*MFCCCLF, "extract", str(clips), "--output", str(features)]
            found["paths"][n_clips] = peak([*train, str(clips), *model, *NET])
            peak([*extract, *FEATURES])
            found["mfccdata"][n_clips] = peak([*train, str(features), *model, *NET])
    imports = "import torch, sklearn.pipeline, mfccclf.workflows"
    found["imports"] = peak([sys.executable, "-c", imports])
    return found


def main() -> int:
    """Print and save the peaks; return 1 if the largest is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, default=2000)
    parser.add_argument("--large", type=int, default=20000)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    found = measure(options)
    facts = {"python": platform.python_version(), "date": time.strftime("%Y-%m-%d")}
    sizes = {name: getattr(options, name) for name in ("small", "large", "seconds")}
    result = {**facts, **sizes, **found}
    options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))
    peaks = [found[kind][options.large]["peak_mb"] for kind in ("paths", "mfccdata")]
    return int(max(peaks) > LIMIT_MB)


if __name__ == "__main__":
    sys.exit(main())
