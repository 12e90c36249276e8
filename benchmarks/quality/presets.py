"""Runs of a preset: features extracted once, then one fit per seed and fold."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from benchmarks.quality.task import Fold, LabelSets, TaskClips
from mfccclf import make_pipeline
from mfccclf.clip_pipeline import variation_of
from mfccclf.estimators import module_of
from mfccclf.modules.summary import trainable_parameters
from mfccclf.variation import copy_rows
from mfccclf.workflows import extract_sequences

__all__ = ["run_preset"]

Run = tuple[int, Fold]


def run_preset(
    preset: str,
    clips: TaskClips,
    runs: Sequence[Run],
    *,
    multilabel: bool,
    n_jobs: int = 1,
    device: str = "cpu",
) -> Iterator[dict[str, Any]]:
    """Train and test a preset once per seed and fold; yield results as they come.

    Features are extracted once for all runs, and their time does not count as training.
    A run on another ``device`` than the CPU names it in its result, because its seconds
    cannot be compared.
    """
    pipeline = make_pipeline(preset, cache=True)
    X = extract_sequences(pipeline[0], variation_of(pipeline).expand(clips.paths))
    tasks = (delayed(_run)(preset, X, clips, run, multilabel, device) for run in runs)
    yield from Parallel(n_jobs=n_jobs, return_as="generator_unordered")(tasks)


def _run(
    preset: str,
    X: NDArray[np.float32],
    clips: TaskClips,
    run: Run,
    multilabel: bool,
    device: str,
) -> dict[str, Any]:
    torch.set_num_threads(1)
    seed, fold = run
    pipeline = make_pipeline(preset, random_state=seed, device=device)
    net = Pipeline(pipeline.steps[1:])
    n_copies = variation_of(pipeline).n_copies
    y = _targets(clips.label_sets, np.repeat(fold.train, n_copies), multilabel)
    started = time.process_time()
    net.fit(X[copy_rows(fold.train, n_copies)], y)
    seconds = time.process_time() - started
    test = X[fold.test * n_copies]
    result = {
        "seed": seed,
        "fold": fold.name,
        "training_s": seconds,
        "n_parameters": trainable_parameters(module_of(net[-1])),
        "predicted": _predict(net, test, clips.classes, multilabel),
    }
    if device != "cpu":
        result["device"] = device
    if multilabel:
        scores = net.predict_proba(test)
        result["scores"] = _align(scores, net[-1].classes_, clips.classes)
    return result


def _targets(label_sets: LabelSets, rows: NDArray[np.intp], multilabel: bool) -> Any:
    if multilabel:
        return [label_sets[row] for row in rows]
    return np.array([label_sets[row][0] for row in rows])


def _predict(
    net: Pipeline, X: NDArray[np.float32], classes: list[str], multilabel: bool
) -> NDArray[np.int64]:
    """Return 0 and 1 per clip and class of the task."""
    predicted = np.asarray(net.predict(X))
    if multilabel:
        return _align(predicted, net[-1].classes_, classes).astype(np.int64)
    return np.asarray(predicted[:, None] == np.array(classes), np.int64)


def _align(columns: Any, names: Any, classes: list[str]) -> NDArray[np.float64]:
    """Put columns in the order of the task's classes; classes not learned get 0."""
    aligned = np.zeros((len(columns), len(classes)))
    aligned[:, [classes.index(str(name)) for name in names]] = columns
    return aligned
