"""Train a preset on labelled clips and keep all that is worth knowing about it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from mfccclf._memory import keep_freed_memory
from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.estimators.familiarity.cross_calibration import check_enough_clips
from mfccclf.persistence import save_model
from mfccclf.prediction.decisions import Limits
from mfccclf.presets import load_preset
from mfccclf.workflows._fitting import (
    Material,
    find_material,
    fit_after_extraction,
    prepare_pipeline,
)
from mfccclf.workflows._scoring import score_clips, score_epochs
from mfccclf.workflows._transfer import describe_start, take_over
from mfccclf.workflows.data_choice import check_validation_labels, load_clips
from mfccclf.workflows.epochs import pipeline_at

__all__ = ["TrainingResult", "load_training_data", "train_recogniser"]


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """A trained pipeline and how its training went.

    Attributes
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Fitted: paths of clips in, labels out.
    preset : str
        Name of the preset, or path of its file.
    classes : tuple of str
        The labels it tells apart.
    n_clips : int
        Clips that it learned from.
    n_epochs : int
        Epochs that it was trained for.
    n_parameters : int
        Trainable parameters of the net.
    duration_s : float
        Seconds that extraction and training took.
    kept_epoch : int
        Epoch whose weights the pipeline has, from 1.
    scores : dict
        "training" and, where there are such clips, "validation": what
        `mfccclf.evaluate` returns. Where the training was watched, also "validation,
        best epoch" and "validation, last epoch".
    fingerprint : str
        Hash of the training clips and their labels.
    data : dict
        Name and layout of the data, numbers of clips and the seed.
    limits : dict, default={}
        What a clip must reach to get a label: "min_confidence", "min_familiarity".
    """

    pipeline: Pipeline
    preset: str
    classes: tuple[str, ...]
    n_clips: int
    n_epochs: int
    n_parameters: int
    duration_s: float
    kept_epoch: int
    scores: dict[str, dict[str, Any]]
    fingerprint: str
    data: dict[str, Any]
    limits: dict[str, float] = field(default_factory=dict)

    def other_epoch(self) -> TrainingResult | None:
        """Return the result with the weights of the epoch that was not kept.

        Returns
        -------
        result : TrainingResult or None
            The last epoch where the best was kept, and the best where the last was;
            None where the training was not watched with validation clips.
        """
        epoch = "last" if self.pipeline[-1].keep == "best" else "best"
        pipeline = pipeline_at(self.pipeline, epoch)
        if pipeline is None:
            return None
        scores = {"validation": self.scores[f"validation, {epoch} epoch"]}
        # That epoch's net does not tell how familiar a clip is.
        limits = {k: v for k, v in self.limits.items() if k != "min_familiarity"}
        kept = self.n_epochs if epoch == "last" else self.pipeline[-1].best_epoch_
        return replace(
            self, pipeline=pipeline, scores=scores, limits=limits, kept_epoch=kept
        )

    def save(self, path: str | PathLike[str], *, card: str | None = None) -> Path:
        """Write the model file.

        Parameters
        ----------
        path : str or path-like
            File to write, ending in ``.mfccclf``.
        card : str, optional
            Model card in Markdown, in place of the one made from the facts.

        Returns
        -------
        path : pathlib.Path
            The file.
        """
        metadata = {
            "preset": self.preset,
            "training": {
                **self.data,
                "fingerprint": self.fingerprint,
                "n_epochs": self.n_epochs,
                "kept_epoch": self.kept_epoch,
                "n_parameters": self.n_parameters,
                "duration_s": round(self.duration_s, 1),
            },
            "scores": self.scores,
            "history": self.pipeline[-1].history_,
            **({"limits": self.limits} if self.limits else {}),
        }
        return save_model(self.pipeline, path, metadata=metadata, card=card)


def load_training_data(
    data: str | PathLike[str],
    *,
    validation: str | PathLike[str] | None = None,
    layout: str = "auto",
    preset: str | None = None,
    target: str | None = None,
    exclude: Sequence[str] | None = None,
) -> tuple[Dataset, Dataset | None]:
    """Load the clips to learn from, and the clips to watch the training with.

    Parameters
    ----------
    data : str or path-like
        What `mfccclf.load_dataset` reads, or features that `extract_to_disk` wrote.
        Where it has official splits, only the training split is learned from.
    validation : str or path-like, optional
        Other data for validation, in place of the official validation split.
    layout : str, default="auto"
        As for `mfccclf.load_dataset`.
    preset : str, optional
        Preset whose target and exclusions hold where the next two are None.
    target, exclude : str and sequence of str, optional
        As for `mfccclf.load_dataset`.

    Returns
    -------
    clips : Dataset
        To learn from.
    watched : Dataset or None
        To watch; None where there are none.

    Raises
    ------
    DatasetError
        If the data cannot be used, or hold fewer than two labels.
    """
    choice: dict[str, Any] = {
        "layout": layout,
        "target": target,
        "exclude": exclude,
        "usual": load_preset(preset).data if preset else {},
    }
    loaded = load_clips(data, **choice)
    splits = set(loaded.splits or ())
    clips = loaded.select("train") if splits else loaded
    clips.check_trainable()
    if validation is not None:
        return clips, load_clips(validation, **choice)
    return clips, loaded.select("validation") if "validation" in splits else None


def train_recogniser(
    clips: Dataset,
    *,
    preset: str = "default",
    overrides: Mapping[str, Any] | None = None,
    validation: Dataset | None = None,
    random_state: int | None = 0,
    n_jobs: int | None = None,
    verbose: int = 0,
    on_progress: Progress | None = None,
    checkpoint: str | PathLike[str] | None = None,
    multilabel: bool = False,
    start_from: str | PathLike[str] | None = None,
    freeze: bool = False,
    more: Dataset | None = None,
    others: Dataset | None = None,
    other_weight: float = 0.5,
    calibrate: bool = False,
    limits: Mapping[str, float] | None = None,
    thresholds: Sequence[float] | None = None,
) -> TrainingResult:
    """Train a preset on labelled clips.

    Where clips have several labels, each label has a threshold of its own: tuned on the
    validation clips where there are any, else as given, else 0.5. The process keeps the
    memory that it has once used, see `mfccclf.keep_freed_memory`.

    Parameters
    ----------
    clips : Dataset
        To learn from.
    preset : str, default="default"
        As for `mfccclf.make_pipeline`.
    overrides : mapping, optional
        Parameters that differ from the preset, as for `mfccclf.make_pipeline`.
    validation : Dataset, optional
        Clips to watch the training with; they decide when to stop where the preset
        stops early, and are never learned from.
    random_state : int or None, default=0
        Equal seeds give equal nets.
    n_jobs : int, optional
        Processes for feature extraction.
    verbose : int, default=0
        As for `mfccclf.LSTMClassifier`.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` during extraction.
    checkpoint : path-like, optional
        File that keeps the state of the training, as for `mfccclf.LSTMClassifier.fit`;
        remove it when the result is saved.
    multilabel : bool, default=False
        Whether clips may have any number of labels though each of these has one. Data
        in which a clip has several need not say so.
    start_from : str or path-like, optional
        Shipped model or model file with the same features and layers, whose weights to
        start from; the output layer is new. Its scaler is used as it is.
    freeze : bool, default=False
        Whether to train the output layer alone.
    more : Dataset, optional
        More clips of the same labels, see `load_more_clips`, to learn from, such as
        rendered ones. They are not watched, and `clips` alone give the fingerprint.
    others : Dataset, optional
        Clips that have none of the labels, see `load_other_clips`, to learn from.
    other_weight : float, default=0.5
        How much they count, as for `mfccclf.LSTMClassifier.fit`.
    calibrate : bool, default=False
        Whether to make probabilities and familiarity fit the validation clips; without
        any, by training three times more, each time without a third of the clips.
    limits : mapping, optional
        "min_confidence" and "min_familiarity" that a clip must reach to get a label, to
        be kept in the model file.
    thresholds : sequence of float of shape (n_labels,), optional
        Threshold of each label in sorted order, as a search found them.

    Returns
    -------
    result : TrainingResult
        The fitted pipeline with scores and facts.

    Raises
    ------
    DatasetError
        If validation clips have labels that no training clip has, or features on disk
        are not those of the preset.
    AudioFileError
        If a clip cannot be read.
    ModelFileError
        If the model to start from cannot be read.
    ValueError
        If it has other features or layers, a limit is out of range, or one for
        familiarity is asked for without validation clips and ``calibrate``; or if
        there are too few clips to calibrate without validation clips.
    """
    limits = dict(limits or {})
    _check_limits(limits, clips, validation, calibrate=calibrate)
    check_validation_labels(clips, validation)
    started = time.perf_counter()
    keep_freed_memory()
    pipeline = prepare_pipeline(
        preset,
        overrides or {},
        random_state=random_state,
        verbose=verbose,
        n_jobs=n_jobs,
    )
    options: dict[str, Any] = {} if checkpoint is None else {"checkpoint": checkpoint}
    if start_from is not None:
        pipeline, start = take_over(pipeline, start_from)
        options |= {"start_from": start, "freeze": freeze}
    material = find_material(
        pipeline,
        preset,
        clips,
        validation=validation,
        more=more,
        others=others,
        on_progress=on_progress,
    )
    several = multilabel or material.clips.multilabel
    fit_after_extraction(
        pipeline,
        material,
        several=several,
        calibrate=calibrate,
        other_weight=other_weight,
        **options,
    )
    classifier = pipeline[-1]
    if several and validation is None and thresholds is not None:
        classifier.thresholds_ = np.array(thresholds)
    return TrainingResult(
        pipeline=pipeline,
        preset=preset,
        classes=tuple(str(label) for label in classifier.classes_),
        n_clips=len(material.clips),
        n_epochs=len(classifier.history_),
        n_parameters=_count_trainable(classifier),
        duration_s=time.perf_counter() - started,
        kept_epoch=_kept_epoch(classifier),
        scores=_score_material(pipeline, material),
        fingerprint=clips.fingerprint(),
        data={
            "data": clips.name,
            "layout": clips.layout,
            "n_clips": len(material.clips),
            "n_validation_clips": len(validation) if validation else 0,
            "seed": random_state,
            **({"thresholds": _origin(validation, thresholds)} if several else {}),
            **describe_start(start_from, freeze=freeze),
            **_describe_clips("more", more),
            **_describe_clips("other", others),
            **({} if others is None else {"other_weight": other_weight}),
            **({"temperature": classifier.temperature_} if calibrate else {}),
            **_choice_of(clips),
        },
        limits=limits,
    )


def _check_limits(
    limits: Mapping[str, float],
    clips: Dataset,
    validation: Dataset | None,
    *,
    calibrate: bool,
) -> None:
    """Raise before a training, not after it, if limits or calibration cannot be had."""
    Limits.checked(limits, owner="train_recogniser")
    if limits.get("min_familiarity") and validation is None and not calibrate:
        raise ValueError(
            "A limit for familiarity takes clips that the net has not learned from. "
            "Name validation clips, or calibrate."
        )
    if calibrate and validation is None:
        check_enough_clips(clips.label_sets)


def _score_material(
    pipeline: Pipeline, material: Material
) -> dict[str, dict[str, Any]]:
    scores = {"training": score_clips(pipeline, material.X, material.clips)}
    if material.validation is not None and material.X_val is not None:
        watched = (material.X_val, material.validation)
        scores["validation"] = score_clips(pipeline, *watched)
        scores |= score_epochs(pipeline, *watched)
    return scores


def _choice_of(clips: Dataset) -> dict[str, Any]:
    """Return what `evaluate` must choose to see labels of the same kind."""
    choice: dict[str, Any] = {}
    if clips.target is not None:
        choice["target"] = clips.target
    if clips.exclude:
        choice["exclude"] = list(clips.exclude)
    return choice


def _describe_clips(kind: str, clips: Dataset | None) -> dict[str, Any]:
    """Return what a model file keeps of clips that were learned from besides."""
    if clips is None:
        return {}
    return {
        f"{kind}_data": clips.name,
        f"n_{kind}_clips": len(clips.paths),
        f"{kind}_fingerprint": clips.fingerprint(),
    }


def _origin(validation: Dataset | None, thresholds: Sequence[float] | None) -> str:
    """Tell where the thresholds come from."""
    if validation is not None:
        return "tuned on the validation clips"
    return "0.5" if thresholds is None else "tuned on the folds of a search"


def _kept_epoch(classifier: Any) -> int:
    """Return the epoch whose weights a classifier has after its training."""
    n_epochs = len(classifier.history_)
    best = classifier.best_epoch_
    return best if classifier.keep == "best" and best is not None else n_epochs


def _count_trainable(classifier: Any) -> int:
    module = classifier.net_.module_
    return sum(p.numel() for p in module.parameters() if p.requires_grad)
