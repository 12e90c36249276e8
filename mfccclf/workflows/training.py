"""Train a preset on labelled clips, and keep everything worth knowing about it."""

from __future__ import annotations

import time
from os import PathLike
from typing import Any

from sklearn.pipeline import Pipeline

from mfccclf._memory import keep_freed_memory
from mfccclf._typing import OnEpoch, Progress
from mfccclf.estimators.familiarity.cross_calibration import check_enough_clips
from mfccclf.prediction.decisions import Limits
from mfccclf.workflows.preset_options import RecogniserOptions
from mfccclf.workflows.sequence_scores import score_epochs, score_sequences
from mfccclf.workflows.starting_model import take_over
from mfccclf.workflows.step_fitting import fit_steps, prepare_pipeline
from mfccclf.workflows.training_data import TrainingData
from mfccclf.workflows.training_facts import collect_facts
from mfccclf.workflows.training_result import TrainingResult
from mfccclf.workflows.training_sequences import TrainingSequences, find_sequences

__all__ = ["train_recogniser"]


def train_recogniser(
    data: TrainingData,
    options: RecogniserOptions | None = None,
    *,
    checkpoint: str | PathLike[str] | None = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    on_progress: Progress | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainingResult:
    """Train a preset on labelled clips.

    With multilabel clips, each label has a threshold of its own: tuned on the
    validation clips if there are any, else as the options say, else 0.5. The process
    keeps the memory that it has once used, see `mfccclf.keep_freed_memory`.

    Parameters
    ----------
    data : TrainingData
        The clips.
    options : RecogniserOptions, optional
        What to train; by default the preset "default" as it is.
    checkpoint : path-like, optional
        File that keeps the state of the training, as for `mfccclf.LSTMClassifier.fit`.
        Remove it once the result is saved.
    n_jobs : int, optional
        Processes for feature extraction.
    verbose : int, default=0
        As for `mfccclf.LSTMClassifier`.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` during extraction.
    on_epoch : callable, optional
        Called with each epoch's row, as for `mfccclf.LSTMClassifier.fit`.

    Returns
    -------
    result : TrainingResult
        The fitted pipeline with scores and facts.

    Raises
    ------
    DatasetError
        If validation clips have labels that no training clip has, or features on disk
        are not those of the preset.
    BadClipsError
        If clips cannot be used; it is an `AudioFileError` that names all of them.
    ModelFileError
        If the model to start from cannot be read.
    ValueError
        If that model has other features or layers; if a limit is out of range; if one
        for familiarity has neither validation clips nor ``calibrate``; or if there are
        too few clips to calibrate without validation clips.

    Examples
    --------
    >>> from mfccclf.workflows import RecogniserOptions, load_training_data
    >>> from mfccclf.workflows import train_recogniser
    >>> data = load_training_data("recordings")  # doctest: +SKIP
    >>> options = RecogniserOptions(preset="names-lstm", random_state=1)
    >>> result = train_recogniser(data, options)  # doctest: +SKIP
    >>> result.save("names.mfccclf")  # doctest: +SKIP
    """
    options = (options or RecogniserOptions()).with_suited_preset()
    _check_limits(data, options)
    data.check_labels()
    started = time.perf_counter()
    keep_freed_memory()
    pipeline, fit_options = _prepare(options, checkpoint, n_jobs, verbose)
    if on_epoch is not None:
        fit_options["on_epoch"] = on_epoch
    sequences = find_sequences(pipeline, data, options, on_progress=on_progress)
    fit_steps(pipeline, sequences, options, **fit_options)
    duration_s = time.perf_counter() - started
    return _gather(pipeline, sequences, options, duration_s)


def _check_limits(data: TrainingData, options: RecogniserOptions) -> None:
    """Raise before training, not after it, where limits or calibration cannot work."""
    limits = options.limits or {}
    Limits.checked(limits, owner="train_recogniser")
    is_watched = data.validation is not None
    if limits.get("min_familiarity") and not (is_watched or options.calibrate):
        raise ValueError(
            "A limit for familiarity needs clips that the net has not learned from. "
            "Name validation clips, or calibrate."
        )
    if options.calibrate and not is_watched:
        check_enough_clips(data.clips.label_sets)


def _prepare(
    options: RecogniserOptions,
    checkpoint: str | PathLike[str] | None,
    n_jobs: int | None,
    verbose: int,
) -> tuple[Pipeline, dict[str, Any]]:
    """Return a pipeline to train, and what its classifier's ``fit`` needs to know."""
    pipeline = prepare_pipeline(options, n_jobs=n_jobs, verbose=verbose)
    fit_options: dict[str, Any] = {}
    if checkpoint is not None:
        fit_options["checkpoint"] = checkpoint
    if options.start_from is not None:
        pipeline, weights = take_over(pipeline, options.start_from)
        fit_options |= {"start_from": weights, "freeze": options.freeze}
    return pipeline, fit_options


def _gather(
    pipeline: Pipeline,
    sequences: TrainingSequences,
    options: RecogniserOptions,
    duration_s: float,
) -> TrainingResult:
    classifier = pipeline[-1]
    return TrainingResult(
        pipeline=pipeline,
        preset=options.preset,
        classes=tuple(str(label) for label in classifier.classes_),
        n_clips=len(sequences.clips),
        n_epochs=len(classifier.history_),
        n_parameters=_count_trainable(classifier),
        duration_s=duration_s,
        kept_epoch=_kept_epoch(classifier),
        scores=_score(pipeline, sequences),
        fingerprint=sequences.data.clips.fingerprint(),
        data=collect_facts(classifier, sequences, options),
        limits=dict(options.limits or {}),
        skipped=sequences.skipped,
    )


def _score(
    pipeline: Pipeline, sequences: TrainingSequences
) -> dict[str, dict[str, Any]]:
    learned = (sequences.unvaried, sequences.clips)
    scores = {"training": score_sequences(pipeline, *learned)}
    if sequences.validation is not None and sequences.X_val is not None:
        watched = (sequences.X_val, sequences.validation)
        scores["validation"] = score_sequences(pipeline, *watched)
        scores |= score_epochs(pipeline, *watched)
    return scores


def _kept_epoch(classifier: Any) -> int:
    """Return the epoch whose weights a classifier has after its training."""
    n_epochs = len(classifier.history_)
    best = classifier.best_epoch_
    return best if classifier.keep == "best" and best is not None else n_epochs


def _count_trainable(classifier: Any) -> int:
    module = classifier.net_.module_
    return sum(p.numel() for p in module.parameters() if p.requires_grad)
