"""Make weights/instruments.mfccclf: vary and mix solos, test on others, train, save.

The nets also learn from clips that hold no instrument, and are tested on more of those.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mfccclf import evaluate, load_dataset, save_model
from mfccclf.estimators.labels.thresholds import best_thresholds
from weights.recipes.cards import render_card
from weights.recipes.features import extract_other_clips
from weights.recipes.instruments.data import (
    N_PARTS,
    PRESET,
    Array,
    Mixtures,
    OtherClips,
    make_mixtures,
)
from weights.recipes.instruments.fitting import Learned, learn, score_baseline
from weights.recipes.options import add_intruders, add_other_clips, make_parser
from weights.recipes.scoring import area_between

SCORES = Path(__file__).with_name("scores.json")


def main() -> None:
    """Make the mixtures, test on held-out solos, train and save."""
    options = parse_options()
    solos = load_dataset(options.solos)
    varied, plain = make_mixtures(solos, options)
    classes = np.array(solos.classes)
    others = load_others(options, n_frames=varied.X.shape[1])
    learned = learn(varied, plain, others, options, classes)
    thresholds = best_thresholds(plain.Y, learned.held_out, np.full(len(classes), 0.5))
    written = score(varied, plain, learned, thresholds, classes)
    SCORES.write_text(json.dumps(written, indent=1) + "\n")
    print_scores(written)
    learned.pipeline[-1].thresholds_ = thresholds
    facts = {
        "preset": PRESET,
        "description": "Names the instruments in a clip: any number of eight.",
        "licence": "CC BY 4.0",
        "training": {
            "data": "mixtures of 80 solos of Medley-solos-DB (training part)",
            "n_mixtures": len(varied.X) + len(plain.X),
            "n_other_clips": len(others.learned),
            "n_epochs": options.epochs,
            "seed": options.seed,
            "thresholds": "tuned on mixtures of held-out solos, five parts in turn",
        },
        "scores": dict(list(written["mixtures"].items())[:2]),
    }
    card = write_card(written, n_others=len(others.learned))
    save_model(learned.pipeline, options.output, metadata=facts, card=card)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = make_parser(__doc__, output=Path("weights/instruments.mfccclf"))
    add = parser.add_argument
    add("solos", help="folder in the layout of Medley-solos-DB")
    add("--work", type=Path, required=True, help="folder for mixtures")
    add_other_clips(parser, "instrument")
    add_intruders(parser, "instrument")
    add("--mixtures", type=int, default=3000)
    add("--per-clip", type=int, default=6)
    add("--epochs", type=int, default=24)
    add("--jobs", type=int, default=1, help="nets to train at a time")
    add("--device", default="cpu", help="where nets learn: cpu, cuda")
    return parser.parse_args()


def load_others(options: argparse.Namespace, *, n_frames: int) -> OtherClips:
    """Extract the features of clips that hold no instrument."""
    # No longer than the mixtures: a batch takes as long as its longest clip.
    learned = extract_other_clips(PRESET, options.other)[:, :n_frames]
    intruders = {
        path.name: extract_other_clips(PRESET, [path]) for path in options.intruder
    }
    return OtherClips(learned, intruders)


def score(
    varied: Mixtures,
    plain: Mixtures,
    learned: Learned,
    thresholds: Array,
    classes: Array,
) -> dict[str, Any]:
    """Return the scores of held-out mixtures and of intruders."""
    held_out, baseline = learned.held_out, score_baseline(varied, plain)
    tuned = evaluate(plain.Y, held_out, classes, thresholds=thresholds.tolist())
    return {
        "mixtures": {
            "other solos": tuned,
            "other solos, thresholds of 0.5": evaluate(plain.Y, held_out, classes),
            "other solos, logistic regression": evaluate(plain.Y, baseline, classes),
        },
        "intruders": {
            name: compare(held_out, found, thresholds)
            for name, found in learned.answers.items()
        },
    }


def compare(known: Array, intruders: Array, thresholds: Array) -> dict[str, Any]:
    """Return how well the best score separates mixtures from other clips."""
    return {
        "n_clips": len(intruders) // N_PARTS,
        "auroc": area_between(known, intruders),
        "unanswered": float((intruders < thresholds).all(axis=1).mean()),
    }


def print_scores(scores: Mapping[str, Any]) -> None:
    """Print the most important scores, one line each."""
    for name, found in scores["mixtures"].items():
        print(f"{name}: macro F1 {found['macro_f1']:.3f}, mAP {found['map']:.3f}")
    for name, found in scores["intruders"].items():
        print(f"{name}: area {found['auroc']:.3f}, none {found['unanswered']:.3f}")


def write_card(scores: Mapping[str, Any], *, n_others: int) -> str:
    """Return the model card, given what score returned."""
    mixtures = scores["mixtures"]
    tuned = next(iter(mixtures.values()))
    return render_card(
        "instruments",
        classes=tuned["classes"],
        n_others=n_others,
        rows={**mixtures, "naming every instrument": tuned["predict_everything"]},
        per_class=tuned["per_class"],
        intruders=scores["intruders"],
    )


if __name__ == "__main__":
    main()
