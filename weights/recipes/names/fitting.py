"""How the net is trained on varied clips."""

from __future__ import annotations

from sklearn.pipeline import Pipeline

from mfccclf import make_pipeline
from weights.recipes.features import mark_extractor_fitted
from weights.recipes.names.clips import PRESET, VariedClips

__all__ = ["LIMITS", "fit_names"]

# Chosen by names and others that evaluate.py holds out; see README.md.
LIMITS = {"min_confidence": 0.7, "min_familiarity": 0.005}
_OTHER_WEIGHT = 1.0


def fit_names(
    clips: VariedClips, *, max_epochs: int, seed: int, verbose: int = 0
) -> Pipeline:
    """Train the preset and calibrate it on speakers that copies of it did not hear.

    Parameters
    ----------
    clips : VariedClips
        To learn from.
    max_epochs : int
        Epochs to train for.
    seed : int
        Seed of the training.
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
        linear_share=0.0,  # with it, fewer of the other words got no name
        random_state=seed,
        lstm__verbose=verbose,
    )
    mark_extractor_fitted(pipeline)
    scaler, classifier = pipeline["scale"], pipeline["lstm"]
    names, X = clips.names, scaler.fit_transform(clips.names.X)
    exposure = {
        "X_other": scaler.transform(clips.others.X),
        "other_weight": _OTHER_WEIGHT,
    }
    classifier.fit(X, names.labels, **exposure)
    classifier.cross_calibrate(X, names.labels, names.speakers, **exposure)
    return pipeline.set_params(lstm__verbose=0)
