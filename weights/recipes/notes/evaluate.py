"""Test the recipe on the notes of real instruments that its training did not hear."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from notes import Notes, fit_notes, load_notes, other_features, plain_features
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mfccclf import Dataset, MFCCExtractor, evaluate, load_dataset

SCORES = Path(__file__).with_name("scores.json")
# Chosen among these with a look at what scores.json says of each.
LIMITS = {"min_confidence": 0.3}
_TRIED_LIMITS = (0.2, 0.3, 0.4, 0.5)
_FOLDS = 5

Rows = NDArray[np.intp]
Scores = NDArray[np.float64]
Fit = Callable[[Rows, Rows], Scores]


def main() -> None:
    """Train once per fold, score all held-out notes together, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_data_options(parser)
    parser.add_argument(
        "--intruder",
        type=Path,
        nargs="+",
        default=[],
        help="folders of clips that hold no note, for the test alone",
    )
    parser.add_argument("--output", type=Path, default=SCORES)
    options = parser.parse_args()
    real = load_dataset(options.real)
    notes = load_notes(real, options.rendered, seed=options.seed)
    test = FoldTest(
        notes=notes,
        groups=np.array(real.groups),
        plain=plain_features(real),
        others=other_features(options.other),
        intruders={path.name: other_features([path]) for path in options.intruder},
        options=options,
    )
    held_out = score_folds(real, test.fit, options.seed)
    baseline = score_folds(real, support_vectors(real), options.seed)
    found = {
        "held-out instruments": {
            **evaluate(real.labels, held_out, real.classes),
            "limits": shares_at_limits(real, held_out),
        },
        "a support vector machine on the same folds": evaluate(
            real.labels, baseline, real.classes
        ),
    }
    strangers = {
        name: compare(held_out, np.concatenate(scores))
        for name, scores in test.answers.items()
    }
    written = {"known": found, "intruders": strangers}
    options.output.write_text(json.dumps(written, indent=1) + "\n")
    for name, scores in found.items():
        accuracy, balanced = scores["accuracy"], scores["balanced_accuracy"]
        print(f"{name}: accuracy {accuracy:.3f}, balanced {balanced:.3f}")
    for name, scores in strangers.items():
        print(f"{name}: area {scores['auroc']:.3f}")


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add what testing and training have in common."""
    add = parser.add_argument
    add("--real", type=Path, required=True, help="real notes")
    add("--rendered", type=Path, required=True, help="rendered notes")
    add(
        "--other",
        type=Path,
        nargs="+",
        required=True,
        help="folders of clips that hold no note, to learn from",
    )
    add("--seed", type=int, default=0)
    add("--epochs", type=int, default=10)


class FoldTest:
    """A net per fold: its scores of held-out notes, and of clips that hold none."""

    def __init__(
        self,
        *,
        notes: Notes,
        groups: NDArray[np.str_],
        plain: NDArray[np.float32],
        others: NDArray[np.float32],
        intruders: Mapping[str, NDArray[np.float32]],
        options: argparse.Namespace,
    ) -> None:
        self._notes, self._groups, self._plain = notes, groups, plain
        self._others, self._intruders, self._options = others, intruders, options
        self.answers: dict[str, list[Scores]] = {name: [] for name in intruders}

    def fit(self, train: Rows, test: Rows) -> Scores:
        """Train without the instruments of a fold, and score its notes."""
        pipeline = fit_notes(
            self._notes.without(self._groups[test].tolist()),
            self._others,
            max_epochs=self._options.epochs,
            seed=self._options.seed,
        )
        for name, X in self._intruders.items():
            self.answers[name].append(pipeline[1:].predict_proba(X))
        scores: Scores = pipeline[1:].predict_proba(self._plain[test])
        return scores


def score_folds(real: Dataset, fit: Fit, seed: int) -> Scores:
    """Score the notes of each fold by a model that heard no instrument of it."""
    labels, groups = np.array(real.labels), np.array(real.groups)
    proba = np.zeros((len(labels), len(real.classes)))
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=seed)
    for train, test in folds.split(labels, labels, groups):
        proba[test] = fit(train, test)
    return proba


def shares_at_limits(real: Dataset, proba: Scores) -> dict[str, dict[str, float]]:
    """Return the share of notes that get a label, and of right ones among these."""
    best = proba.max(axis=1)
    right = np.array(real.classes)[proba.argmax(axis=1)] == np.array(real.labels)
    return {
        f"{limit:g}": {
            "coverage": float((best >= limit).mean()),
            "answered_accuracy": float(right[best >= limit].mean()),
        }
        for limit in _TRIED_LIMITS
    }


def compare(known: Scores, strangers: Scores) -> dict[str, Any]:
    """Return how well confidence parts notes from other clips."""
    best = [proba.max(axis=1) for proba in (known, strangers)]
    truth = np.repeat([1, 0], [len(known), len(strangers)])
    return {
        "n_clips": len(strangers) // _FOLDS,
        "auroc": float(roc_auc_score(truth, np.concatenate(best))),
        "unanswered": {
            f"{limit:g}": float((best[1] < limit).mean()) for limit in _TRIED_LIMITS
        },
    }


def support_vectors(real: Dataset) -> Fit:
    """Return the baseline: mean and deviation of 20 MFCC, real notes alone."""
    extractor = MFCCExtractor(
        features=["mfcc"], n_mfcc=20, sample_rate=16000, n_frames=None
    )
    X = extractor.fit_transform(real.paths)
    statistics = np.concatenate([np.nanmean(X, axis=1), np.nanstd(X, axis=1)], axis=1)
    labels = np.array(real.labels)

    def fit(train: Rows, test: Rows) -> Scores:
        model = make_pipeline(StandardScaler(), SVC(C=10))
        model.fit(statistics[train], labels[train])
        predicted = model.predict(statistics[test])
        return (predicted[:, None] == np.array(real.classes)).astype(float)

    return fit


if __name__ == "__main__":
    main()
