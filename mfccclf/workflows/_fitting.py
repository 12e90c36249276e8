"""Make a pipeline, its features, and fit the steps behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf.datasets import Dataset
from mfccclf.datasets.extracted import ExtractedClips
from mfccclf.pipelines import make_pipeline
from mfccclf.workflows._transfer import is_fitted
from mfccclf.workflows.extraction import extract_clips
from mfccclf.workflows.feature_files import describe_front_end, transform_in_blocks

__all__ = ["find_features", "fit_after_extraction", "prepare_pipeline"]

Progress = Callable[[int, int], None]


def fit_after_extraction(
    pipeline: Pipeline,
    X: NDArray[np.float32],
    clips: Dataset,
    watched: NDArray[np.float32] | None,
    validation: Dataset | None,
    *,
    several: bool,
    others: NDArray[np.float32] | None = None,
    calibrate: bool = False,
    **options: Any,
) -> None:
    """Fit every step of a pipeline but the first.

    Parameters
    ----------
    pipeline : Pipeline
        Whose front end made the sequences; a step that is fitted stays as it is.
    X, clips : ndarray and Dataset
        Sequences to learn from, and what is known of them.
    watched, validation : ndarray and Dataset, or None
        Likewise for the clips to watch the training with.
    several : bool
        Whether a clip may have several labels; their thresholds are then tuned on the
        validation clips.
    others : ndarray, optional
        Sequences of clips that have none of the labels.
    calibrate : bool, default=False
        Whether to calibrate in the end, on the validation clips, or without any on
        the clips themselves, by folds.
    **options
        For the classifier's ``fit``.
    """
    for _, step in pipeline.steps[1:-1]:
        if step == "passthrough":
            continue
        fitted = step if is_fitted(step) else step.fit(X)  # one that was taken over
        X = transform_in_blocks(fitted, X)
        if watched is not None:
            watched = transform_in_blocks(step, watched)
        if others is not None:
            others = transform_in_blocks(step, others)
    y_val = None if validation is None else _targets(validation, several)
    classifier = pipeline[-1].fit(
        X,
        _targets(clips, several),
        groups=None if clips.groups is None else np.array(clips.groups),
        X_val=watched,
        y_val=y_val,
        X_other=others,
        **options,
    )
    if several and watched is not None:
        classifier.tune_thresholds(watched, y_val)
    if calibrate and watched is not None:
        classifier.calibrate(watched, y_val)
    elif calibrate:
        passed = {key: options[key] for key in ("other_weight",) if key in options}
        groups = None if clips.groups is None else np.array(clips.groups)
        y = _targets(clips, several)
        classifier.cross_calibrate(X, y, groups, X_other=others, **passed)


def find_features(
    pipeline: Pipeline,
    preset: str,
    clips: Dataset,
    on_progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Return the clips' sequences, made now or read from where they were written."""
    front_end = pipeline[0]
    if not isinstance(clips, ExtractedClips):
        return extract_clips(front_end, clips.paths, on_progress=on_progress)
    clips.check_front_end(describe_front_end(front_end), preset)
    front_end.fit(clips.paths)
    return clips.X


def prepare_pipeline(
    preset: str,
    overrides: Mapping[str, Any],
    *,
    random_state: int | None,
    verbose: int,
    n_jobs: int | None,
) -> Pipeline:
    """Return a preset's pipeline with what differs from run to run."""
    pipeline = make_pipeline(preset, **overrides)
    front_end, classifier = pipeline.steps[0][0], pipeline.steps[-1][0]
    return pipeline.set_params(
        **{
            f"{front_end}__n_jobs": n_jobs,
            f"{classifier}__random_state": random_state,
            f"{classifier}__verbose": verbose,
        }
    )


def _targets(clips: Dataset, several: bool) -> Any:
    return clips.label_sets if several else np.array(clips.labels)
