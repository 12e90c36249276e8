"""Tasks of names spoken by speech synthesisers; no recording is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.quality.task import Fold, LabelSets, Places, TaskClips
from mfccclf.synthesis.speech import SPEECH_RATE
from weights.recipes.names.augment import make_clips, place_quietly
from weights.recipes.names.evaluate import split_voices
from weights.recipes.names.render import load_or_render, say

__all__ = ["names_engines", "names_small"]

_NAMES = ("James", "Jennifer", "Linda", "Maria", "Patricia")
_VOICE = "en-us"
_TRAIN, _TEST = 10, 5
_PER_NAME = 200
_TEST_CLIPS = 300
_SEED = 0


def names_small(places: Places) -> TaskClips:
    """Return the task of the first published system: 50 clips, 25 tests, one voice.

    One voice of espeak-ng says each of five names ten times for training and five
    times for testing. Its pitch and speed vary a little; the name starts anywhere in
    3.1 s of faint noise.
    """
    folder = places.work / "names-small"
    takes = [(name, take) for name in _NAMES for take in range(_TRAIN + _TEST)]
    paths = [folder / f"{name}.{take:02d}.wav" for name, take in takes]
    if not all(path.exists() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        for number, path in enumerate(paths):
            _write_take(path, takes[number][0], np.random.default_rng([_SEED, number]))
    tested = np.array([take >= _TRAIN for _, take in takes])
    return TaskClips(
        paths=[str(path) for path in paths],
        label_sets=[(name,) for name, _ in takes],
        groups=None,
        folds=[Fold("one voice", np.flatnonzero(~tested), np.flatnonzero(tested))],
    )


def _write_take(path: Path, name: str, rng: np.random.Generator) -> None:
    pitch, speed = int(rng.integers(42, 58)), int(rng.integers(120, 156))
    word = say(_VOICE, name, pitch=pitch, speed=speed)
    soundfile.write(path, place_quietly(word, rng), SPEECH_RATE, subtype="PCM_16")


def names_engines(places: Places) -> TaskClips:
    """Return names spoken by held-out voices, in four folds.

    The held-out voices are those of the recipe of the shipped model.
    """
    folder = places.work / "names-engines"
    folder.mkdir(parents=True, exist_ok=True)
    renderings = load_or_render(places.work / "names-renderings.npz", _SEED)
    paths: list[str] = []
    labels: list[str] = []
    folds = []
    for name, held_out in split_voices(renderings).items():
        speakers = {rendering.speaker for rendering in held_out}
        heard = [r for r in renderings if r.speaker not in speakers]
        first = len(paths)
        for part, (clips, names) in _draw(heard, held_out).items():
            kept = [folder / f"{name}-{part}-{i:04d}.wav" for i in range(len(clips))]
            _write_clips(kept, clips)
            paths += map(str, kept)
            labels += names
        train = np.arange(first, first + _PER_NAME * len(_NAMES))
        folds.append(Fold(name, train, np.arange(train[-1] + 1, len(paths))))
    label_sets: LabelSets = [(label,) for label in labels]
    return TaskClips(paths=paths, label_sets=label_sets, groups=None, folds=folds)


_Clips = tuple[list[NDArray[np.float32]], list[str]]


def _draw(heard: Sequence[Any], held_out: Sequence[Any]) -> dict[str, _Clips]:
    """Return augmented clips of training voices, and plain ones of held-out voices."""
    rng = np.random.default_rng(_SEED)
    train, said = make_clips(heard, per_label=_PER_NAME, rng=rng)
    chosen = rng.choice(len(held_out), min(_TEST_CLIPS, len(held_out)), False)
    tests = [place_quietly(held_out[index].waveform, rng) for index in chosen]
    return {
        "train": (train, [label for label, _ in said]),
        "test": (tests, [held_out[i].label for i in chosen]),
    }


def _write_clips(paths: Sequence[Path], clips: Sequence[NDArray[np.float32]]) -> None:
    for path, clip in zip(paths, clips, strict=True):
        if not path.exists():
            soundfile.write(path, clip, SPEECH_RATE, subtype="PCM_16")
