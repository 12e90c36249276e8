"""Evaluate a model file on labelled clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.errors import AudioFileError, BadClip, DatasetError
from mfccclf.evaluation import evaluate
from mfccclf.prediction import Prediction, Predictor
from mfccclf.prediction.shipped import open_model
from mfccclf.workflows.bad_clips import SkippedClip, report_bad, without_bad
from mfccclf.workflows.data_choice import DataChoice, load_chosen

__all__ = ["EvaluationResult", "evaluate_model", "load_test_data"]


@dataclass(frozen=True, kw_only=True)
class EvaluationResult:
    """A model's scores on labelled clips.

    Attributes
    ----------
    scores : dict
        What `mfccclf.evaluate` returns.
    seen_in_training : bool
        True if the model was trained on exactly these clips.
    probabilities : float64 ndarray of shape (n_clips, n_classes)
        Scores of each clip; columns in the order of the model's classes.
    clips : Dataset or None, default=None
        The clips that were predicted; `evaluate_model` always tells them.
    skipped : tuple of SkippedClip, default=()
        Clips that were left out, since they cannot be used.
    """

    scores: dict[str, Any]
    seen_in_training: bool
    probabilities: NDArray[np.float64]
    clips: Dataset | None = None
    skipped: tuple[SkippedClip, ...] = ()


def load_test_data(
    data: str | PathLike[str],
    *,
    split: str | None = None,
    choice: DataChoice | None = None,
    model: str | PathLike[str] | None = None,
) -> Dataset:
    """Load the clips to test on.

    Parameters
    ----------
    data : str or path-like
        What `mfccclf.load_dataset` reads.
    split : str, optional
        "train", "validation", "test" or "all". By default the test split if the data
        have one, else all clips.
    choice : DataChoice, optional
        Layout and labels.
    model : str or path-like, optional
        Model whose target and exclusions apply where ``choice`` names none.

    Returns
    -------
    clips : Dataset
        The clips of that split.

    Raises
    ------
    DatasetError
        If the data cannot be used, or have no such split.

    Examples
    --------
    >>> from mfccclf.workflows import load_test_data
    >>> clips = load_test_data("recordings", split="test")  # doctest: +SKIP
    """
    usual = {} if model is None else open_model(model).config.get("training") or {}
    clips = load_chosen(data, choice or DataChoice(), usual=usual)
    if split == "all":
        return clips
    if split is not None:
        return clips.select(split)
    if clips.splits is not None and "test" in clips.splits:
        return clips.select("test")
    return clips


def evaluate_model(
    model: str | PathLike[str],
    clips: Dataset,
    *,
    min_confidence: float | None = None,
    min_familiarity: float | None = None,
    skip_bad: bool = False,
    on_progress: Progress | None = None,
) -> EvaluationResult:
    """Predict labelled clips and compare the labels.

    Parameters
    ----------
    model : str or path-like
        Name of a shipped model, or a model file.
    clips : Dataset
        The labelled clips.
    min_confidence, min_familiarity : float, optional
        Limits below which a clip gets no label, as for `mfccclf.Predictor`; by default
        those of the model.
    skip_bad : bool, default=False
        Whether to go on without clips that cannot be used, with a warning that names
        them, rather than to raise an error that does.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    result : EvaluationResult
        The scores by `mfccclf.evaluate`, of the best label of every clip whatever the
        limits. With limits, also "coverage", the share of clips that get a label, and
        "answered_accuracy", the accuracy among those (None if there are none).

    Raises
    ------
    DatasetError
        If a clip has a label that the model does not know.
    BadClipsError
        If clips cannot be used; it is an `AudioFileError` that names all of them.

    Examples
    --------
    >>> from mfccclf import load_dataset
    >>> from mfccclf.workflows import evaluate_model
    >>> result = evaluate_model("names", load_dataset("recordings"))  # doctest: +SKIP
    >>> result.scores["accuracy"]  # doctest: +SKIP
    0.98
    """
    predictor = Predictor(
        model, min_confidence=min_confidence, min_familiarity=min_familiarity
    )
    multilabel = predictor.config["task"] == "multi-label"
    _check_labels(predictor, clips, multilabel=multilabel)
    outcomes = _predict(predictor, clips.paths, on_progress)
    predictions = [one for one in outcomes if not isinstance(one, Exception)]
    bad = [
        BadClip(row, clips.paths[row], str(one))
        for row, one in enumerate(outcomes)
        if isinstance(one, Exception)
    ]
    skipped = report_bad([(clips, bad)], skip_bad=skip_bad)
    clips = without_bad(clips, bad)
    probabilities = np.array(
        [[each.scores[label] for label in predictor.classes] for each in predictions],
        dtype=np.float64,
    )
    thresholds = predictor.config["thresholds"] if multilabel else None
    true = clips.label_sets if multilabel else clips.labels
    scores = evaluate(true, probabilities, predictor.classes, thresholds=thresholds)
    if predictor.limits:
        scores |= _score_answers(predictions, clips.label_sets)
    fingerprint = predictor.config.get("training", {}).get("fingerprint")
    return EvaluationResult(
        scores=scores,
        seen_in_training=fingerprint == clips.fingerprint(),
        probabilities=probabilities,
        clips=clips,
        skipped=skipped,
    )


def _predict(
    predictor: Predictor, paths: Sequence[str], on_progress: Progress | None
) -> list[Prediction | AudioFileError]:
    outcomes = []
    for done, outcome in enumerate(predictor.predict_each(paths), start=1):
        outcomes.append(outcome)
        if on_progress is not None:
            on_progress(done, len(paths))
    return outcomes


def _score_answers(
    answers: Sequence[Prediction], true: Sequence[tuple[str, ...]]
) -> dict[str, float | None]:
    """Return the share of clips with a label, and the share of those that is right."""
    right = [
        set(map(str, answer.labels)) == set(labels)
        for answer, labels in zip(answers, true, strict=True)
        if not answer.is_unsure
    ]
    return {
        "coverage": len(right) / len(answers),
        "answered_accuracy": sum(right) / len(right) if right else None,
    }


def _check_labels(predictor: Predictor, clips: Dataset, *, multilabel: bool) -> None:
    if clips.multilabel and not multilabel:
        raise DatasetError(
            f"{clips.name} has clips of several labels, but the model {predictor.name} "
            "gives each clip one label. Train a model on such clips, or with "
            "--multi-label."
        )
    unknown = sorted(set(clips.classes) - set(predictor.classes))
    if unknown:
        raise DatasetError(
            f"The data have labels that the model does not know: {', '.join(unknown)}. "
            f"It knows {', '.join(predictor.classes)}. Test it on those, or train a "
            "model on yours."
        )
