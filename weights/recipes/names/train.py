"""Make weights/names.mfccclf: render names, vary them, train, save with a card."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from mfccclf import save_model
from mfccclf.estimators import count_parameters
from mfccclf.synthesis.speech import Rendering
from weights.recipes.cards import render_card
from weights.recipes.names.clips import OTHERS_PER_LABEL, PRESET, load_material
from weights.recipes.names.fitting import LIMITS, fit_names
from weights.recipes.names.options import SCORES, make_names_parser


def main() -> None:
    """Read the options, render, train and save."""
    output = Path("weights/names.mfccclf")
    options = make_names_parser(__doc__, output=output).parse_args()

    print("Rendering.", flush=True)
    renderings, _, clips = load_material(options)
    start = time.perf_counter()
    pipeline = fit_names(clips, max_epochs=options.epochs, seed=options.seed, verbose=1)
    print(f"Trained in {time.perf_counter() - start:.0f} s.")
    print(f"Saved {save(pipeline, renderings, options)}.")


def save(
    pipeline: Pipeline, renderings: Sequence[Rendering], options: argparse.Namespace
) -> Path:
    """Save the model with facts about its training, scores and card."""
    scores = json.loads(SCORES.read_text()) if SCORES.exists() else {}
    training = {
        "data": "speech rendered by espeak-ng, flite and festival",
        "renderings": dict(Counter(rendering.engine for rendering in renderings)),
        "clips": options.clips * len(pipeline.classes_),
        "other_clips": OTHERS_PER_LABEL * options.clips,
        **LIMITS,
        "epochs": options.epochs,
        "seed": options.seed,
    }
    facts = {
        "preset": PRESET,
        "description": "Tells five spoken English names apart.",
        "training": training,
        "scores": scores,
        "limits": LIMITS,
        "licence": "MIT",
    }
    card = write_card(pipeline, count_voices(renderings), training, scores)
    return save_model(pipeline, options.output, metadata=facts, card=card)


def count_voices(renderings: Sequence[Rendering]) -> dict[str, int]:
    """Return how many voices each program has."""
    voices = {(rendering.engine, rendering.voice) for rendering in renderings}
    return dict(Counter(engine for engine, _ in sorted(voices)))


def write_card(
    pipeline: Pipeline,
    voices: Mapping[str, int],
    training: Mapping[str, Any],
    scores: Mapping[str, Mapping[str, float]],
) -> str:
    """Return the model card, given facts of the training and what evaluate.py wrote."""
    classifier = pipeline["lstm"]
    counts = training["renderings"]
    return render_card(
        "names",
        classes=pipeline.classes_,
        n_renderings=sum(counts.values()),
        programs=[
            {"name": name, "n_voices": n_voices, "n_renderings": counts[name]}
            for name, n_voices in sorted(voices.items())
        ],
        n_clips=training["clips"],
        n_others=training["other_clips"],
        classifier=classifier,
        net=pipeline["extract"].attributions()["speech"],
        n_parameters=count_parameters(classifier.net_.module_)[0],
        epochs=training["epochs"],
        seed=training["seed"],
        scores=scores,
        limits=LIMITS,
    )


if __name__ == "__main__":
    main()
