"""The sequences that a training learns from."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf._array_blocks import row_blocks
from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.datasets.extracted import ExtractedClips
from mfccclf.datasets.problems import shorten
from mfccclf.sequences import join_sequences, sequence_lengths
from mfccclf.waveform.paths import printable
from mfccclf.workflows.extraction import extract_sequences
from mfccclf.workflows.preset_options import RecogniserOptions
from mfccclf.workflows.training_data import TrainingData

__all__ = [
    "TrainingSequences",
    "find_sequences",
    "transform_in_blocks",
    "warn_of_long_clips",
]

Sequences = NDArray[np.float32]

# How many times as long as the median a clip may be without a warning.
_MANY_TIMES = 10


@dataclass(frozen=True, kw_only=True)
class TrainingSequences:
    """What a classifier learns from: sequences, and what is known of their clips.

    Attributes
    ----------
    X, clips : float32 ndarray of shape (n_clips, n_frames, n_features) and Dataset
        To learn from.
    X_val, validation : ndarray and Dataset, or None
        To watch the training with.
    X_ood : ndarray or None
        Out-of-distribution clips.
    multilabel : bool
        Whether a clip may have any number of labels.
    """

    X: Sequences
    clips: Dataset
    X_val: Sequences | None
    validation: Dataset | None
    X_ood: Sequences | None
    multilabel: bool

    @property
    def y(self) -> Any:
        """The label of each clip, or its labels."""
        return self._targets(self.clips)

    @property
    def y_val(self) -> Any:
        """The same of the validation clips; None without any."""
        return None if self.validation is None else self._targets(self.validation)

    @property
    def groups(self) -> NDArray[np.str_] | None:
        """The group of each clip, where the data name groups."""
        return None if self.clips.groups is None else np.array(self.clips.groups)

    def transform(self, step: Any) -> TrainingSequences:
        """Return the same with sequences that a fitted step has transformed."""

        def apply(X: Sequences | None) -> Sequences | None:
            return None if X is None else transform_in_blocks(step, X)

        return replace(
            self,
            X=transform_in_blocks(step, self.X),
            X_val=apply(self.X_val),
            X_ood=apply(self.X_ood),
        )

    def _targets(self, clips: Dataset) -> Any:
        return clips.label_sets if self.multilabel else np.array(clips.labels)


def find_sequences(
    pipeline: Pipeline,
    data: TrainingData,
    options: RecogniserOptions,
    *,
    on_progress: Progress | None = None,
) -> TrainingSequences:
    """Extract the sequences of all clips, or read them where they were written.

    Parameters
    ----------
    pipeline : Pipeline
        Whose front end makes them; it is fitted.
    data : TrainingData
        The clips.
    options : RecogniserOptions
        What to train.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` while ``data.clips`` are extracted.

    Returns
    -------
    sequences : TrainingSequences
        ``data.clips`` and ``data.more`` are joined.
    """

    def find(clips: Dataset | None) -> Sequences | None:
        return None if clips is None else _find_part(front_end, clips, preset)

    front_end, preset = pipeline[0], options.preset
    X = _find_part(front_end, data.clips, preset, on_progress)
    if data.more is not None:
        X = join_sequences(X, _find_part(front_end, data.more, preset))
    clips = data.learned
    warn_of_long_clips(X, clips.paths)
    return TrainingSequences(
        X=X,
        clips=clips,
        X_val=find(data.validation),
        validation=data.validation,
        X_ood=find(data.ood),
        multilabel=options.multilabel or clips.multilabel,
    )


def warn_of_long_clips(X: Sequences, paths: Sequence[str]) -> None:
    """Warn of clips that are many times as long as most, in one line.

    Parameters
    ----------
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        Sequences; those mapped from a file are not looked at.
    paths : sequence of str
        The clips' files.
    """
    if isinstance(X, np.memmap) or X.ndim != 3:
        return
    lengths = sequence_lengths(X)
    ratios = lengths / max(1.0, float(np.median(lengths)))
    long = np.flatnonzero(ratios > _MANY_TIMES)
    if not len(long):
        return
    ordered = long[np.argsort(-ratios[long], kind="stable")]
    named = [f"{printable(str(paths[i]))} ({ratios[i]:.0f} times)" for i in ordered]
    warnings.warn(
        f"Clips that are more than {_MANY_TIMES} times as long as the median: "
        f"{shorten(named)}. They take most of the time and memory. Cut them with "
        "'mfccclf dataset cut'.",
        UserWarning,
        stacklevel=3,
    )


def transform_in_blocks(step: Any, X: Sequences) -> Sequences:
    """Transform sequences; where X is mapped from a file, into a temporary file.

    Parameters
    ----------
    step : transformer
        Fitted; it must keep the shape of X, and treat clips one by one.
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        In memory or mapped.

    Returns
    -------
    X : float32 ndarray of the same shape
        A temporary file is removed with the array.
    """
    if not isinstance(X, np.memmap):
        transformed: Sequences = step.transform(X)
        return transformed
    with tempfile.TemporaryFile() as file:
        mapped = np.memmap(file, np.float32, "w+", shape=X.shape)
    for block, target in zip(row_blocks(X), row_blocks(mapped), strict=True):
        target[:] = step.transform(block)
    return mapped


def _find_part(
    front_end: Any,
    clips: Dataset,
    preset: str,
    on_progress: Progress | None = None,
) -> Sequences:
    if not isinstance(clips, ExtractedClips):
        return extract_sequences(front_end, clips.paths, on_progress=on_progress)
    clips.check_front_end(front_end.describe(), preset)
    front_end.fit(clips.paths)
    return clips.X
