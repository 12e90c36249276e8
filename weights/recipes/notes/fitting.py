"""How the net is trained on notes whose features are made already."""

from __future__ import annotations

import argparse
from pathlib import Path

from sklearn.pipeline import Pipeline

from mfccclf import make_pipeline, pad_sequences
from weights.recipes.features import Features, mark_extractor_fitted
from weights.recipes.notes.data import PRESET, Notes
from weights.recipes.options import add_other_clips, make_parser

__all__ = ["LIMITS", "SCORES", "fit_notes", "make_notes_parser"]

SCORES = Path(__file__).with_name("scores.json")
# Chosen with a look at what scores.json says of several.
LIMITS = {"min_confidence": 0.3}


def make_notes_parser(
    description: str | None, *, output: Path
) -> argparse.ArgumentParser:
    """Return a parser with the options that testing and training share."""
    parser = make_parser(description, output=output)
    parser.add_argument("--real", type=Path, required=True, help="real notes")
    parser.add_argument("--rendered", type=Path, required=True, help="rendered notes")
    add_other_clips(parser, "note")
    parser.add_argument("--epochs", type=int, default=10)
    return parser


def fit_notes(
    notes: Notes, others: Features, *, max_epochs: int, seed: int, verbose: int = 0
) -> Pipeline:
    """Train the preset, and calibrate it.

    Probabilities and familiarity are calibrated on notes of instruments that three more
    nets, each trained without a third of them, have not heard.
    """
    pipeline = make_pipeline(
        PRESET, max_epochs=max_epochs, random_state=seed, lstm__verbose=verbose
    )
    mark_extractor_fitted(pipeline)
    X = pipeline["scale"].fit_transform(pad_sequences(notes.sequences))
    outliers = {"X_other": pipeline["scale"].transform(others)}
    classifier = pipeline["lstm"].fit(X, notes.labels, **outliers)
    classifier.cross_calibrate(X, notes.labels, notes.groups, **outliers)
    return pipeline.set_params(lstm__verbose=0)
