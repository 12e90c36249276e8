"""Honest scores of a training: every clip is judged by a net that never heard it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.estimators.familiarity.calibration import calibrate_held_out
from mfccclf.estimators.familiarity.cross_calibration import HeldOut
from mfccclf.estimators.training.batches import make_dataset
from mfccclf.estimators.training.inference import run_net
from mfccclf.evaluation import evaluate
from mfccclf.search.folds import Fold, make_folds
from mfccclf.studio.names import group_of
from mfccclf.variation.rows import copy_rows
from mfccclf.workflows.preset_options import RecogniserOptions
from mfccclf.workflows.step_fitting import fit_steps, prepare_pipeline
from mfccclf.workflows.training_data import TrainingData
from mfccclf.workflows.training_sequences import TrainingSequences, find_sequences

__all__ = ["choose_folds", "hold_out", "judge"]

_MOST_FOLDS = 5


def choose_folds(
    clips: Dataset, *, random_state: int | None
) -> tuple[list[Fold], bool]:
    """Return how clips are dealt out, and whether groups are kept together.

    Groups are who or what was recorded, as names of clips tell. They are kept together
    where each label has two or more; a clip without one is a group of its own.

    Parameters
    ----------
    clips : Dataset
        With one label each.
    random_state : int or None
        Seed of the shuffling.

    Returns
    -------
    folds : list of Fold
        Five, or fewer where a label has fewer clips or groups; none where one has a
        single clip.
    is_grouped : bool
        Whether no group is on both sides.
    """
    groups = [group_of(Path(path).name) or path for path in clips.paths]
    is_known = any(
        group != path for group, path in zip(groups, clips.paths, strict=True)
    )
    if is_known:
        folds = _deal(clips.labels, groups, random_state)
        if folds:
            return folds, True
    return _deal(clips.labels, None, random_state), False


def hold_out(
    data: TrainingData,
    options: RecogniserOptions,
    folds: Sequence[Fold],
    *,
    keep: Path,
    on_fold: Callable[[int], object],
    on_clips: Progress,
) -> HeldOut:
    """Train on all folds but one, run on that one, and so on.

    Parameters
    ----------
    data : TrainingData
        All clips.
    options : RecogniserOptions
        What is trained; the nets of the folds are not calibrated one by one.
    folds : sequence of Fold
        How clips are dealt out.
    keep : Path
        Folder that keeps what is done, so that a killed process goes on from there.
    on_fold : callable
        Called with the index of each fold before it begins.
    on_clips : callable
        Called as ``on_clips(done, total)`` during extraction.

    Returns
    -------
    held_out : HeldOut
        Outputs for all clips.
    """
    pipeline = prepare_pipeline(options, n_jobs=None, verbose=0)
    sequences = find_sequences(pipeline, data, options, on_progress=on_clips)
    parts = []
    for index, fold in enumerate(folds):
        on_fold(index)
        path = keep / f"fold-{index}.npz"
        if not path.exists():
            part = _run_fold(pipeline, sequences, options, fold)
            temporary = path.with_suffix(".part.npz")
            np.savez(temporary, **part._asdict())
            temporary.replace(path)
        with np.load(path) as stored:
            parts.append(HeldOut(*(stored[name] for name in HeldOut._fields)))
    return HeldOut(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def judge(
    held_out: HeldOut, clips: Dataset, classifier: Any, names: Sequence[str]
) -> dict[str, Any]:
    """Return scores and familiarity of held-out clips, in types of JSON.

    Parameters
    ----------
    held_out : HeldOut
        Outputs for all clips.
    clips : Dataset
        The same clips.
    classifier : SequenceClassifier
        Fitted on all of them; gives the order of the labels.
    names : sequence of str
        What to call each clip.

    Returns
    -------
    verdict : dict
        What `mfccclf.evaluate` returns, and "clips": for each its "id", "label",
        "scores" in the order of the classes, and "familiarity".
    """
    classes = [str(label) for label in classifier.classes_]
    targets = np.array([classes.index(label) for label in clips.labels])
    fit = calibrate_held_out(classifier.familiarity_, held_out, targets)
    logits = held_out.logits / fit.temperature
    scores = _softmax(logits.astype(np.float64))
    familiarity: list[float | None] = [None] * len(logits)
    if fit.familiarity is not None:
        shares = fit.familiarity.share(held_out.distances, logits, multilabel=False)
        familiarity = shares.round(4).tolist()
    order = np.argsort(held_out.rows)
    labels = clips.labels
    verdict = evaluate(labels, scores[order], classes)
    verdict["clips"] = [
        {
            "id": names[held_out.rows[place]],
            "label": labels[held_out.rows[place]],
            "scores": scores[place].round(4).tolist(),
            "familiarity": familiarity[place],
        }
        for place in order
    ]
    return verdict


def _deal(
    labels: Sequence[str], groups: Sequence[str] | None, random_state: int | None
) -> list[Fold]:
    parts: dict[str, set[str]] = defaultdict(set)
    for index, label in enumerate(labels):
        parts[label].add(str(index) if groups is None else groups[index])
    n_folds = min(_MOST_FOLDS, *(len(found) for found in parts.values()))
    if n_folds < 2:
        return []
    folds = make_folds(labels, groups=groups, cv=n_folds, random_state=random_state)
    names = np.asarray(labels)
    is_whole = all(len(set(names[fold.train])) == len(parts) for fold in folds)
    return folds if is_whole else []


def _run_fold(
    pipeline: Pipeline,
    sequences: TrainingSequences,
    options: RecogniserOptions,
    fold: Fold,
) -> HeldOut:
    learned = replace(
        sequences,
        X=sequences.X[copy_rows(fold.train, sequences.n_copies)],
        clips=sequences.clips.take(fold.train.tolist()),
    )
    fresh = clone(pipeline)
    fresh[0].fit(learned.clips.paths)
    fit_steps(fresh, learned, replace(options, calibrate=False))
    X = sequences.unvaried[fold.test]
    for _, step in fresh.steps[1:-1]:
        X = step.transform(X)
    outputs = run_net(fresh[-1], make_dataset(X))
    distances = fresh[-1].familiarity_.gaussians.distances(outputs.embeddings)
    return HeldOut(fold.test, outputs.logits, distances)


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares
