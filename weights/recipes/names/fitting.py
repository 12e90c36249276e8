"""How the net is trained on varied renderings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf import make_pipeline, pad_sequences
from mfccclf.synthesis.speech import Rendering
from weights.recipes.features import Features, extract_parts, mark_extractor_fitted
from weights.recipes.names.augment import Waveform, make_clips
from weights.recipes.names.others import make_others

__all__ = ["LIMITS", "PRESET", "fit_names", "n_others"]

PRESET = "default"
# Chosen by names and other words that evaluate.py holds out; see README.md.
LIMITS = {"min_confidence": 0.5}
_CLIPS_AT_ONCE = 50
_OTHERS_PER_LABEL = 1.25


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

    Returns
    -------
    pipeline : Pipeline
        Fitted.
    """
    pipeline = make_pipeline(
        PRESET,
        max_epochs=max_epochs,
        batch_size=64,
        random_state=seed,
        lstm__verbose=verbose,
        extract__n_jobs=n_jobs,
    )
    rng = np.random.default_rng(seed)
    X, y = _make_names(pipeline, renderings, per_label, rng)
    X_other = _make_others(pipeline, others, n_others(per_label), rng)
    mark_extractor_fitted(pipeline)
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
) -> tuple[Features, NDArray[np.str_]]:
    labels: list[str] = []

    def make(count: int) -> list[Waveform]:
        clips, names = make_clips(renderings, per_label=count, rng=rng)
        labels.extend(names)
        return clips

    X = _extract(pipeline, make, per_label)
    return X, np.array(labels)


def _make_others(
    pipeline: Pipeline,
    renderings: Sequence[Rendering],
    count: int,
    rng: np.random.Generator,
) -> Features:
    return _extract(pipeline, lambda some: make_others(renderings, some, rng), count)


def _extract(
    pipeline: Pipeline, make: Callable[[int], list[Waveform]], total: int
) -> Features:
    def parts() -> Iterator[list[Waveform]]:
        for start in range(0, total, _CLIPS_AT_ONCE):
            yield make(min(_CLIPS_AT_ONCE, total - start))

    return pad_sequences(extract_parts(pipeline["extract"], parts()))
