"""Make weights/instruments.mfccclf: vary and mix solos, test on others, train, save."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from card import write_card
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.fft import dct
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.pipeline import make_pipeline as join
from sklearn.preprocessing import StandardScaler
from variations import SAMPLE_RATE, write_variations

from mfccclf import Dataset, evaluate, load_dataset, make_pipeline, save_model
from mfccclf.datasets.mixing import mix_clips
from mfccclf.estimators._thresholds import best_thresholds
from mfccclf.workflows import extract_clips

HERE = Path(__file__).parent
PRESET = "instruments"
N_PARTS = 5
N_TESTED = 1000
Array = NDArray[Any]


@dataclass(frozen=True)
class Mixtures:
    """Features, labels as a matrix, and the part of the solos of each mixture."""

    X: Array
    Y: Array
    part: Array


def main() -> None:
    """Read the options, make the mixtures, test on held-out solos, train and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("solos", help="folder in the layout of Medley-solos-DB")
    parser.add_argument("--work", type=Path, required=True, help="folder for mixtures")
    parser.add_argument("--output", default="weights/instruments.mfccclf")
    parser.add_argument("--mixtures", type=int, default=3000)
    parser.add_argument("--per-clip", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="nets to train at a time")
    parser.add_argument("--device", default="cpu", help="where nets learn: cpu, cuda")
    options = parser.parse_args()

    solos = load_dataset(options.solos)
    varied, plain = make_mixtures(solos, options)
    classes = np.array(solos.classes)
    held_out, thresholds = score_by_parts(varied, plain, options)
    scores = {
        "other solos": evaluate(plain.Y, held_out, classes, thresholds=thresholds),
        "other solos, thresholds of 0.5": evaluate(plain.Y, held_out, classes),
        "other solos, logistic regression": evaluate(
            plain.Y, score_baseline(varied, plain), classes
        ),
    }
    (HERE / "scores.json").write_text(json.dumps(scores, indent=1) + "\n")
    for name, found in scores.items():
        print(f"{name}: macro F1 {found['macro_f1']:.3f}, mAP {found['map']:.3f}")
    whole = Mixtures(
        *(
            np.concatenate(pair)
            for pair in zip(
                (varied.X, varied.Y, varied.part),
                (plain.X, plain.Y, plain.part),
                strict=True,
            )
        )
    )
    pipeline = fit(whole, options, labels=classes)
    pipeline[-1].thresholds_ = np.array(thresholds)
    facts = {
        "preset": PRESET,
        "description": "Names the instruments in a clip: any number of eight.",
        "licence": "CC BY 4.0",
        "training": {
            "data": "mixtures of 80 solos of Medley-solos-DB (training part)",
            "n_mixtures": len(whole.X),
            "n_epochs": options.epochs,
            "seed": options.seed,
            "thresholds": "tuned on mixtures of held-out solos, five parts in turn",
        },
        "scores": {name: scores[name] for name in list(scores)[:2]},
    }
    save_model(pipeline, options.output, metadata=facts, card=write_card(scores))


def make_mixtures(solos: Dataset, options: Any) -> tuple[Mixtures, Mixtures]:
    """Mix varied solos to learn from, and solos as they are to test on."""
    table = write_variations(
        solos, options.work / "solos", per_clip=options.per_clip, seed=options.seed
    )
    alone = write_variations(solos, options.work / "plain", per_clip=1, seed=0)
    parts = []
    for source, count in ((table, options.mixtures), (alone, N_TESTED)):
        mixed = mix_clips(
            load_dataset(source),
            options.work / f"mixed-{source.parent.name}",
            n_mixtures=count,
            n_groups=N_PARTS,
            duration=3.0,
            sample_rate=SAMPLE_RATE,
            random_state=options.seed,
        )
        parts.append((load(mixed.folder), solos_of(mixed.folder)))
    check_same_parts(*(homes for _, homes in parts))
    return parts[0][0], parts[1][0]


def load(folder: Path) -> Mixtures:
    """Extract the features of mixtures."""
    data = load_dataset(folder / "labels.csv", check=False)
    X = extract_clips(make_pipeline(PRESET)[0], data.paths)
    Y = np.array(
        [[name in labels for name in data.classes] for labels in data.label_sets]
    )
    return Mixtures(X, Y.astype(np.int64), np.array(data.groups))


def solos_of(folder: Path) -> dict[str, str]:
    """Return the part of each solo that a mixture holds."""
    manifest = json.loads((folder / "manifest.json").read_text())
    return {
        voice["path"].partition("-")[0]: clip["group"]
        for clip in manifest["clips"]
        for voice in clip["voices"]
    }


def check_same_parts(varied: dict[str, str], plain: dict[str, str]) -> None:
    """Stop if a solo is learned from in one part and tested on in another."""
    if any(varied.get(solo, part) != part for solo, part in plain.items()):
        raise SystemExit("A solo lies in two parts.")


def fit(data: Mixtures, options: Any, *, labels: Array | None = None) -> Pipeline:
    """Train the preset's net on features; columns get the names in ``labels``."""
    pipeline = make_pipeline(
        PRESET,
        max_epochs=options.epochs,
        random_state=options.seed,
        device=options.device,
        lstm__verbose=1,
    )
    y = data.Y if labels is None else [tuple(labels[row == 1]) for row in data.Y]
    pipeline["extract"].fit(["clip.wav"])
    pipeline["lstm"].fit(data.X, y)
    return pipeline.set_params(lstm__verbose=0, lstm__device="auto")


def score_by_parts(
    varied: Mixtures, plain: Mixtures, options: Any
) -> tuple[Array, list[float]]:
    """Return scores of each part by a net that never heard it, and the thresholds."""
    parts = np.unique(plain.part)
    found = Parallel(n_jobs=options.jobs)(
        delayed(score_part)(part, varied, plain, options) for part in parts
    )
    scores = np.zeros(plain.Y.shape)
    for part, rows in zip(parts, found, strict=True):
        scores[plain.part == part] = rows
    thresholds = best_thresholds(plain.Y, scores, np.full(scores.shape[1], 0.5))
    return scores, thresholds.tolist()


def score_part(part: str, varied: Mixtures, plain: Mixtures, options: Any) -> Array:
    """Score the mixtures of one part by a net that learned from the others."""
    torch.set_num_threads(1)
    others = varied.part != part
    data = Mixtures(varied.X[others], varied.Y[others], varied.part[others])
    held = plain.X[plain.part == part]
    return fit(data, options)[1:].predict_proba(held)


def score_baseline(varied: Mixtures, plain: Mixtures) -> Array:
    """Score a logistic regression on mean and deviation of 20 MFCC, likewise."""
    scores = np.zeros(plain.Y.shape)
    for part in np.unique(plain.part):
        held, others = plain.part == part, varied.part != part
        model = join(
            StandardScaler(),
            OneVsRestClassifier(LogisticRegression(C=0.1, max_iter=2000)),
        ).fit(summarise(varied.X[others]), varied.Y[others])
        scores[held] = model.predict_proba(summarise(plain.X[held]))
    return scores


def summarise(X: Array) -> Array:
    """Return mean and deviation of each of 20 MFCC."""
    cepstra = dct(X, axis=2, norm="ortho")[:, :, :20]
    return np.concatenate([cepstra.mean(axis=1), cepstra.std(axis=1)], axis=1)


if __name__ == "__main__":
    main()
