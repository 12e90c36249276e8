r"""Make up film music with Chinese instruments: ``python examples/film_music.py DIR``.

The music is synthetic: a few lines of arithmetic imitate gong, erhu, dizi and pipa, and
no real instrument sounds like that. The example leads from a list of recordings to a
picture of who plays when, with files that anyone can make:

    python examples/film_music.py film
    mfccclf train film/sources.json --preset instruments --epochs 20 \
        --output film.mfccclf
    mfccclf predict film/unseen.wav --model film.mfccclf --window 1 --hop 0.5 \
        --format png --output unseen.png

DIR receives two recordings to train with, sources.json, which says who plays when in
them, a third recording, unseen.wav, and unseen.json, which says so for that one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

__all__ = ["INSTRUMENTS", "make_film"]

RATE = 22050
SCALE_HZ = 440 * 2 ** (np.array([-9, -7, -5, -2, 0, 3, 5, 7]) / 12)

Wave = NDArray[np.float64]


def play_gong(pitch: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Strike metal: partials that are not harmonic and fade slowly."""
    time = _time(seconds)
    ratios = np.array([1, 1.52, 1.94, 2.61, 3.37, 4.18, 5.43])
    rates = 0.6 + 0.5 * np.arange(len(ratios))
    phases = 2 * np.pi * (pitch / 4 * ratios[:, None] * time + rng.random((7, 1)))
    tone: Wave = (np.sin(phases) * np.exp(-rates[:, None] * time)).mean(axis=0)
    return tone


def play_erhu(pitch: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Bow a string: many harmonics, vibrato, a soft start."""
    time = _time(seconds)
    vibrato = 0.02 * np.sin(2 * np.pi * 5.5 * time + rng.random())
    phase = 2 * np.pi * pitch * np.cumsum(1 + vibrato) / RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 13))
    return 0.5 * tone * np.minimum(1, time / 0.08) * np.minimum(1, (seconds - time) * 9)


def play_dizi(pitch: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Blow a flute: few harmonics, high, with breath."""
    time = _time(seconds)
    tone = np.sin(4 * np.pi * pitch * time) + 0.3 * np.sin(12 * np.pi * pitch * time)
    breath = np.diff(rng.standard_normal(len(time) + 1))
    return (0.6 * tone + 0.08 * breath) * np.minimum(1, (seconds - time) * 20)


def play_pipa(pitch: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Pluck a string repeatedly: noise that averaging in a loop turns into a tone."""
    tones = [_pluck(pitch, seconds / 4 + 0.001, rng) for _ in range(4)]
    return np.concatenate(tones)[: len(_time(seconds))]


INSTRUMENTS: dict[str, Callable[[float, float, np.random.Generator], Wave]] = {
    "dizi": play_dizi,
    "erhu": play_erhu,
    "gong": play_gong,
    "pipa": play_pipa,
}


def make_film(folder: Path, *, seconds: int = 60, seed: int = 0) -> None:
    """Write two recordings with sources.json, and one to try the model on."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    sources = [
        _record(folder / f"{name}.wav", seconds, rng) for name in ("film-1", "film-2")
    ]
    _write_json(folder / "sources.json", _describe(sources))
    unseen = _record(folder / "unseen.wav", 30, rng)
    _write_json(folder / "unseen.json", _describe([unseen]))


def _record(path: Path, seconds: int, rng: np.random.Generator) -> dict[str, Any]:
    """Let each instrument play for 2 to 6 s at a time, and return when it does."""
    music = 0.003 * rng.standard_normal(seconds * RATE)
    stretches: list[dict[str, Any]] = []
    for name, play in INSTRUMENTS.items():
        at = int(rng.integers(0, 5))
        while at < seconds - 2:
            end = min(at + int(rng.integers(2, 7)), seconds)
            for second in range(at, end):
                tone = play(rng.choice(SCALE_HZ), 1.0, rng)
                music[second * RATE : (second + 1) * RATE] += 0.2 * tone
            stretches.append({"start_s": at, "end_s": end, "instruments": [name]})
            at = end + int(rng.integers(2, 8))
    soundfile.write(path, music / max(1, np.abs(music).max() / 0.99), RATE)
    return {
        "id": path.stem,
        "path": path.name,
        "licence": "CC0",
        "origin": "made by examples/film_music.py",
        "stretches": sorted(stretches, key=lambda stretch: stretch["start_s"]),
    }


def _describe(sources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"format": 1, "window_s": 1.0, "hop_s": 0.5, "sources": sources}


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _time(seconds: float) -> Wave:
    return np.arange(round(seconds * RATE)) / RATE


def _pluck(pitch: float, seconds: float, rng: np.random.Generator) -> Wave:
    period = round(RATE / pitch)
    count = len(_time(seconds))
    loop = rng.uniform(-1, 1, period)
    periods = []
    for _ in range(-(-count // period)):
        periods.append(loop)
        loop = 0.5 * (loop + np.roll(loop, 1))
    return 0.8 * np.concatenate(periods)[:count]


if __name__ == "__main__":
    make_film(Path(sys.argv[1] if len(sys.argv) > 1 else "film"))
