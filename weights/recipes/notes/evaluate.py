"""Test the recipe on the notes of real instruments that its training did not hear."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mfccclf import Dataset, MFCCExtractor, evaluate, load_dataset
from weights.recipes.features import Features, extract_other_clips
from weights.recipes.notes.data import PRESET, Notes, load_notes, plain_features
from weights.recipes.notes.fitting import SCORES, fit_notes, make_notes_parser
from weights.recipes.options import add_intruders
from weights.recipes.scoring import area_between

_TRIED_LIMITS = (0.2, 0.3, 0.4, 0.5)
_FOLDS = 5

Rows = NDArray[np.intp]
Scores = NDArray[np.float64]
Fit = Callable[[Rows, Rows], Scores]


@dataclass(frozen=True, kw_only=True)
class FoldTest:
    """A net per fold: its scores of held-out notes, and of clips that hold none.

    Attributes
    ----------
    notes : Notes
        Varied notes to learn from.
    groups : ndarray of str of shape (n_clips,)
        Instrument of each real note.
    plain : float32 ndarray
        Features of the real notes without variation, to test with.
    others : float32 ndarray
        Features of clips that hold no note, to learn from.
    intruders : mapping of str to float32 ndarray
        Features of more of them, to test with.
    options : argparse.Namespace
        Epochs and seed.
    answers : dict of str to list
        Scores of the intruders by the net of each fold.
    """

    notes: Notes
    groups: NDArray[np.str_]
    plain: Features
    others: Features
    intruders: Mapping[str, Features]
    options: argparse.Namespace
    answers: dict[str, list[Scores]] = field(default_factory=dict)

    def fit(self, train: Rows, test: Rows) -> Scores:
        """Train without the instruments of a fold, and score its notes."""
        pipeline = fit_notes(
            self.notes.without(self.groups[test].tolist()),
            self.others,
            max_epochs=self.options.epochs,
            seed=self.options.seed,
        )
        net = pipeline[1:]
        for name, X in self.intruders.items():
            self.answers.setdefault(name, []).append(net.predict_proba(X))
        scores: Scores = net.predict_proba(self.plain[test])
        return scores


def main() -> None:
    """Train once per fold, score all held-out notes together, and write JSON."""
    parser = make_notes_parser(__doc__, output=SCORES)
    add_intruders(parser, "note")
    options = parser.parse_args()
    real = load_dataset(options.real)
    folds = FoldTest(
        notes=load_notes(real, options.rendered, seed=options.seed),
        groups=np.array(real.groups),
        plain=plain_features(real),
        others=extract_other_clips(PRESET, options.other),
        intruders={
            path.name: extract_other_clips(PRESET, [path]) for path in options.intruder
        },
        options=options,
    )
    held_out = score_folds(real, folds.fit, options.seed)
    baseline = score_folds(real, support_vectors(real), options.seed)
    known = score_known(real, held_out, baseline)
    intruders = {
        name: compare(held_out, np.concatenate(scores))
        for name, scores in folds.answers.items()
    }
    written = {"known": known, "intruders": intruders}
    options.output.write_text(json.dumps(written, indent=1) + "\n")
    print_scores(known, intruders)


def score_known(real: Dataset, held_out: Scores, baseline: Scores) -> dict[str, Any]:
    """Return the scores of held-out notes by the nets and by the baseline."""
    return {
        "held-out instruments": {
            **evaluate(real.labels, held_out, real.classes),
            "limits": shares_at_limits(real, held_out),
        },
        "a support vector machine on the same folds": evaluate(
            real.labels, baseline, real.classes
        ),
    }


def print_scores(known: Mapping[str, Any], intruders: Mapping[str, Any]) -> None:
    """Print the most important scores, one line each."""
    for name, found in known.items():
        accuracy, balanced = found["accuracy"], found["balanced_accuracy"]
        print(f"{name}: accuracy {accuracy:.3f}, balanced {balanced:.3f}")
    for name, found in intruders.items():
        print(f"{name}: area {found['auroc']:.3f}")


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


def compare(known: Scores, intruders: Scores) -> dict[str, Any]:
    """Return how well confidence separates notes from clips without any."""
    best = intruders.max(axis=1)
    return {
        "n_clips": len(intruders) // _FOLDS,
        "auroc": area_between(known, intruders),
        "unanswered": {
            f"{limit:g}": float((best < limit).mean()) for limit in _TRIED_LIMITS
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
        scores: Scores = predicted[:, None] == np.array(real.classes)
        return scores.astype(np.float64)

    return fit


if __name__ == "__main__":
    main()
