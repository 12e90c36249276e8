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
from mfccclf.clip_pipeline import variation_of
from mfccclf.datasets import Dataset
from mfccclf.datasets.extracted import ExtractedClips
from mfccclf.datasets.problems import shorten
from mfccclf.sequences import join_sequences, sequence_lengths
from mfccclf.variation.clip_variation import ClipVariation
from mfccclf.variation.rows import repeat_groups
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
    X : float32 ndarray of shape (n_clips * n_copies, n_frames, n_features)
        To learn from: each clip, followed by its varied copies.
    clips : Dataset
        The clips that X was made of.
    X_val, validation : ndarray and Dataset, or None
        To watch the training with.
    X_ood : ndarray or None
        Out-of-distribution clips.
    multilabel : bool
        Whether a clip may have any number of labels.
    n_copies : int, default=1
        Rows of X that each clip takes: one for itself, and one for each varied copy.
    """

    X: Sequences
    clips: Dataset
    X_val: Sequences | None
    validation: Dataset | None
    X_ood: Sequences | None
    multilabel: bool
    n_copies: int = 1

    @property
    def unvaried(self) -> Sequences:
        """The sequences of the clips themselves, without their copies."""
        return self.X[:: self.n_copies]

    @property
    def y(self) -> Any:
        """The label of each row of X, or its labels."""
        return self._targets(self.clips, self.n_copies)

    @property
    def y_val(self) -> Any:
        """The same of the validation clips; None without any."""
        return None if self.validation is None else self._targets(self.validation)

    @property
    def groups(self) -> NDArray[Any] | None:
        """The group of each row, where the data name groups or clips have copies."""
        return repeat_groups(self.clips.groups, len(self.clips), self.n_copies)

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

    def _targets(self, clips: Dataset, n_copies: int = 1) -> Any:
        if self.multilabel:
            return [labels for labels in clips.label_sets for _ in range(n_copies)]
        return np.repeat(np.array(clips.labels), n_copies)


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
        ``data.clips`` and ``data.more`` are joined. Validation clips are not varied;
        out-of-distribution clips are, or a net would learn variation as a sign.
    """

    def find(clips: Dataset | None, variation: ClipVariation) -> Sequences | None:
        if clips is None:
            return None
        return _find_part(front_end, clips, preset, variation)

    front_end, preset = pipeline[0], options.preset
    varied, unvaried = variation_of(pipeline), ClipVariation()
    X = _find_part(front_end, data.clips, preset, varied, on_progress)
    if data.more is not None:
        X = join_sequences(X, _find_part(front_end, data.more, preset, varied))
    clips, n_copies = data.learned, varied.n_copies
    warn_of_long_clips(X[::n_copies], clips.paths)
    return TrainingSequences(
        X=X,
        clips=clips,
        X_val=find(data.validation, unvaried),
        validation=data.validation,
        X_ood=find(data.ood, varied),
        multilabel=options.multilabel or clips.multilabel,
        n_copies=n_copies,
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
    variation: ClipVariation,
    on_progress: Progress | None = None,
) -> Sequences:
    if not isinstance(clips, ExtractedClips):
        expanded = variation.expand(clips.paths)
        return extract_sequences(front_end, expanded, on_progress=on_progress)
    clips.check_front_end(front_end.describe(), preset)
    clips.check_unvaried(variation.n_copies)
    front_end.fit(clips.paths)
    return clips.X
