"""Change sound files at random, and read them by path, by pipe and by window.

See ``fuzz/README.md``.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from mutation import mutate_bytes, mutate_header
from sound_corpus import header_corpus, other_corpus
from watching import FoundError, main, one_line

__all__ = ["SoundAttack", "attack_of"]

KINDS = ("headers", "others")


class SoundAttack:
    """Sound files, changed in their headers or anywhere."""

    suffix = ".wav"

    def __init__(self, corpus: Mapping[str, bytes], *, only_headers: bool) -> None:
        self._seeds: Sequence[bytes] = list(corpus.values())
        self._only_headers = only_headers

    def make(self, rng: random.Random) -> bytes:
        """Return a file with a few changes."""
        content = rng.choice(self._seeds)
        if self._only_headers or rng.random() < 0.4:
            return mutate_header(content, rng)
        return mutate_bytes(content, rng)

    def attempt(self, path: Path, rng: random.Random) -> str:
        """Read it in one of the ways, most often by its path."""
        # Filters of rates that nobody uses take longer to make than the rest.
        rate = 22050 if rng.random() < 0.03 else None
        return read(path, rng.choice(WAYS), rate)


WAYS = ("path", "path", "path", "path", "part", "info", "pipe", "window", "live pipe")


def read(path: Path, way: str, rate: int | None = None) -> str:
    """Read a file in one way; return what came of it."""
    from mfccclf import AudioFileError

    try:
        waveform = _read(path, way, rate)
    except AudioFileError as error:
        # A stream has no name of its own.
        one_line(error, path if "pipe" not in way else Path("the stream"))
        return "refused"
    _check(waveform)
    return "read"


def _read(path: Path, way: str, rate: int | None) -> Any:
    import numpy as np

    from mfccclf import load_waveform
    from mfccclf.waveform import iter_blocks, read_info

    if way == "info":
        _check_info(read_info(path))
        return np.zeros(1, np.float32)
    if way == "part":
        return load_waveform(path, sample_rate=rate, offset=0.01, duration=0.02)
    if way == "path":
        return load_waveform(path, sample_rate=rate)
    if way == "pipe":
        return load_waveform(io.BytesIO(path.read_bytes()), sample_rate=rate)
    source: Any = path if way == "window" else io.BytesIO(path.read_bytes())
    return np.concatenate(list(iter_blocks(source, sample_rate=rate)))


def _check(waveform: Any) -> None:
    import numpy as np

    if waveform.ndim != 1 or waveform.dtype != np.float32 or not len(waveform):
        raise FoundError(f"a waveform of shape {waveform.shape}, {waveform.dtype}")
    if not np.isfinite(waveform).all():
        raise FoundError("a waveform that is not finite")


def _check_info(info: Any) -> None:
    if info.n_samples is not None and not 0 <= info.n_samples < 2**63:
        raise FoundError(f"a file of {info.n_samples} samples")


def attack_of(args: argparse.Namespace) -> SoundAttack:
    """Import what readers need before processes are forked; return the attack."""
    import importlib

    import soundfile  # noqa: F401
    import soxr  # noqa: F401

    for name in ("loading", "streaming"):
        importlib.import_module(f"mfccclf.waveform.{name}")
    only_headers = args.kind == "headers"
    corpus = header_corpus() if only_headers else other_corpus()
    return SoundAttack(corpus, only_headers=only_headers)


if __name__ == "__main__":
    sys.exit(main(__doc__ or "", attack_of, *KINDS))
