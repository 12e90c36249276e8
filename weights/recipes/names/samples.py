"""Make the samples in audio/: each name by a voice that the training leaves out."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.random import Generator
from numpy.typing import NDArray

from mfccclf.synthesis.speech import SPEECH_RATE
from weights.recipes.names.augment import CLIP_S, place_quietly
from weights.recipes.names.render import check_programs, say

# File, voice of espeak-ng, text, pitch (0 to 99), speed (words a minute).
_SAMPLES = (
    ("James.01.au", "en-gb+max", "James", 45, 120),
    ("Jennifer.01.au", "en-us+steph", "Jennifer", 55, 130),
    ("Linda.01.au", "en-us+belinda", "Linda", 50, 125),
    ("Maria.01.au", "en-gb-x-rp+Andrea", "Maria", 50, 130),
    ("Patricia.01.au", "en-us+Gene", "Patricia", 40, 130),
    ("James.02.flac", "en-us+Gene", "James", 55, 140),
    ("Linda.02.wav", "en-gb-scotland+Andrea", "Linda", 60, 120),
)
_RATE = 48000


def main() -> None:
    """Render and write all samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("audio"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    check_programs()
    rng = np.random.default_rng(options.seed)
    for name, voice, text, pitch, speed in _SAMPLES:
        clip = place_quietly(say(voice, text, pitch=pitch, speed=speed), rng)
        path = options.output / name
        if path.suffix == ".au":
            wide = soxr.resample(clip, SPEECH_RATE, _RATE)
            soundfile.write(path, _as_stereo(wide, rng), _RATE, subtype="PCM_16")
        else:
            soundfile.write(path, clip, SPEECH_RATE, subtype="PCM_16")
        print(f"{path}: {CLIP_S} s")


def _as_stereo(clip: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """Return two channels that differ a little, of shape (n_samples, 2)."""
    noise = rng.standard_normal((len(clip), 2)).astype(np.float32) * 3e-4
    return np.clip(clip[:, None] * np.array([1.0, 0.9], np.float32) + noise, -1, 1)


if __name__ == "__main__":
    main()
