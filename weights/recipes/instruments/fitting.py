"""Nets of all parts but one, a net of all, and a simple baseline."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import torch
from joblib import Parallel, delayed
from scipy.fft import dct
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.pipeline import make_pipeline as join
from sklearn.preprocessing import StandardScaler

from mfccclf import make_pipeline
from weights.recipes.features import mark_extractor_fitted
from weights.recipes.instruments.data import PRESET, Array, Mixtures, OtherClips

__all__ = ["Learned", "learn", "score_baseline"]


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What the nets learned.

    Attributes
    ----------
    pipeline : Pipeline
        Trained on everything.
    held_out : ndarray of shape (n_mixtures, n_labels)
        Scores of the mixtures of each part, by a net that never heard it.
    answers : dict of str to ndarray
        Scores of the intruders by these nets, one after the other.
    """

    pipeline: Pipeline
    held_out: Array
    answers: dict[str, Array]


def learn(
    varied: Mixtures,
    plain: Mixtures,
    others: OtherClips,
    options: argparse.Namespace,
    labels: Array,
) -> Learned:
    """Train on everything, and once without each part."""
    parts = np.unique(plain.part)
    whole = delayed(_fit)(varied.join(plain), others.learned, options, labels=labels)
    by_part = [
        delayed(_score_part)(part, varied, plain, others, options) for part in parts
    ]
    pipeline, *found = Parallel(n_jobs=options.jobs)([whole, *by_part])
    held_out = np.zeros(plain.Y.shape)
    for part, (rows, _) in zip(parts, found, strict=True):
        held_out[plain.part == part] = rows
    answers = {
        name: np.concatenate([rows[name] for _, rows in found])
        for name in others.intruders
    }
    return Learned(pipeline=pipeline, held_out=held_out, answers=answers)


def score_baseline(varied: Mixtures, plain: Mixtures) -> Array:
    """Score the held-out parts by a logistic regression on mean and deviation."""
    scores = np.zeros(plain.Y.shape)
    for part in np.unique(plain.part):
        held, others = plain.part == part, varied.part != part
        model = join(
            StandardScaler(),
            OneVsRestClassifier(LogisticRegression(C=0.1, max_iter=2000)),
        ).fit(_summarise(varied.X[others]), varied.Y[others])
        scores[held] = model.predict_proba(_summarise(plain.X[held]))
    return scores


def _fit(
    data: Mixtures,
    others: Array,
    options: argparse.Namespace,
    *,
    labels: Array | None = None,
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
    mark_extractor_fitted(pipeline)
    pipeline["lstm"].fit(data.X, y, X_other=others)
    return pipeline.set_params(lstm__verbose=0, lstm__device="auto")


def _score_part(
    part: str,
    varied: Mixtures,
    plain: Mixtures,
    others: OtherClips,
    options: argparse.Namespace,
) -> tuple[Array, dict[str, Array]]:
    """Score the mixtures of one part by a net that learned from the other parts."""
    data = varied.select(varied.part != part)
    net = _fit(data, others.learned, options)[1:]
    answers = {name: net.predict_proba(X) for name, X in others.intruders.items()}
    return net.predict_proba(plain.X[plain.part == part]), answers


def _summarise(X: Array) -> Array:
    """Return mean and deviation of each of 20 MFCC."""
    cepstra = dct(X, axis=2, norm="ortho")[:, :, :20]
    return np.concatenate([cepstra.mean(axis=1), cepstra.std(axis=1)], axis=1)
