"""Make a pipeline to train, and fit its steps on sequences that are there already."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from mfccclf.pipelines import make_pipeline
from mfccclf.workflows.preset_options import RecogniserOptions
from mfccclf.workflows.training_sequences import TrainingSequences

__all__ = ["fit_steps", "prepare_pipeline"]


def prepare_pipeline(
    options: RecogniserOptions, *, n_jobs: int | None, verbose: int
) -> Pipeline:
    """Return a preset's pipeline with what differs from run to run."""
    pipeline = make_pipeline(options.preset, **(options.overrides or {}))
    front_end, classifier = pipeline.steps[0][0], pipeline.steps[-1][0]
    return pipeline.set_params(
        **{
            f"{front_end}__n_jobs": n_jobs,
            f"{classifier}__random_state": options.random_state,
            f"{classifier}__verbose": verbose,
        }
    )


def fit_steps(
    pipeline: Pipeline,
    sequences: TrainingSequences,
    options: RecogniserOptions,
    **fit_options: Any,
) -> None:
    """Fit every step of a pipeline but the front end.

    Multilabel thresholds are tuned on the validation clips; without any, they are
    those of ``options``, if it has some.

    Parameters
    ----------
    pipeline : Pipeline
        Whose front end made the sequences. Steps that are fitted stay as they are.
    sequences : TrainingSequences
        To learn from and to watch.
    options : RecogniserOptions
        What to train.
    **fit_options
        For the classifier's ``fit``.
    """
    for _, step in pipeline.steps[1:-1]:
        if step == "passthrough":
            continue
        if not _is_fitted(step):  # else it comes from the model to start from
            step.fit(sequences.X, sequences.y)
        sequences = sequences.transform(step)
    _fit_classifier(pipeline[-1], sequences, options, fit_options)


def _fit_classifier(
    classifier: Any,
    sequences: TrainingSequences,
    options: RecogniserOptions,
    fit_options: dict[str, Any],
) -> None:
    X_val, y_val = sequences.X_val, sequences.y_val
    exposure = {"X_other": sequences.X_ood, "other_weight": options.ood_weight}
    learned = (sequences.X, sequences.y, sequences.groups)
    classifier.fit(*learned, X_val=X_val, y_val=y_val, **exposure, **fit_options)
    if sequences.multilabel and X_val is not None:
        classifier.tune_thresholds(X_val, y_val)
    if options.calibrate and X_val is not None:
        classifier.calibrate(X_val, y_val)
    elif options.calibrate:
        measured = sequences.are_clips
        classifier.cross_calibrate(*learned, measured=measured, **exposure)
    if sequences.multilabel and X_val is None and options.thresholds is not None:
        classifier.thresholds_ = np.array(options.thresholds)


def _is_fitted(step: Any) -> bool:
    try:
        check_is_fitted(step)
    except NotFittedError:
        return False
    return True
