"""See whether weights that know single notes help with several instruments at once.

    python -m benchmarks.quality.pretraining --data DIR

A net with the layers of the preset instruments learns the instrument families of the
real notes in DIR/notes. Then mixtures of solos are learned from (the folds of the task
solos-mixtures), from all clips of a training part or from a tenth of them: by a new
net, by one that starts from the weights of the notes', and by one that keeps these and
learns an output layer alone. Printed and kept as JSON: macro F1 and mean average
precision, each the mean over the folds.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor

from benchmarks.quality.measures import mean_precision
from benchmarks.quality.recordings import notes, solos_mixtures
from benchmarks.quality.task import Fold, Material, Places
from mfccclf import make_pipeline
from mfccclf.estimators import module_of
from mfccclf.workflows import extract_clips

PRESET = "instruments"
RESULTS = Path(__file__).parents[1] / "results" / "pretraining.json"
MOST_TIMES = 3
WAYS = ("from chance", "from notes", "from notes, only the output learned")


def main() -> None:
    """Train on notes, then on mixtures in every way."""
    options = parse_options()
    torch.set_num_threads(1)
    places = Places(options.data, options.work)
    known = learn_notes(notes(places), options.seed)
    material = solos_mixtures(places)
    X = extract_clips(make_pipeline(PRESET, cache=True)[0], material.paths)
    result = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for part in options.parts:
        for way in WAYS:
            start = start_of(way, known)
            scores = [
                learn_mixtures(X, material, fold, part, options.seed, start)
                for fold in material.folds
            ]
            name = f"1/{part} of the clips, {way}"
            result[name] = dict(
                zip(("macro_f1", "map"), np.mean(scores, axis=0).round(4), strict=True)
            )
            print(name, result[name], flush=True)
            RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def start_of(way: str, known: Mapping[str, Tensor]) -> dict[str, Any]:
    """Return what ``fit`` gets."""
    if way == "from chance":
        return {}
    return {"start_from": known, "freeze": way.endswith("learned")}


def learn_notes(material: Material, seed: int) -> dict[str, Tensor]:
    """Return the weights of a net that has learned all notes."""
    pipeline = make_pipeline(PRESET, random_state=seed, cache=True)
    X = extract_clips(pipeline[0], material.paths)
    pipeline[-1].fit(X, np.array([labels[0] for labels in material.label_sets]))
    weights: dict[str, Tensor] = module_of(pipeline[-1]).state_dict()
    return weights


def learn_mixtures(
    X: Any, material: Material, fold: Fold, part: int, seed: int, start: dict[str, Any]
) -> tuple[float, float]:
    """Return macro F1 and mean average precision on the clips of a fold."""
    rows = fold.train[::part]
    classifier = make_pipeline(PRESET, random_state=seed)[-1]
    # Few clips make few steps an epoch.
    classifier.set_params(max_epochs=classifier.max_epochs * min(part, MOST_TIMES))
    classifier.fit(X[rows], material.indicator[rows], **start)
    true = material.indicator[fold.test]
    named = np.asarray(classifier.predict(X[fold.test]))
    scores = classifier.predict_proba(X[fold.test])
    f1 = f1_score(true, named, average="macro", zero_division=0)
    return float(f1), mean_precision(true, scores)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality.pretraining",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="the recordings")
    parser.add_argument("--work", type=Path, default=Path("build/quality"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--parts", type=int, nargs="+", default=[10, 1], help="divisors of the clips"
    )
    return parser.parse_args()


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main()
