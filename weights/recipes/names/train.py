"""Make weights/names.mfccclf: render names, vary them, train, save with a card."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from augment import make_clips
from card import write_card
from numpy.typing import NDArray
from render import Rendering, load_or_render
from sklearn.pipeline import Pipeline

from mfccclf import make_pipeline, save_model

SCORES = Path(__file__).with_name("scores.json")
_CLIPS_AT_ONCE = 50


def main() -> None:
    """Read the options, render, train and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("weights/names.mfccclf"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--renderings", type=Path, help="file (.npz) to keep the rendered speech in"
    )
    parser.add_argument("--clips", type=int, default=3000, help="per name")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--jobs", type=int, default=1, help="processes for features")
    options = parser.parse_args()

    print("Rendering.", flush=True)
    renderings = load_or_render(options.renderings, options.seed)
    start = time.perf_counter()
    pipeline = fit_names(
        renderings,
        per_label=options.clips,
        max_epochs=options.epochs,
        seed=options.seed,
        n_jobs=options.jobs,
        verbose=1,
    )
    print(f"Trained in {time.perf_counter() - start:.0f} s.")
    scores = json.loads(SCORES.read_text()) if SCORES.exists() else {}
    training = {
        "data": "speech rendered by espeak-ng, flite and festival",
        "renderings": dict(Counter(rendering.engine for rendering in renderings)),
        "clips": options.clips * len(pipeline.classes_),
        "epochs": options.epochs,
        "seed": options.seed,
    }
    facts = {
        "preset": "default",
        "description": "Tells five spoken English names apart.",
        "training": training,
        "scores": scores,
        "licence": "MIT",
    }
    card = write_card(pipeline, renderings, training, scores)
    print(f"Saved {save_model(pipeline, options.output, metadata=facts, card=card)}.")


def fit_names(
    renderings: Sequence[Rendering],
    *,
    per_label: int,
    max_epochs: int,
    seed: int,
    n_jobs: int = 1,
    verbose: int = 0,
) -> Pipeline:
    """Vary the renderings and train the default pipeline on them.

    Parameters
    ----------
    renderings : sequence of Rendering
        What the voices said.
    per_label : int
        Clips to make of each name.
    max_epochs : int
        Epochs to train for.
    seed : int
        Seed of the variations and of the training.
    n_jobs : int, default=1
        Processes that extract features.
    verbose : int, default=0
        1 to show the progress.
    """
    pipeline = make_pipeline(
        "default",
        max_epochs=max_epochs,
        batch_size=64,
        random_state=seed,
        lstm__verbose=verbose,
        extract__n_jobs=n_jobs,
    )
    X, y = _make_features(pipeline, renderings, per_label, seed)
    Pipeline(pipeline.steps[1:]).fit(X, y)
    return pipeline.set_params(extract__n_jobs=None, lstm__verbose=0)


def _make_features(
    pipeline: Pipeline, renderings: Sequence[Rendering], per_label: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Make the clips and their features by parts: all waveforms would fill 2 GB."""
    rng = np.random.default_rng(seed)
    extractor = pipeline.named_steps["extract"]
    parts, labels = [], []
    for start in range(0, per_label, _CLIPS_AT_ONCE):
        count = min(_CLIPS_AT_ONCE, per_label - start)
        clips, names = make_clips(renderings, per_label=count, rng=rng)
        parts.append(extractor.fit_transform(clips))
        labels += names
    return np.concatenate(parts), np.array(labels)


if __name__ == "__main__":
    main()
