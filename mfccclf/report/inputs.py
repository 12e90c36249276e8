"""What a report is made from: a model, clips, and what the model said of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf.datasets import Dataset
from mfccclf.estimators import count_parameters
from mfccclf.evaluation import Calibration, measure_calibration
from mfccclf.features.protocol import reach_s
from mfccclf.persistence import load_model
from mfccclf.prediction import open_model
from mfccclf.prediction.front_end import build_extraction
from mfccclf.waveform import Reading
from mfccclf.workflows import EvaluationResult

__all__ = ["ReportInputs", "collect_inputs", "slug"]


@dataclass(frozen=True, kw_only=True)
class ReportInputs:
    """A model, clips, and what the model said of them.

    Attributes
    ----------
    model : str
        Name of the model.
    config : dict
        What the model file says about itself.
    front_end_graphs : mapping of str to bytes
        Graphs of the pre-trained nets that the model file brings along.
    n_bytes, n_parameters : int
        Size of the model file, and trainable parameters of its net.
    clips : Dataset
        The labelled clips.
    result : EvaluationResult
        The scores of the model on the clips.
    """

    model: str
    config: Mapping[str, Any]
    front_end_graphs: Mapping[str, bytes]
    n_bytes: int
    n_parameters: int
    clips: Dataset
    result: EvaluationResult

    @property
    def training(self) -> dict[str, Any]:
        """What the model file says about its training; may be empty."""
        facts = self.config.get("training")
        return facts if isinstance(facts, dict) else {}

    @property
    def scores(self) -> dict[str, Any]:
        """What `mfccclf.evaluate` returned."""
        return self.result.scores

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Score of each class for each clip."""
        return self.result.probabilities

    @property
    def multilabel(self) -> bool:
        """Whether each clip may have any number of labels."""
        return bool(self.config["task"] == "multi-label")

    @cached_property
    def labels(self) -> list[str]:
        """The model's classes as texts, in the order of the scores."""
        return [str(label) for label in self.config["classes"]]

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Whether each clip has each label, of shape (n_clips, n_classes)."""
        sets = self.clips.label_sets
        if not self.multilabel:
            sets = [(label,) for label in self.clips.labels]
        rows = [[label in found for label in self.labels] for found in sets]
        return np.array(rows, dtype=bool)

    @cached_property
    def true(self) -> NDArray[np.int64]:
        """Column of each clip's label, where each has one."""
        columns: NDArray[np.int64] = self.present.argmax(axis=1)
        return columns

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """Column of each clip's highest score."""
        columns: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return columns

    @cached_property
    def answers(self) -> NDArray[np.bool_]:
        """Whether the model gave each label, of shape (n_clips, n_classes)."""
        if self.multilabel:
            thresholds = np.asarray(self.config["thresholds"], dtype=np.float64)
            given: NDArray[np.bool_] = self.probabilities >= thresholds
        else:
            given = self.predicted[:, None] == np.arange(len(self.labels))
        return given

    @cached_property
    def calibration(self) -> Calibration:
        """Scores against right answers; against all labels of a multilabel model."""
        scores = np.clip(self.probabilities, 0.0, 1.0)
        if self.multilabel:
            return measure_calibration(scores.ravel(), self.present.ravel())
        right = self.predicted == self.true
        return measure_calibration(scores.max(axis=1), right)

    @cached_property
    def heard_s(self) -> float | None:
        """Seconds that the model hears of a clip, from its start; None for all."""
        return reach_s(
            build_extraction(self.config["front_end"], self.front_end_graphs)
        )

    @cached_property
    def reading(self) -> Reading:
        """How the model reads sound files."""
        return Reading.from_config(self.config["front_end"], owner=self.model)

    @cached_property
    def history(self) -> dict[str, NDArray[np.float64]] | None:
        """Learning curves by name; None if the model file has none."""
        return _read_history(self.config.get("history"))

    @property
    def kept_epoch(self) -> int | None:
        """The epoch whose weights the model has, from 1; None if unknown."""
        epoch = self.training.get("kept_epoch")
        return epoch if isinstance(epoch, int) and epoch > 0 else None

    def file_name(self, clip: int) -> str:
        """Return a clip's path within the data."""
        path, root = Path(self.clips.paths[clip]), self.clips.root
        if root and path.is_relative_to(root):
            path = path.relative_to(root)
        # A clip outside the data is named by its folder and file, on every machine.
        is_within = not path.is_absolute() and ".." not in path.parts
        return path.as_posix() if is_within else "/".join(path.parts[-2:])


def collect_inputs(
    model: str | PathLike[str], clips: Dataset, result: EvaluationResult
) -> ReportInputs:
    """Collect what a report is made from.

    Parameters
    ----------
    model : str or path-like
        Name of a shipped model, or a model file.
    clips : Dataset
        Labelled clips; those that the result leaves out are not shown.
    result : EvaluationResult
        What `evaluate_model` returned for them.

    Returns
    -------
    inputs : ReportInputs
        What the pages, pictures and manifest are made from.
    """
    model_file = open_model(model)
    classifier = load_model(model)[-1]
    return ReportInputs(
        model=Path(fspath(model)).name,
        config=model_file.config,
        front_end_graphs=model_file.front_end_graphs,
        n_bytes=model_file.n_bytes,
        n_parameters=count_parameters(classifier.net_.module_)[0],
        clips=clips if result.clips is None else result.clips,
        result=result,
    )


def slug(text: str, limit: int = 40) -> str:
    """Return a text as part of a file name: plain letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:limit]


_CURVES = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy")


def _read_history(rows: Any) -> dict[str, NDArray[np.float64]] | None:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    curves = {
        name: np.array([_number(row.get(name)) for row in rows], dtype=np.float64)
        for name in _CURVES
    }
    return curves if np.isfinite(curves["train_loss"]).any() else None


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
