"""Extract small clips through a feature cache inside a test."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mfccclf import MFCCExtractor

SMALL = {"features": 14, "sample_rate": 8000, "n_fft": 256, "hop_length": 128}
FORK = multiprocessing.get_context("fork") if os.name == "posix" else None
needs_fork = pytest.mark.skipif(FORK is None, reason="needs fork")


def write_clip(path: Path, noise, seed: int, seconds: float = 0.2) -> str:
    soundfile.write(path, noise(seconds, 8000, seed=seed), 8000)
    return str(path)


class Reads:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def add(self, clip) -> None:
        with self.path.open("a") as file:
            file.write(f"{Path(clip).name}\n")

    def take(self) -> list[str]:
        """Return the names of the clips read since the last call."""
        names = self.path.read_text().split()
        self.path.write_text("")
        return sorted(names)


def extractor(folder, **parameters) -> MFCCExtractor:
    return MFCCExtractor(**{**SMALL, "cache": folder, **parameters})


def extract(paths, folder=None, **parameters) -> np.ndarray:
    return extractor(folder, **parameters).fit_transform(paths)


def extract_twice(paths, folder, expected) -> None:
    for _ in range(2):
        np.testing.assert_array_equal(extract(paths, folder), expected)


def in_child(function, *args) -> int:
    """Run a function in a fork, whose cache is opened anew; return its exit code."""
    child = FORK.Process(target=function, args=args)
    child.start()
    child.join(60)
    return child.exitcode
