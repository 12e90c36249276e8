"""Make weights/notes.mfccclf: vary notes, train, save with a card."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from mfccclf import load_dataset, save_model
from mfccclf.estimators import count_parameters
from weights.recipes.cards import render_card
from weights.recipes.features import extract_other_clips
from weights.recipes.notes.data import PRESET, REAL_COPIES, load_notes
from weights.recipes.notes.fitting import LIMITS, SCORES, fit_notes, make_notes_parser


def main() -> None:
    """Read the options, train and save."""
    parser = make_notes_parser(__doc__, output=Path("weights/notes.mfccclf"))
    options = parser.parse_args()
    real = load_dataset(options.real)
    notes = load_notes(real, options.rendered, seed=options.seed)
    start = time.perf_counter()
    others = extract_other_clips(PRESET, options.other)
    pipeline = fit_notes(
        notes, others, max_epochs=options.epochs, seed=options.seed, verbose=2
    )
    training = {
        "data": "notes of 27 real instruments and of two SoundFonts",
        "n_real_notes": len(real),
        "variations_of_each": REAL_COPIES,
        "n_rendered_notes": len(notes.labels) - REAL_COPIES * len(real),
        "n_other_clips": len(others),
        "temperature": pipeline[-1].temperature_,
        "n_epochs": options.epochs,
        "seed": options.seed,
        "duration_s": round(time.perf_counter() - start),
    }
    print(f"Saved {save(pipeline, training, options.output)}.")


def save(pipeline: Pipeline, training: Mapping[str, Any], output: Path) -> Path:
    """Save the model with facts about its training, scores and card."""
    scores = json.loads(SCORES.read_text())
    facts = {
        "preset": PRESET,
        "description": "Tells eleven families of instruments apart by single notes.",
        "training": training,
        "scores": scores["known"],
        "limits": LIMITS,
        "licence": "MIT",
    }
    card = write_card(pipeline, training, scores)
    return save_model(pipeline, output, metadata=facts, card=card)


def write_card(
    pipeline: Pipeline, training: Mapping[str, Any], scores: Mapping[str, Any]
) -> str:
    """Return the model card, given facts of the training and what evaluate.py wrote."""
    classifier = pipeline[-1]
    (limit,) = LIMITS.values()
    held_out = scores["known"]["held-out instruments"]
    return render_card(
        "notes",
        classes=pipeline.classes_,
        n_real=training["n_real_notes"],
        copies=training["variations_of_each"],
        n_rendered=training["n_rendered_notes"],
        n_others=training["n_other_clips"],
        n_units=classifier.hidden_sizes[0],
        n_parameters=count_parameters(classifier.net_.module_)[0],
        n_epochs=training["n_epochs"],
        seed=training["seed"],
        scores=scores["known"],
        per_class=held_out["per_class"],
        limit=limit,
        at_limit=held_out["limits"][f"{limit:g}"],
        intruders={
            name: {**found, "unanswered": found["unanswered"][f"{limit:g}"]}
            for name, found in scores["intruders"].items()
        },
    )


if __name__ == "__main__":
    main()
