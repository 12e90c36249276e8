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
from mfccclf.features.usable import UsableSequences
from mfccclf.sequences import join_sequences, sequence_lengths
from mfccclf.variation.clip_variation import ClipVariation
from mfccclf.variation.rows import repeat_groups
from mfccclf.waveform.paths import printable
from mfccclf.workflows.bad_clips import ReadPart, SkippedClip, report_bad
from mfccclf.workflows.extraction import extract_usable
from mfccclf.workflows.preset_options import RecogniserOptions
from mfccclf.workflows.training_data import TrainingData

__all__ = [
    "TrainingSequences",
    "find_sequences",
    "read_parts",
    "transform_in_blocks",
    "warn_of_long_clips",
]

Sequences = NDArray[np.float32]

# Parts of the data that are not learned from as labelled clips.
_ASIDE = ("validation", "ood")
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
    data : TrainingData
        The clips, without those that were left out.
    skipped : tuple of SkippedClip, default=()
        The clips that were left out, since they cannot be used.
    n_copies : int, default=1
        Rows of X that each clip takes: one for itself, and one for each varied copy.
    """

    X: Sequences
    clips: Dataset
    X_val: Sequences | None
    validation: Dataset | None
    X_ood: Sequences | None
    multilabel: bool
    data: TrainingData
    skipped: tuple[SkippedClip, ...] = ()
    n_copies: int = 1

    @property
    def unvaried(self) -> Sequences:
        """The sequences of the clips themselves, without their copies."""
        return self.X[:: self.n_copies]

    @property
    def are_clips(self) -> NDArray[np.bool_] | None:
        """Which rows of X are clips themselves; None where there are no copies."""
        if self.n_copies == 1:
            return None
        first: NDArray[np.bool_] = np.arange(len(self.X)) % self.n_copies == 0
        return first

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

    Raises
    ------
    BadClipsError
        If clips of any part cannot be used, unless they are to be left out.
    DatasetError
        If a label has no other clips.
    """
    variation = variation_of(pipeline)
    parts = read_parts(
        pipeline[0], data, options.preset, variation, on_progress=on_progress
    )
    skipped = report_bad(
        [(part.clips, part.bad) for part in parts.values()], skip_bad=options.skip_bad
    )
    used = data.only_usable(parts) if skipped else data
    clips, X = used.learned, parts["clips"].X
    if "more" in parts:
        X = join_sequences(X, parts["more"].X)
    warn_of_long_clips(X[:: variation.n_copies], clips.paths)
    return TrainingSequences(
        X=X,
        clips=clips,
        X_val=parts["validation"].X if "validation" in parts else None,
        validation=used.validation,
        X_ood=parts["ood"].X if "ood" in parts else None,
        multilabel=options.multilabel or clips.multilabel,
        data=used,
        skipped=skipped,
        n_copies=variation.n_copies,
    )


def read_parts(
    front_end: Any,
    data: TrainingData,
    preset: str,
    variation: ClipVariation,
    *,
    on_progress: Progress | None = None,
) -> dict[str, ReadPart]:
    """Extract the sequences of all parts of the data, or read them.

    Parameters
    ----------
    front_end : MFCCExtractor or another first step of a preset
        Makes them; it is fitted.
    data : TrainingData
        The clips.
    preset : str
        What messages call the pipeline.
    variation : ClipVariation
        Copies of all clips but those for validation.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` while ``data.clips`` are extracted.

    Returns
    -------
    parts : dict of str to ReadPart
        By the names of the fields of `TrainingData`, as far as the data have them.
    """
    found = {name: getattr(data, name) for name in ("clips", "more", *_ASIDE)}
    return {
        name: _read_part(
            front_end,
            clips,
            preset,
            ClipVariation() if name == "validation" else variation,
            on_progress if name == "clips" else None,
        )
        for name, clips in found.items()
        if clips is not None
    }


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


def _read_part(
    front_end: Any,
    clips: Dataset,
    preset: str,
    variation: ClipVariation,
    on_progress: Progress | None,
) -> ReadPart:
    if not isinstance(clips, ExtractedClips):
        expanded = variation.expand(clips.paths)
        usable = extract_usable(front_end, expanded, on_progress=on_progress)
        return _with_whole_clips(clips, usable, variation.n_copies)
    clips.check_front_end(front_end.describe(), preset)
    clips.check_unvaried(variation.n_copies)
    front_end.fit(clips.paths)
    return ReadPart(clips, clips.X)


def _with_whole_clips(
    clips: Dataset, usable: UsableSequences, n_copies: int
) -> ReadPart:
    """Return clips all of whose copies can be used, and name each other one once."""
    bad = {one.index // n_copies: one for one in reversed(usable.bad)}
    kept = np.array([row // n_copies not in bad for row in usable.rows], bool)
    X = usable.X if kept.all() else usable.X[kept]
    return ReadPart(
        clips, X, tuple(replace(bad[index], index=index) for index in sorted(bad))
    )
