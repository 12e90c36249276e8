"""Change model files at random, and see what opening and running them does.

See ``fuzz/README.md``.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from mutation import mutate_bytes
from watching import main, one_line

__all__ = ["ModelAttack", "attack_of"]

Members = dict[str, bytes]
ODD_VALUES = [
    *(None, True, -1, 0, 1, 2, 3, 2.5, 2**31, 10**9, 10**400, 1e308, -1e308),
    *("", "a", "\n", "\ud800", "inf", [], [[]], [1, 2], {}, {"$float": "nan"}),
    *({"$pairs": [[[], 1]]}, {"$pairs": 3}, [0] * 99, [2**13] * 32, "x" * 5000),
]
KINDS = ("bytes", "config", "graph", "graph", "weights", "zip")


class ModelAttack:
    """Model files, changed anywhere, with the checksums mended where they hide it."""

    suffix = ".mfccclf"

    def __init__(self, models: Sequence[Members]) -> None:
        self._models = models

    def make(self, rng: random.Random) -> bytes:
        """Return a model file with a change of one kind."""
        return make_mutant(rng.choice(KINDS), rng.choice(self._models), rng)

    def attempt(self, path: Path, rng: random.Random) -> str:
        """Open it in one of both ways, and run it on half a second of noise."""
        return run_model(path) if rng.random() < 0.7 else load(path)


def run_model(path: Path) -> str:
    """Open a model file as ``predict`` does; return what came of it."""
    import numpy as np

    from mfccclf import ModelFileError, Predictor

    noise = np.random.default_rng(0).standard_normal(11025).astype(np.float32)
    try:
        Predictor(path).predict_waveform(noise, 22050)
    except ModelFileError as error:
        one_line(error, path)
        return "refused"
    except ValueError as error:  # a clip shorter than the mutant's features need
        if not str(error).startswith("The waveform "):
            raise
        return "no clip fits"
    return "ran"


def load(path: Path) -> str:
    """Open a model file for training or export; return what came of it."""
    from mfccclf import ModelFileError, load_model

    try:
        load_model(path)
    except ModelFileError as error:
        one_line(error, path)
        return "not loaded"
    return "loaded"


def mutate_head(content: bytes, rng: random.Random) -> bytes:
    """Change bytes, mostly among those that are no weights."""
    if rng.random() < 0.3:
        return mutate_bytes(content, rng)
    size = rng.choice([200, 2_000, 20_000])
    if rng.random() < 0.5:
        return mutate_bytes(content[:size], rng) + content[size:]
    return content[:-size] + mutate_bytes(content[-size:], rng)


def mutate_config(config: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Put an odd value somewhere, or leave one out."""
    mutant = copy.deepcopy(config)
    for _ in range(rng.choice([1, 1, 2])):
        part: Any = mutant
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not keys:
                break
            key = rng.choice(keys)
            inner = part[key]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.8:
                part = inner
                continue
            if rng.random() < 0.1:
                del part[key]
            elif isinstance(inner, int | float) and rng.random() < 0.3:
                part[key] = inner * rng.choice([-1, 2, 3, 1000, 0.5])
            else:
                part[key] = copy.deepcopy(rng.choice(ODD_VALUES))
            break
    return mutant


def make_mutant(kind: str, members: Members, rng: random.Random) -> bytes:
    """Return a model file with one change of a kind."""
    from mfccclf.persistence.archive import describe_members, pack

    members = dict(members)
    config = json.loads(members.pop("model.json"))
    if kind == "graph":
        members["model.onnx"] = mutate_head(members["model.onnx"], rng)
    if kind == "weights":
        content = members["weights.safetensors"]
        members["weights.safetensors"] = mutate_head(content, rng)
    config["members"] = describe_members(members)
    if kind == "config":
        config = mutate_config(config, rng)
    text = json.dumps(config).encode("utf-8", errors="surrogatepass")
    packed = pack({"model.json": text, **members})
    if kind == "bytes":
        return mutate_bytes(packed, rng)
    if kind == "zip":
        return packed[:-400] + mutate_bytes(packed[-400:], rng)
    return packed


def base_models(paths: Sequence[Path]) -> list[Members]:
    """Return the members of the model files to change; by default small ones."""
    import zipfile

    if not paths:
        paths = make_models(Path(tempfile.mkdtemp()))
    models = []
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            models.append({name: archive.read(name) for name in archive.namelist()})
    return models


def make_models(folder: Path) -> list[Path]:
    """Train three small models."""
    import numpy as np

    from mfccclf import make_pipeline, save_model

    rng = np.random.default_rng(0)
    clips = [
        rng.standard_normal(11025).astype(np.float32) * level
        for level in (0.01, 0.3) * 3
    ]
    settings: dict[str, dict[str, Any]] = {
        "names-lstm": {"hidden_sizes": (4,)},
        "polyphonic-cnn": {"channels": (3,)},
        "default": {"hidden_sizes": (4,), "conv_channels": (3,)},
    }
    paths = []
    for preset, options in settings.items():
        pipeline = make_pipeline(preset, max_epochs=1, **options)
        pipeline.fit(clips, ["quiet", "loud"] * 3)
        paths.append(save_model(pipeline, folder / f"{preset}.mfccclf"))
    return paths


def attack_of(args: argparse.Namespace) -> ModelAttack:
    """Make the models to change, and import what opening them needs."""
    models = base_models(args.files)
    import importlib

    for name in ("mfccclf.prediction.predictor", "mfccclf.persistence.loading"):
        importlib.import_module(name)
    return ModelAttack(models)


if __name__ == "__main__":
    sys.exit(main(__doc__ or "", attack_of))
