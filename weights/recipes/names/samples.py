"""Make the samples in audio/: each name by a voice that the training left out."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr
from augment import CLIP_S, place_quietly
from numpy.random import Generator
from numpy.typing import NDArray
from render import check_programs

from mfccclf.synthesis.speech import (
    SPEECH_RATE,
    espeak_command,
    read_trimmed,
)

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
        word = _say(espeak_command(voice, text, pitch=pitch, speed=speed))
        clip = place_quietly(word, rng)
        path = options.output / name
        if path.suffix == ".au":
            wide = soxr.resample(clip, SPEECH_RATE, _RATE)
            soundfile.write(path, _as_stereo(wide, rng), _RATE, subtype="PCM_16")
        else:
            soundfile.write(path, clip, SPEECH_RATE, subtype="PCM_16")
        print(f"{path}: {CLIP_S} s")


def _say(command: list[str]) -> NDArray[np.float32]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.wav"
        subprocess.run([*command, str(path)], capture_output=True, check=True)
        word = read_trimmed(path)
    if word is None:
        raise SystemExit(f"No usable sound from: {' '.join(command)}.")
    return word


def _as_stereo(clip: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """Return two channels that differ a little, of shape (n_samples, 2)."""
    noise = rng.standard_normal((len(clip), 2)).astype(np.float32) * 3e-4
    return np.clip(clip[:, None] * np.array([1.0, 0.9], np.float32) + noise, -1, 1)


if __name__ == "__main__":
    main()
