"""Test the recipe on the notes of real instruments that its training did not hear."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from notes import fit_notes, load_notes, plain_features
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mfccclf import Dataset, MFCCExtractor, evaluate, load_dataset

SCORES = Path(__file__).with_name("scores.json")
_FOLDS = 5
Fit = Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.float64]]


def main() -> None:
    """Train once per fold, score all held-out notes together, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, required=True, help="real notes")
    parser.add_argument("--rendered", type=Path, required=True, help="rendered notes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--output", type=Path, default=SCORES)
    options = parser.parse_args()
    real = load_dataset(options.real)
    notes = load_notes(real, options.rendered, seed=options.seed)
    plain, groups = plain_features(real), np.array(real.groups)

    def fit(train: NDArray[np.intp], test: NDArray[np.intp]) -> NDArray[np.float64]:
        heard = notes.without(groups[test].tolist())
        pipeline = fit_notes(heard, max_epochs=options.epochs, seed=options.seed)
        scores: NDArray[np.float64] = pipeline[1:].predict_proba(plain[test])
        return scores

    found = {
        "held-out instruments": score_folds(real, fit, options.seed),
        "a support vector machine on the same folds": score_folds(
            real, support_vectors(real), options.seed
        ),
    }
    options.output.write_text(json.dumps(found, indent=1) + "\n")
    for name, scores in found.items():
        accuracy, balanced = scores["accuracy"], scores["balanced_accuracy"]
        print(f"{name}: accuracy {accuracy:.3f}, balanced {balanced:.3f}")


def score_folds(real: Dataset, fit: Fit, seed: int) -> dict[str, object]:
    """Score the notes of each fold by a model that heard no instrument of it."""
    labels, groups = np.array(real.labels), np.array(real.groups)
    proba = np.zeros((len(labels), len(real.classes)))
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=seed)
    for train, test in folds.split(labels, labels, groups):
        proba[test] = fit(train, test)
    return evaluate(real.labels, proba, real.classes)


def support_vectors(real: Dataset) -> Fit:
    """Return the baseline: mean and deviation of 20 MFCC, real notes alone."""
    extractor = MFCCExtractor(
        features=["mfcc"], n_mfcc=20, sample_rate=16000, n_frames=None
    )
    X = extractor.fit_transform(real.paths)
    statistics = np.concatenate([np.nanmean(X, axis=1), np.nanstd(X, axis=1)], axis=1)
    labels = np.array(real.labels)

    def fit(train: NDArray[np.intp], test: NDArray[np.intp]) -> NDArray[np.float64]:
        model = make_pipeline(StandardScaler(), SVC(C=10))
        model.fit(statistics[train], labels[train])
        predicted = model.predict(statistics[test])
        return (predicted[:, None] == np.array(real.classes)).astype(float)

    return fit


if __name__ == "__main__":
    main()
