"""The clips of a search: which ones, in which folds, and their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf._typing import Progress
from mfccclf.clip_pipeline import variation_of
from mfccclf.datasets import Dataset
from mfccclf.datasets.extracted import ExtractedClips
from mfccclf.errors import DatasetError
from mfccclf.features.front_end_parameters import front_end_runtime_parameters
from mfccclf.search import Fold, make_folds
from mfccclf.search.space import Space
from mfccclf.workflows.extraction import extract_sequences
from mfccclf.workflows.preset_options import SearchOptions
from mfccclf.workflows.training_data import TrainingData

__all__ = ["FOLDS", "SearchClips", "arrange_clips", "check_features"]

# What ``cv`` may be besides a number and "groups".
FOLDS = "folds"


@dataclass(frozen=True, kw_only=True)
class SearchClips:
    """Clips to learn from and to score on, one after the other.

    Attributes
    ----------
    parts : list of Dataset
        The training clips; behind them the validation clips, where these score.
    folds : list of Fold
        Splits of all these clips.
    multilabel : bool
        Whether clips may have any number of labels.
    """

    parts: list[Dataset]
    folds: list[Fold]
    multilabel: bool

    @property
    def paths(self) -> list[str]:
        """The clips' files."""
        return [path for part in self.parts for path in part.paths]

    @property
    def y(self) -> list[Any]:
        """The label of each clip, or its labels."""
        if self.multilabel:
            return [labels for part in self.parts for labels in part.label_sets]
        return [label for part in self.parts for label in part.labels]

    @property
    def groups(self) -> list[str] | None:
        """The group of each clip; None if a part names no groups."""
        groups: list[str] = []
        for part in self.parts:
            if part.groups is None:
                return None
            groups += part.groups
        return groups

    def identity(self) -> list[Any]:
        """Return plain values that differ for other clips, groups or tasks."""
        fingerprints = [part.fingerprint() for part in self.parts]
        return [fingerprints, self.groups, self.multilabel]

    def extract(
        self,
        front_end: Any,
        clips: Any,
        *,
        on_progress: Progress | None = None,
    ) -> NDArray[np.float32] | Sequence[NDArray[np.float32]]:
        """Return X, or one for each part, extracted now or read where it was written.

        Parameters
        ----------
        front_end : MFCCExtractor or another first step of a preset
            Of a candidate.
        clips : list of str or of ClipInput
            The files of all parts; or each followed by its varied copies.
        on_progress : callable, optional
            Called as ``on_progress(done, total)`` while features are extracted.

        Returns
        -------
        X : float32 ndarray of shape (n_clips * n_copies, n_frames, n_features), or list
            Arrays may be mapped from files.
        """
        if not any(isinstance(part, ExtractedClips) for part in self.parts):
            return extract_sequences(front_end, clips, on_progress=on_progress)
        found = [
            part.X
            if isinstance(part, ExtractedClips)
            else extract_sequences(front_end, part.paths, on_progress=on_progress)
            for part in self.parts
        ]
        return found[0] if len(found) == 1 else found


def check_features(
    parts: Sequence[Dataset | None], pipeline: Pipeline, space: Space, preset: str
) -> None:
    """Raise if extracted features are not those that a search needs.

    Parameters
    ----------
    parts : sequence of Dataset or None
        The data.
    pipeline : sklearn.pipeline.Pipeline
        Of the preset.
    space : mapping
        What is searched for, by full names.
    preset : str
        What messages call the pipeline.

    Raises
    ------
    DatasetError
        If the preset, or a candidate, makes other features.
    """
    varies = "variation__n_variations" in space
    n_copies = 2 if varies else variation_of(pipeline).n_copies
    step = f"{pipeline.steps[0][0]}__"
    names = [name.removeprefix(step) for name in space if name.startswith(step)]
    changing = [n for n in names if n not in front_end_runtime_parameters()]
    for part in parts:
        if not isinstance(part, ExtractedClips):
            continue
        part.check_front_end(pipeline[0].describe(), preset)
        part.check_unvaried(n_copies)
        if changing:
            raise DatasetError(
                f"{part.source} holds features that are made already, so "
                f"{changing[0]!r} cannot be searched for. Search with the clips "
                "themselves, or leave it out."
            )


def arrange_clips(data: TrainingData, options: SearchOptions) -> SearchClips:
    """Return all clips that a search needs, and the folds over them.

    Parameters
    ----------
    data : TrainingData
        Validation clips are scored on where the options name no folds.
    options : SearchOptions
        How to search.

    Returns
    -------
    clips : SearchClips
        Clips and folds.

    Raises
    ------
    ValueError
        If there are too few clips or groups for the folds.
    """
    multilabel = options.multilabel or data.clips.multilabel
    clips = data.clips if options.use_groups else replace(data.clips, groups=None)
    if data.validation is not None and options.cv is None:
        parts = [clips, data.validation]
        return SearchClips(
            parts=parts, folds=[_official_fold(*parts)], multilabel=multilabel
        )
    groups, cv = _choose_groups(clips, options)
    folds = make_folds(
        clips.label_sets if multilabel else clips.labels,
        groups=groups,
        cv=cv,
        random_state=options.random_state,
    )
    return SearchClips(parts=[clips], folds=folds, multilabel=multilabel)


def _choose_groups(
    clips: Dataset, options: SearchOptions
) -> tuple[list[str] | None, int | str | None]:
    """Return what folds keep together, and how many: official folds go first."""
    is_open = options.cv is None and options.use_groups
    if options.cv != FOLDS and not (is_open and clips.folds is not None):
        return clips.groups, options.cv
    if clips.folds is None:
        raise DatasetError(
            f"{clips.name} has no official folds. Add a column 'fold' to its CSV file, "
            "or give a number of folds."
        )
    return clips.folds, "groups"


def _official_fold(clips: Dataset, validation: Dataset) -> Fold:
    n_train, n_all = len(clips), len(clips) + len(validation)
    return Fold(
        name="validation", train=np.arange(n_train), test=np.arange(n_train, n_all)
    )
