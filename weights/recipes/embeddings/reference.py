"""Make tests/embeddings.npz: what the published nets give for made-up sound.

Run it in the environment of make.py. The tests compare our nets with these numbers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from weights.recipes.embeddings.fetch import MUSICNN, SPEECH_EMBEDDING, fetch_members
from weights.recipes.embeddings.originals import OriginalMusic, OriginalSpeech

_N_CLIPS = 3
# Clips that the net for music is given at a time.
_BATCH = 20


def make_samples(seed: int) -> NDArray[np.float32]:
    """Return two seconds at 16 kHz in the range of 16-bit integers."""
    rng = np.random.default_rng(seed)
    time = np.arange(32000) / 16000
    sweep = np.sin(2 * np.pi * (200 + 300 * (seed + 1) * time) * time)
    noise = rng.standard_normal(len(time)) * rng.uniform(0.01, 0.3)
    return ((0.4 * sweep + noise * np.sin(5 * time)) * 8000).astype(np.float32)


def make_bands(seed: int) -> NDArray[np.float32]:
    """Return 187 frames of 96 bands, such as the net for music is given."""
    rng = np.random.default_rng(seed)
    power = rng.gamma(0.3, 0.05, (187, 96))
    return np.log10(1e4 * power + 1).astype(np.float32)


def main() -> None:
    """Run both nets and write what they give."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="folder for the wheels")
    parser.add_argument("output", type=Path, help="file to write")
    parser.add_argument(
        "--inputs",
        type=Path,
        help="file with 'samples' (n_clips, n_samples) and 'bands' (n_clips, 187, 96); "
        "by default, made-up ones",
    )
    arguments = parser.parse_args()
    samples, bands = read_inputs(arguments.inputs)
    speech = OriginalSpeech(*fetch_members(SPEECH_EMBEDDING, arguments.work))
    data, *_ = fetch_members(MUSICNN, arguments.work)
    music = OriginalMusic(data.parent / "checkpoint")
    np.savez_compressed(
        arguments.output,
        speech=np.stack([speech.embed(some) for some in samples]),
        music=_pool_in_batches(music, bands),
    )


def read_inputs(path: Path | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return samples and bands of a file, or made-up ones."""
    if path is None:
        seeds = range(_N_CLIPS)
        return (
            np.stack([make_samples(seed) for seed in seeds]),
            np.stack([make_bands(seed) for seed in seeds]),
        )
    with np.load(path) as inputs:
        return inputs["samples"], inputs["bands"]


def _pool_in_batches(
    music: OriginalMusic, bands: NDArray[np.float32]
) -> NDArray[np.float32]:
    parts = [bands[row : row + _BATCH] for row in range(0, len(bands), _BATCH)]
    return np.concatenate([music.pool(part) for part in parts])


if __name__ == "__main__":
    main()
