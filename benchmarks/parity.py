"""Print the largest difference from librosa per block and rate, on real recordings.

    python benchmarks/parity.py FOLDER... [--clips 20]

Clips are drawn from each folder at random, with a fixed seed, and resampled to each
rate. A relative difference is a share of the range of librosa's values in that block
and clip; float32 resolves about 6e-8 of a value.
"""

from __future__ import annotations

import argparse
import random
import sys
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from mfccclf import AudioFileError, AudioFileWarning, MFCCExtractor, load_waveform

RATES = (8000, 16000, 22050, 44100, 48000)
BLOCKS = ("mfcc", "centroid", "chroma", "contrast", "mel", "delta", "delta2")
SUFFIXES = {".wav", ".flac", ".ogg", ".au", ".mp3"}


def sample_files(folder: Path, n_clips: int) -> list[Path]:
    """Return some of a folder's audio files, the same ones each time."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    return random.Random(0).sample(paths, min(n_clips, len(paths)))


def block_of(name: str) -> str:
    """Return the block that a column belongs to."""
    return name.split("_")[0]


def differences(path: Path, sample_rate: int) -> dict[str, tuple[float, float]]:
    """Return each block's largest difference, absolute and relative to its range."""
    settings: dict[str, Any] = {
        "features": list(BLOCKS[:5]),
        "sample_rate": sample_rate,
        "n_frames": None,
        "delta": 2,
    }
    waveform = load_waveform(path, sample_rate=sample_rate)
    ours, theirs = (
        MFCCExtractor(backend=backend, **settings).transform([waveform])[0]
        for backend in ("numpy", "librosa")
    )
    names = MFCCExtractor(**settings).get_feature_names_out()
    found = {}
    for block in BLOCKS:
        columns = [block_of(name) == block for name in names]
        reference = theirs[:, columns]
        worst = float(np.abs(ours[:, columns] - reference).max())
        found[block] = worst, worst / max(float(np.ptp(reference)), 1e-30)
    return found


def main() -> None:
    """Print a table for all folders."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--clips", type=int, default=20, help="clips of each folder")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", AudioFileWarning)
    worst: dict[tuple[str, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    n_compared = 0
    for path in (
        p for f in arguments.folders for p in sample_files(f, arguments.clips)
    ):
        for rate in RATES:
            try:
                found = differences(path, rate)
            except (AudioFileError, ValueError) as exc:
                print(f"left out: {exc}", file=sys.stderr)
                continue
            n_compared += 1
            for block, (absolute, relative) in found.items():
                entry = worst[block, rate]
                entry[:] = max(entry[0], absolute), max(entry[1], relative)
    print(f"{n_compared} comparisons; largest difference (relative to the range)")
    print("block    " + "".join(f"{rate:>20d}" for rate in RATES))
    for block in BLOCKS:
        cells = (f"{worst[block, r][0]:.1e} ({worst[block, r][1]:.1e})" for r in RATES)
        print(f"{block:9s}" + "".join(f"{cell:>20s}" for cell in cells))


if __name__ == "__main__":
    main()
