"""Rows about pre-trained nets: from files to a model file, and by hand."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.speed.measuring import Ratio, Sample, Work
from benchmarks.speed.rows import Options, Row, at_least, at_most
from benchmarks.speed.training import Step

# Seconds that a preset for everybody may take, by the number of clips.
WANTED_S = {50: 5.0, 1000: 30.0}
PRESETS = ("default", "words")
HAND = "embedding and scikit-learn by hand"


def preset_to_file(clips: dict[str, str], folder: str, preset: str) -> Step:
    """Train a preset from files, and write its model file."""
    from mfccclf import keep_freed_memory, make_pipeline, save_model

    keep_freed_memory()

    def run() -> None:
        pipeline = make_pipeline(preset, random_state=0)
        pipeline.fit(list(clips), list(clips.values()))
        save_model(pipeline, Path(folder) / f"{preset}.mfccclf")

    return run


def hand_to_file(clips: dict[str, str], folder: str) -> Step:
    """Do what users would write: vectors, three statistics, logistic regression."""
    import joblib
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from mfccclf import SpeechEmbedding

    def run() -> None:
        X = SpeechEmbedding().transform(list(clips))
        parts = [np.nanmean(X, axis=1), np.nanstd(X, axis=1), np.nanmax(X, axis=1)]
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
        model.fit(np.concatenate(parts, axis=1), list(clips.values()))
        joblib.dump(model, Path(folder) / "hand.joblib")

    return run


def measure_models(options: Options, n_clips: int) -> dict[str, Any]:
    """Compare presets with what users would write by hand, once each."""
    if options.digits is None:
        return {"missing": "--digits FOLDER"}
    given = {"clips": _draw(options.digits, n_clips), "folder": str(options.folder)}
    found = {
        preset: _once("preset_to_file", given | {"preset": preset})
        for preset in PRESETS
    }
    hand = _once("hand_to_file", given)
    claims = [
        at_most(f"s for `{preset}`", _seconds(sample), WANTED_S[n_clips])
        for preset, sample in found.items()
    ]
    claims.append(at_most("s by hand", _seconds(hand), None))
    claims.append(at_least("times as fast: `words` as `default`", _ratio(found), None))
    ways = {**found, HAND: hand}
    return {"ways": {k: s.to_dict() for k, s in ways.items()}, "claims": claims}


def _seconds(sample: Sample) -> Ratio:
    return Ratio(sample.wall_s, sample.cpu_s)


def _ratio(found: dict[str, Sample]) -> Ratio:
    default, words = found["default"], found["words"]
    return Ratio(default.wall_s / words.wall_s, default.cpu_s / words.cpu_s)


def _once(function: str, arguments: dict[str, Any]) -> Sample:
    """Run a way once, in a process that has imported all it needs."""
    runner = Work(f"{__name__}:{function}", arguments).open()
    sample = runner.run()
    runner.close()
    return sample


def _draw(digits: Path, n_clips: int) -> dict[str, str]:
    """Return clips of all ten digits, as many of each, and their labels."""
    rng = random.Random(0)
    clips: dict[str, str] = {}
    for digit in range(10):
        paths = sorted(map(str, digits.glob(f"{digit}_*_*.wav")))
        clips |= dict.fromkeys(rng.sample(paths, n_clips // 10), str(digit))
    return clips


ROWS = [
    Row(
        f"model-{n_clips}",
        f"{n_clips:,} spoken digits: files to a model file, once",
        partial(measure_models, n_clips=n_clips),
    )
    for n_clips in WANTED_S
]
