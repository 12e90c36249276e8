"""Measure live recognition: computing per 100 ms of sound, delay, and lost blocks.

    python benchmarks/live.py [--seconds N] [--model NAME] [--window S] [--hop S]
                              [--fast] [--output FILE]

A thread plays the sound card: every 100 ms it writes a block of 16 kHz samples into a
pipe, which holds two seconds, and drops the block if the pipe is full. The predictor
reads the other end, as ``arecord | mfccclf predict -`` does, on one core. With --fast,
blocks follow each other without a pause and none is dropped: computing alone.
Computing is the processor time of the whole process; a window's delay is the time by
the clock from its last block to its label. Writes ``results/live.json``.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))

from mfccclf import Predictor
from mfccclf.waveform import RawFormat

RATE, BLOCK_S = 16000, 0.1
LIMIT_MS = 50


def make_blocks(seconds: float) -> Iterator[bytes]:
    """Yield blocks of a tone that changes, in noise."""
    rng = np.random.default_rng(0)
    size = round(BLOCK_S * RATE)
    for _ in range(round(seconds / BLOCK_S)):
        phase = 2 * np.pi * rng.uniform(100, 1000) * np.arange(size) / RATE
        sound = 0.2 * np.sin(phase) + 0.02 * rng.standard_normal(size)
        yield (sound * 32767).astype("<i2").tobytes()


class SoundCard(threading.Thread):
    """Writes blocks into a pipe on time, and counts those that do not fit."""

    def __init__(self, blocks: list[bytes], descriptor: int, is_fast: bool) -> None:
        super().__init__(daemon=True)
        self._blocks, self._descriptor, self._is_fast = blocks, descriptor, is_fast
        self.written_at: list[float] = []
        self.n_lost = 0

    def run(self) -> None:
        """Write all blocks, then close the pipe."""
        os.set_blocking(self._descriptor, self._is_fast)
        started = time.perf_counter()
        for number, block in enumerate(self._blocks, start=1):
            if not self._is_fast:
                time.sleep(max(started + number * BLOCK_S - time.perf_counter(), 0))
            self.written_at.append(time.perf_counter())
            try:
                n_written = os.write(self._descriptor, block)
            except BlockingIOError:
                n_written = 0
            self.n_lost += n_written < len(block)
        os.close(self._descriptor)


def listen(options: argparse.Namespace) -> dict[str, Any]:
    """Recognise the sound as it comes; return the figures."""
    predictor = Predictor(options.model)
    blocks = list(make_blocks(options.seconds))
    reading, writing = os.pipe()
    card = SoundCard(blocks, writing, options.fast)
    delays = []
    with os.fdopen(reading, "rb", buffering=0) as stream:
        card.start()
        used = time.process_time()
        for window in predictor.predict_windows(
            stream, window=options.window, hop=options.hop, raw=RawFormat(RATE)
        ):
            last = round(window.end_s / BLOCK_S) - 1
            delays.append(1e3 * (time.perf_counter() - card.written_at[last]))
        used = time.process_time() - used
    card.join()
    return {
        "model": options.model,
        "seconds": options.seconds,
        "window_s": options.window,
        "hop_s": options.hop,
        "real_time": not options.fast,
        "windows": len(delays),
        "lost_blocks": card.n_lost,
        "computing_ms_per_block": round(1e3 * used / len(blocks), 2),
        **({} if options.fast else describe(delays)),
        "load_average": round(os.getloadavg()[0], 1),
        "date": time.strftime("%Y-%m-%d"),
    }


def describe(delays: list[float]) -> dict[str, float]:
    """Return quantiles of the delays, in ms."""
    shares = {"median": 0.5, "of_99_percent": 0.99, "largest": 1.0}
    return {
        f"delay_{name}_ms": round(float(np.quantile(delays, share)), 1)
        for name, share in shares.items()
    }


def main() -> int:
    """Print and save the figures; return 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--model", default="names")
    parser.add_argument("--window", type=float, default=1.0)
    parser.add_argument("--hop", type=float, default=0.1)
    parser.add_argument("--fast", action="store_true")
    default = Path(__file__).parent / "results" / "live.json"
    parser.add_argument("--output", type=Path, default=default)
    options = parser.parse_args()
    figures = listen(options)
    print(json.dumps(figures, indent=1))
    kept = json.loads(options.output.read_text()) if options.output.exists() else {}
    kept["fast" if options.fast else "real time"] = figures
    options.output.write_text(json.dumps(kept, indent=1) + "\n")
    is_slow = figures["computing_ms_per_block"] > LIMIT_MS
    return int(is_slow or figures["lost_blocks"] > 0)


if __name__ == "__main__":
    sys.exit(main())
