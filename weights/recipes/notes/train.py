"""Make weights/notes.mfccclf: vary notes, train, save with a card."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from card import write_card
from evaluate import LIMITS, SCORES, add_data_options
from notes import REAL_COPIES, fit_notes, load_notes, other_features

from mfccclf import load_dataset, save_model


def main() -> None:
    """Read the options, train and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_data_options(parser)
    parser.add_argument("--output", type=Path, default=Path("weights/notes.mfccclf"))
    options = parser.parse_args()
    real = load_dataset(options.real)
    notes = load_notes(real, options.rendered, seed=options.seed)
    start = time.perf_counter()
    others = other_features(options.other)
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
    scores = json.loads(SCORES.read_text())
    facts = {
        "preset": "notes",
        "description": "Tells eleven families of instruments apart by single notes.",
        "training": training,
        "scores": scores["known"],
        "limits": LIMITS,
        "licence": "MIT",
    }
    card = write_card(pipeline, training, scores)
    print(f"Saved {save_model(pipeline, options.output, metadata=facts, card=card)}.")


if __name__ == "__main__":
    main()
