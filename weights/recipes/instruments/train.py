"""Make weights/instruments.mfccclf: vary and mix solos, test on others, train, save.

The nets also learn from clips that hold no instrument, and are tested on more of those.
"""

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
from sklearn.metrics import roc_auc_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.pipeline import make_pipeline as join
from sklearn.preprocessing import StandardScaler
from variations import SAMPLE_RATE, write_variations

from mfccclf import Dataset, evaluate, load_dataset, make_pipeline, save_model
from mfccclf.estimators.labels.thresholds import best_thresholds
from mfccclf.synthesis import mix_clips
from mfccclf.workflows import extract_sequences, load_ood_clips

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

    def join(self, more: Mixtures) -> Mixtures:
        """Return these and more."""
        pairs = ((self.X, more.X), (self.Y, more.Y), (self.part, more.part))
        return Mixtures(*map(np.concatenate, pairs))


@dataclass(frozen=True)
class Strangers:
    """Features of clips that hold no instrument: to learn from, and to test with."""

    others: Array
    intruders: dict[str, Array]


def main() -> None:
    """Make the mixtures, test on held-out solos, train and save."""
    options = parse_options()
    solos = load_dataset(options.solos)
    varied, plain = make_mixtures(solos, options)
    classes = np.array(solos.classes)
    strangers = Strangers(
        # No longer than the mixtures: a batch takes as long as its longest clip.
        others=extract_others(options.other)[:, : varied.X.shape[1]],
        intruders={path.name: extract_others([path]) for path in options.intruder},
    )
    pipeline, held_out, answers = learn(varied, plain, strangers, options, classes)
    thresholds = best_thresholds(plain.Y, held_out, np.full(len(classes), 0.5))
    tuned = evaluate(plain.Y, held_out, classes, thresholds=thresholds.tolist())
    baseline = score_baseline(varied, plain)
    scores = {
        "other solos": tuned,
        "other solos, thresholds of 0.5": evaluate(plain.Y, held_out, classes),
        "other solos, logistic regression": evaluate(plain.Y, baseline, classes),
    }
    intruders = {
        name: compare(held_out, found, thresholds) for name, found in answers.items()
    }
    written = {"mixtures": scores, "intruders": intruders}
    (HERE / "scores.json").write_text(json.dumps(written, indent=1) + "\n")
    for name, found in scores.items():
        print(f"{name}: macro F1 {found['macro_f1']:.3f}, mAP {found['map']:.3f}")
    for name, found in intruders.items():
        print(f"{name}: area {found['auroc']:.3f}, none {found['unanswered']:.3f}")
    pipeline[-1].thresholds_ = thresholds
    facts = {
        "preset": PRESET,
        "description": "Names the instruments in a clip: any number of eight.",
        "licence": "CC BY 4.0",
        "training": {
            "data": "mixtures of 80 solos of Medley-solos-DB (training part)",
            "n_mixtures": len(varied.X) + len(plain.X),
            "n_other_clips": len(strangers.others),
            "n_epochs": options.epochs,
            "seed": options.seed,
            "thresholds": "tuned on mixtures of held-out solos, five parts in turn",
        },
        "scores": {name: scores[name] for name in list(scores)[:2]},
    }
    card = write_card(scores, intruders, n_others=len(strangers.others))
    save_model(pipeline, options.output, metadata=facts, card=card)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("solos", help="folder in the layout of Medley-solos-DB")
    add("--work", type=Path, required=True, help="folder for mixtures")
    add("--output", default="weights/instruments.mfccclf")
    add(
        "--other",
        type=Path,
        nargs="+",
        required=True,
        help="folders of clips that hold no instrument, to learn from",
    )
    add(
        "--intruder",
        type=Path,
        nargs="+",
        default=[],
        help="more of them, for the test alone",
    )
    add("--mixtures", type=int, default=3000)
    add("--per-clip", type=int, default=6)
    add("--epochs", type=int, default=24)
    add("--seed", type=int, default=0)
    add("--jobs", type=int, default=1, help="nets to train at a time")
    add("--device", default="cpu", help="where nets learn: cpu, cuda")
    return parser.parse_args()


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
    X = extract_sequences(make_pipeline(PRESET)[0], data.paths)
    Y = np.array(
        [[name in labels for name in data.classes] for labels in data.label_sets]
    )
    return Mixtures(X, Y.astype(np.int64), np.array(data.groups))


def extract_others(folders: list[Path]) -> Array:
    """Extract the features of clips that hold no instrument."""
    return extract_sequences(make_pipeline(PRESET)[0], load_ood_clips(folders).paths)


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


def fit(
    data: Mixtures, others: Array, options: Any, *, labels: Array | None = None
) -> Pipeline:
    """Train the preset's net on features; columns get the names in ``labels``."""
    torch.set_num_threads(1)
    pipeline = make_pipeline(
        PRESET,
        max_epochs=options.epochs,
        random_state=options.seed,
        device=options.device,
        lstm__verbose=1,
    )
    y = data.Y if labels is None else [tuple(labels[row == 1]) for row in data.Y]
    pipeline["extract"].fit(["clip.wav"])
    pipeline["lstm"].fit(data.X, y, X_other=others)
    return pipeline.set_params(lstm__verbose=0, lstm__device="auto")


def learn(
    varied: Mixtures,
    plain: Mixtures,
    strangers: Strangers,
    options: Any,
    classes: Array,
) -> tuple[Pipeline, Array, dict[str, Array]]:
    """Train on everything, and once without each part.

    Returns the pipeline that learned everything; the scores of each part, and those of
    the intruders, by nets that never heard it.
    """
    parts = np.unique(plain.part)
    whole = delayed(fit)(varied.join(plain), strangers.others, options, labels=classes)
    by_part = [
        delayed(score_part)(part, varied, plain, strangers, options) for part in parts
    ]
    pipeline, *found = Parallel(n_jobs=options.jobs)([whole, *by_part])
    scores = np.zeros(plain.Y.shape)
    for part, (rows, _) in zip(parts, found, strict=True):
        scores[plain.part == part] = rows
    answers = {
        name: np.concatenate([rows[name] for _, rows in found])
        for name in strangers.intruders
    }
    return pipeline, scores, answers


def score_part(
    part: str, varied: Mixtures, plain: Mixtures, strangers: Strangers, options: Any
) -> tuple[Array, dict[str, Array]]:
    """Score the mixtures of one part by a net that learned from the other parts."""
    kept = varied.part != part
    data = Mixtures(varied.X[kept], varied.Y[kept], varied.part[kept])
    net = fit(data, strangers.others, options)[1:]
    answers = {name: net.predict_proba(X) for name, X in strangers.intruders.items()}
    return net.predict_proba(plain.X[plain.part == part]), answers


def compare(known: Array, strangers: Array, thresholds: Array) -> dict[str, Any]:
    """Return how well the best score parts mixtures from clips without instruments."""
    best = [scores.max(axis=1) for scores in (known, strangers)]
    truth = np.repeat([1, 0], [len(known), len(strangers)])
    return {
        "n_clips": len(strangers) // N_PARTS,
        "auroc": float(roc_auc_score(truth, np.concatenate(best))),
        "unanswered": float((strangers < thresholds).all(axis=1).mean()),
    }


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
