"""Make weights/names.mfccclf: render names, vary them, train, save with a card."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from augment import Waveform, make_clips
from card import write_card
from numpy.typing import NDArray
from others import load_or_render_others, make_others
from render import load_or_render
from sklearn.pipeline import Pipeline

from mfccclf import make_pipeline, pad_sequences, save_model
from mfccclf.sequences import sequence_lengths
from mfccclf.synthesis.speech import Rendering

SCORES = Path(__file__).with_name("scores.json")
_CLIPS_AT_ONCE = 50
_OTHERS_PER_LABEL = 1.25
# Chosen by names and other words that evaluate.py holds out; see README.md.
LIMITS = {"min_confidence": 0.5}


def main() -> None:
    """Read the options, render, train and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("weights/names.mfccclf"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--renderings", type=Path, help="file (.npz) to keep the rendered speech in"
    )
    parser.add_argument(
        "--others", type=Path, help="the same for words that are no names"
    )
    parser.add_argument("--clips", type=int, default=2000, help="per name")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1, help="processes for features")
    options = parser.parse_args()

    print("Rendering.", flush=True)
    renderings = load_or_render(options.renderings, options.seed)
    others = load_or_render_others(options.others, options.seed)
    start = time.perf_counter()
    pipeline = fit_names(
        renderings,
        others,
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
        "other_clips": n_others(options.clips),
        **LIMITS,
        "epochs": options.epochs,
        "seed": options.seed,
    }
    facts = {
        "preset": "default",
        "description": "Tells five spoken English names apart.",
        "training": training,
        "scores": scores,
        "limits": LIMITS,
        "licence": "MIT",
    }
    card = write_card(pipeline, renderings, training, scores)
    print(f"Saved {save_model(pipeline, options.output, metadata=facts, card=card)}.")


def fit_names(
    renderings: Sequence[Rendering],
    others: Sequence[Rendering],
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
    others : sequence of Rendering
        What they said that is no name.
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
    rng = np.random.default_rng(seed)
    X, y = _make_names(pipeline, renderings, per_label, rng)
    X_other = _make_others(pipeline, others, n_others(per_label), rng)
    pipeline["extract"].fit(["clip.wav"])
    pipeline["lstm"].fit(X, y, X_other=X_other)
    return pipeline.set_params(extract__n_jobs=None, lstm__verbose=0)


def n_others(per_label: int) -> int:
    """Return how many clips without a name to learn from."""
    return round(_OTHERS_PER_LABEL * per_label)


def _make_names(
    pipeline: Pipeline,
    renderings: Sequence[Rendering],
    per_label: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    labels: list[str] = []

    def make(count: int) -> list[Waveform]:
        clips, names = make_clips(renderings, per_label=count, rng=rng)
        labels.extend(names)
        return clips

    return _extract_by_parts(pipeline, make, per_label), np.array(labels)


def _make_others(
    pipeline: Pipeline,
    renderings: Sequence[Rendering],
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    return _extract_by_parts(
        pipeline, lambda some: make_others(renderings, some, rng), count
    )


def _extract_by_parts(
    pipeline: Pipeline, make: Callable[[int], list[Waveform]], total: int
) -> NDArray[np.float32]:
    """Make clips and their features by parts: all waveforms would fill 1 GB."""
    sequences: list[NDArray[np.float32]] = []
    for start in range(0, total, _CLIPS_AT_ONCE):
        X = pipeline["extract"].fit_transform(make(min(_CLIPS_AT_ONCE, total - start)))
        lengths = sequence_lengths(X)
        sequences += [x[:n].copy() for x, n in zip(X, lengths, strict=True)]
    return pad_sequences(sequences)


if __name__ == "__main__":
    main()
