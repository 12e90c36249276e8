"""Make a pipeline, the features of all clips, and fit the steps behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.datasets.extracted import ExtractedClips
from mfccclf.pipelines import make_pipeline
from mfccclf.sequences import join_sequences
from mfccclf.workflows._transfer import is_fitted
from mfccclf.workflows.extraction import extract_clips
from mfccclf.workflows.feature_files import describe_front_end, transform_in_blocks

__all__ = ["Material", "find_material", "fit_after_extraction", "prepare_pipeline"]

Sequences = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Material:
    """All that takes part in a training, with the sequences that a front end made.

    Attributes
    ----------
    X, clips : ndarray of shape (n_clips, n_frames, n_features) and Dataset
        To learn from.
    X_val, validation : ndarray and Dataset, or None
        To watch the training with.
    X_other : ndarray or None
        To learn from as clips that have none of the labels.
    """

    X: Sequences
    clips: Dataset
    X_val: Sequences | None
    validation: Dataset | None
    X_other: Sequences | None

    def transform(self, step: Any) -> Material:
        """Return it with sequences that a fitted step has transformed."""

        def apply(X: Sequences | None) -> Sequences | None:
            return None if X is None else transform_in_blocks(step, X)

        return replace(
            self,
            X=transform_in_blocks(step, self.X),
            X_val=apply(self.X_val),
            X_other=apply(self.X_other),
        )


def find_material(
    pipeline: Pipeline,
    preset: str,
    clips: Dataset,
    *,
    validation: Dataset | None = None,
    more: Dataset | None = None,
    others: Dataset | None = None,
    on_progress: Progress | None = None,
) -> Material:
    """Make the sequences of all clips, or read them from where they were written.

    Parameters
    ----------
    pipeline, preset : Pipeline and str
        Whose front end makes them, and what messages call it.
    clips, validation, more, others : Dataset
        As for `train_recogniser`.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` while `clips` are extracted.

    Returns
    -------
    material : Material
        `clips` and `more` are one.
    """

    def find(part: Dataset | None) -> Sequences | None:
        return None if part is None else _find_features(pipeline, preset, part)

    X = _find_features(pipeline, preset, clips, on_progress)
    if more is not None:
        X = join_sequences(X, _find_features(pipeline, preset, more))
        clips = clips.join(more)
    return Material(
        X=X,
        clips=clips,
        X_val=find(validation),
        validation=validation,
        X_other=find(others),
    )


def fit_after_extraction(
    pipeline: Pipeline,
    material: Material,
    *,
    several: bool,
    calibrate: bool = False,
    other_weight: float = 0.5,
    **options: Any,
) -> None:
    """Fit every step of a pipeline but the first.

    Parameters
    ----------
    pipeline : Pipeline
        Whose front end made the sequences; a step that is fitted stays as it is.
    material : Material
        To learn from and to watch.
    several : bool
        Whether a clip may have several labels; their thresholds are then tuned on the
        validation clips.
    calibrate : bool, default=False
        Whether to calibrate in the end, on the validation clips, or without any on
        the clips themselves, by folds.
    other_weight : float, default=0.5
        How much clips that have none of the labels count.
    **options
        For the classifier's ``fit``.
    """
    for _, step in pipeline.steps[1:-1]:
        if step == "passthrough":
            continue
        if not is_fitted(step):  # else it was taken over
            step.fit(material.X)
        material = material.transform(step)
    clips, validation = material.clips, material.validation
    y = _targets(clips, several)
    y_val = None if validation is None else _targets(validation, several)
    groups = None if clips.groups is None else np.array(clips.groups)
    others = {"X_other": material.X_other, "other_weight": other_weight}
    classifier = pipeline[-1].fit(
        material.X,
        y,
        groups=groups,
        X_val=material.X_val,
        y_val=y_val,
        **others,
        **options,
    )
    if several and validation is not None:
        classifier.tune_thresholds(material.X_val, y_val)
    if calibrate and validation is not None:
        classifier.calibrate(material.X_val, y_val)
    elif calibrate:
        classifier.cross_calibrate(material.X, y, groups, **others)


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


def _find_features(
    pipeline: Pipeline,
    preset: str,
    clips: Dataset,
    on_progress: Progress | None = None,
) -> Sequences:
    front_end = pipeline[0]
    if not isinstance(clips, ExtractedClips):
        return extract_clips(front_end, clips.paths, on_progress=on_progress)
    clips.check_front_end(describe_front_end(front_end), preset)
    front_end.fit(clips.paths)
    return clips.X


def _targets(clips: Dataset, several: bool) -> Any:
    return clips.label_sets if several else np.array(clips.labels)
