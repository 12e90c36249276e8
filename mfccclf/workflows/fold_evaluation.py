"""Cross-validate a model's settings by the official folds of a data set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.datasets.files import natural_key
from mfccclf.datasets.problems import shorten
from mfccclf.errors import DatasetError
from mfccclf.evaluation import summarise_folds
from mfccclf.persistence import load_model
from mfccclf.pipelines import make_pipeline
from mfccclf.prediction import open_model
from mfccclf.presets import list_presets, load_preset
from mfccclf.variation.rows import copy_rows
from mfccclf.workflows.bad_clips import SkippedClip
from mfccclf.workflows.data_choice import DataChoice, load_chosen
from mfccclf.workflows.preset_options import RecogniserOptions
from mfccclf.workflows.sequence_scores import score_sequences
from mfccclf.workflows.step_fitting import fit_steps
from mfccclf.workflows.training_data import TrainingData
from mfccclf.workflows.training_sequences import TrainingSequences, find_sequences

__all__ = ["FoldEvaluation", "FoldScores", "evaluate_by_folds", "load_fold_data"]

_PRESET_FILES = (".yaml", ".yml")


@dataclass(frozen=True, kw_only=True)
class FoldScores:
    """The scores on one fold, of a net that learned from all others.

    Attributes
    ----------
    name : str
        The fold.
    n_training_clips : int
        Clips that were learned from.
    scores : dict
        What `mfccclf.evaluate` returns.
    """

    name: str
    n_training_clips: int
    scores: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class FoldEvaluation:
    """The scores on each fold.

    Attributes
    ----------
    folds : tuple of FoldScores
        In natural order.
    skipped : tuple of SkippedClip, default=()
        Clips that were left out, since they cannot be used.
    """

    folds: tuple[FoldScores, ...]
    skipped: tuple[SkippedClip, ...] = ()

    def summary(self) -> dict[str, Any]:
        """Return mean, deviation and scores of the folds, as plain values.

        Returns
        -------
        summary : dict
            What `mfccclf.evaluation.summarise_folds` returns.
        """
        return summarise_folds({fold.name: fold.scores for fold in self.folds})


def load_fold_data(
    data: str | PathLike[str],
    *,
    choice: DataChoice | None = None,
    model: str | PathLike[str],
) -> Dataset:
    """Load the clips of a data set with official folds.

    Parameters
    ----------
    data : str or path-like
        What `mfccclf.load_dataset` reads.
    choice : DataChoice, optional
        Layout and labels.
    model : str or path-like
        As for `evaluate_by_folds`: its target and exclusions apply where ``choice``
        names none.

    Returns
    -------
    clips : Dataset
        All of them.

    Raises
    ------
    DatasetError
        If the data cannot be used.

    Examples
    --------
    >>> from mfccclf.workflows import load_fold_data
    >>> clips = load_fold_data("ESC-50", model="mine.mfccclf")  # doctest: +SKIP
    """
    if _is_preset(model):
        usual = load_preset(model).data
    else:
        usual = open_model(model).config.get("training") or {}
    return load_chosen(data, choice or DataChoice(), usual=usual)


def evaluate_by_folds(
    model: str | PathLike[str],
    clips: Dataset,
    *,
    random_state: int | None = 0,
    skip_bad: bool = False,
    n_jobs: int | None = None,
    on_progress: Progress | None = None,
    on_fold: Callable[[FoldScores], None] | None = None,
) -> FoldEvaluation:
    """Train on all official folds but one, test on that one, and so on.

    The features of each clip are extracted once. Nets learn from scratch, with the
    parameters of the model or preset; nothing that the model has learned is used.

    Parameters
    ----------
    model : str or path-like
        Shipped model, model file, preset or preset file (.yaml).
    clips : Dataset
        With ``folds``.
    random_state : int or None, default=0
        Equal seeds give equal nets.
    skip_bad : bool, default=False
        As for `evaluate_model`.
    n_jobs : int, optional
        Processes for feature extraction.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` during extraction.
    on_fold : callable, optional
        Called with the scores of each fold once it is done.

    Returns
    -------
    result : FoldEvaluation
        The scores on each fold.

    Raises
    ------
    DatasetError
        If the data have no official folds, or a label occurs in one fold alone.
    BadClipsError
        If clips cannot be used; it is an `AudioFileError` that names all of them.
    ModelFileError
        If there is no such model or preset.

    Examples
    --------
    >>> from mfccclf import load_dataset
    >>> from mfccclf.workflows import evaluate_by_folds
    >>> clips = load_dataset("ESC-50-master")  # doctest: +SKIP
    >>> evaluate_by_folds("default", clips).summary()["mean"]  # doctest: +SKIP
    """
    _check_folds(clips)
    pipeline, multilabel = _unfitted(model)
    pipeline.set_params(
        **{
            f"{pipeline.steps[0][0]}__n_jobs": n_jobs,
            f"{pipeline.steps[-1][0]}__random_state": random_state,
        }
    )
    options = RecogniserOptions(
        preset=str(model),
        multilabel=multilabel,
        skip_bad=skip_bad,
        random_state=random_state,
    )
    data = TrainingData(clips)
    sequences = find_sequences(pipeline, data, options, on_progress=on_progress)
    _check_folds(sequences.clips)
    folds = []
    for train, test in _split(sequences.clips):
        folds.append(_score_fold(pipeline, sequences, options, train, test))
        if on_fold is not None:
            on_fold(folds[-1])
    return FoldEvaluation(folds=tuple(folds), skipped=sequences.skipped)


def _check_folds(clips: Dataset) -> None:
    """Raise unless each label can be learned without any one of the folds."""
    if clips.folds is None or len(set(clips.folds)) < 2:
        raise DatasetError(
            f"{clips.name} has no official folds. Name a collection that has, such as "
            "ESC-50 or UrbanSound8K, or a CSV file with a column 'fold'."
        )
    homes: dict[str, set[str]] = {}
    for labels, fold in zip(clips.label_sets, clips.folds, strict=True):
        for label in labels:
            homes.setdefault(label, set()).add(fold)
    lone = sorted(label for label, found in homes.items() if len(found) == 1)
    if lone:
        raise DatasetError(
            f"{clips.name} has clips of {shorten(lone)} in one fold alone, so nothing "
            "could be learned of it when that fold is tested. Leave it out (--exclude)."
        )


def _is_preset(model: str | PathLike[str]) -> bool:
    name = str(model)
    return name in list_presets() or Path(name).suffix.lower() in _PRESET_FILES


def _unfitted(model: str | PathLike[str]) -> tuple[Pipeline, bool]:
    """Return a pipeline to train, and whether the model names several labels."""
    if _is_preset(model):
        return make_pipeline(model), False
    task = open_model(model).config["task"]
    return clone(load_model(model)), task == "multi-label"


def _split(clips: Dataset) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return the rows to learn from and to test on for each fold."""
    folds = np.array(clips.folds)
    return [
        (np.flatnonzero(folds != name), np.flatnonzero(folds == name))
        for name in sorted(set(clips.folds or ()), key=natural_key)
    ]


def _score_fold(
    pipeline: Pipeline,
    sequences: TrainingSequences,
    options: RecogniserOptions,
    train: NDArray[np.int64],
    test: NDArray[np.int64],
) -> FoldScores:
    learned = replace(
        sequences,
        X=sequences.X[copy_rows(train, sequences.n_copies)],
        clips=sequences.clips.take(train.tolist()),
    )
    fresh = clone(pipeline)
    fresh[0].fit(learned.clips.paths)
    fit_steps(fresh, learned, options)
    tested = sequences.clips.take(test.tolist())
    return FoldScores(
        name=str((tested.folds or [""])[0]),
        n_training_clips=len(train),
        scores=score_sequences(fresh, sequences.unvaried[test], tested),
    )
